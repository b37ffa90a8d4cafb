using System.Globalization;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.Providers;
using Microsoft.Data.Sqlite;

namespace AdminPortal.Benchmarks;

/// <summary>Attempts that wait for their callback: one made as a person makes it, and copies of it with states of their own.</summary>
internal static class AwaitingAttempts
{
    public const string ClientId = "benchmark-client";
    public const string CallbackUrl = "http://127.0.0.1:5080/oauth/callback";

    /// <summary>The value of the cookie of the browser that left for all of them.</summary>
    public static string Browser { get; } = OneTimeValue.Create();

    /// <summary>Adds so many attempts; the answer is their states.</summary>
    public static async Task<IReadOnlyList<string>> AddAsync(PortalFile file, AccountInput platform, int count)
    {
        var account = (await file.Get<AccountService>().SaveAsync(platform, Actor.Portal, CancellationToken.None)).Value;
        var app = (await file.Get<ProviderAppService>().SaveAsync(
            new ProviderAppInput { Name = "App", ClientId = ClientId, ClientSecret = "benchmark-secret" }, Actor.Portal, CancellationToken.None)).Value;
        var drafts = file.Get<DraftService>();
        var draft = (await drafts.StartAsync(new ElementChoice { ElementKey = ElementKey.Rest, PlatformAccountId = account }, Actor.Portal, CancellationToken.None)).Value;
        await drafts.SaveProviderAsync(draft, new ProviderChoice { ProviderAppId = app }, Actor.Portal, CancellationToken.None);
        await drafts.SaveOptionsAsync(draft, new InstanceOptions { Name = "Benchmark", Tags = ["docs"] }, Actor.Portal, CancellationToken.None);
        var consents = file.Get<ConsentService>();
        var lines = (await consents.AuthorizeAsync(draft, PreflightContext.Unattended, Actor.Portal, CancellationToken.None)).Lines;
        if (lines.FirstOrDefault(line => line.Level == CheckLevel.Failed) is { } failed) throw new InvalidOperationException($"{failed.Title}: {failed.Detail}");
        await consents.LeaveAsync(draft, OneTimeValue.Hash(Browser), Actor.Portal, CancellationToken.None);
        return await CopyAsync(file.ConnectionString, draft, count);
    }

    private static async Task<IReadOnlyList<string>> CopyAsync(string connectionString, Guid draft, int count)
    {
        await using var connection = new SqliteConnection(connectionString);
        await connection.OpenAsync();
        List<string> columns = [];
        await using (var read = connection.CreateCommand())
        {
            read.CommandText = "SELECT name FROM pragma_table_info('Attempts')";
            await using var reader = await read.ExecuteReaderAsync();
            while (await reader.ReadAsync()) columns.Add(reader.GetString(0));
        }

        await using var transaction = await connection.BeginTransactionAsync();
        await using var copy = connection.CreateCommand();
        copy.Transaction = (SqliteTransaction)transaction;
        copy.CommandText = $"INSERT INTO Attempts ({string.Join(", ", columns)}) SELECT {string.Join(", ", columns.Select(column => column switch
        {
            "Id" => "$id",
            "StateHash" => "$state",
            "ConsentExpiresAt" => DateTimeOffset.UtcNow.AddHours(1).UtcTicks.ToString(CultureInfo.InvariantCulture),
            _ => column,
        }))} FROM Attempts WHERE Id = $draft";
        var id = copy.Parameters.Add("$id", SqliteType.Text);
        var state = copy.Parameters.Add("$state", SqliteType.Blob);
        copy.Parameters.AddWithValue("$draft", draft.ToString().ToUpperInvariant());
        var states = new List<string>(count);
        for (var number = 0; number < count; number++)
        {
            states.Add(OneTimeValue.Create());
            id.Value = Guid.CreateVersion7().ToString().ToUpperInvariant();
            state.Value = OneTimeValue.Hash(states[^1]);
            if (await copy.ExecuteNonQueryAsync() != 1) throw new InvalidOperationException("The first attempt is not there to be copied.");
        }

        await transaction.CommitAsync();
        return states;
    }
}
