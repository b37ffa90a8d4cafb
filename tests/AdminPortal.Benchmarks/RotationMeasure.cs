using System.Diagnostics;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Keys;
using AdminPortal.Provisioning.Maintenance;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Secret = AdminPortal.Domain.Secrets.Secret;

namespace AdminPortal.Benchmarks;

/// <summary>A full rotation of so many tokens, against a loop that opens and seals as many in memory, and an update of as many rows.</summary>
internal static class RotationMeasure
{
    private const int Batch = 1000;

    private static readonly Actor Somebody = Actor.Portal;

    public static async Task RunAsync(int values)
    {
        using var portal = await PortalFile.OpenAsync(values, "rotation");
        var box = portal.Get<ISecretBox>();
        using var connection = new SqliteConnection(portal.ConnectionString);
        connection.Open();
        var tokens = Read(connection);

        // Every token sealed for its own row, as a sync leaves them.
        var sealing = Stopwatch.StartNew();
        for (var i = 0; i < tokens.Count; i++) tokens[i] = tokens[i] with { Text = box.Seal(SecretKind.InstanceToken, tokens[i].Id, tokens[i].Origin, $"ABC/D{tokens[i].Number:0000000000}{new string('x', 29)}=").Ciphertext };
        Say("seals in memory, one after the other", tokens.Count, sealing.Elapsed);
        Say("SQL: updates as many rows, a thousand in a transaction", tokens.Count, Update(connection, tokens));

        var bare = Stopwatch.StartNew();
        foreach (var token in tokens) _ = box.Seal(SecretKind.InstanceToken, token.Id, token.Origin, box.Open(new Secret(SecretKind.InstanceToken, token.Id, new Sealed(token.Text)), token.Origin));
        bare.Stop();
        Say("bare loop: opens and seals in memory, one after the other", tokens.Count, bare.Elapsed);
        var update = Update(connection, tokens);
        Say("SQL: the same rows once more", tokens.Count, update);

        var keys = portal.Get<KeyService>();
        var count = Stopwatch.StartNew();
        var counted = (await keys.CountAsync(Somebody, CancellationToken.None)).Value;
        Console.WriteLine($"counting them by key: {count.Elapsed.TotalSeconds:0.00} s for {counted.Total:N0} values");
        var workers = portal.Services.GetServices<IHostedService>().Where(service => service.GetType().Namespace == typeof(KeyService).Namespace).ToList();
        foreach (var worker in workers) await worker.StartAsync(CancellationToken.None);
        var rotation = Stopwatch.StartNew();
        _ = (await keys.RotateAsync(Somebody, CancellationToken.None)).Value;
        RotationView? latest;
        using (var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(250)))
        {
            do
            {
                await poll.WaitForNextTickAsync();
                latest = (await keys.FindAsync(Somebody, CancellationToken.None)).Value.Latest;
            }
            while (latest is null or { State: RotationState.Running });
        }

        rotation.Stop();
        foreach (var worker in workers) await worker.StopAsync(CancellationToken.None);
        Say("rotation, read back and proved", (int)latest.Resealed, rotation.Elapsed);
        Console.WriteLine($"passes: {latest.Pass}; do not open: {latest.Unreadable}");
        Console.WriteLine($"time against the loop and the update together: {rotation.Elapsed / (bare.Elapsed + update):0.00}");
        if (latest.Unreadable > 0 || latest.Resealed < values) throw new InvalidOperationException("The rotation has left something behind.");
        tokens = Read(connection);
        foreach (var token in tokens.Where((_, i) => i % 997 == 0)) _ = box.Open(new Secret(SecretKind.InstanceToken, token.Id, new Sealed(token.Text)), token.Origin);
        await ResealAsync(portal, connection, tokens);
    }

    // The same tokens as the first release left them: the start step seals them again.
    private static async Task ResealAsync(PortalFile portal, SqliteConnection connection, List<Token> tokens)
    {
        var former = portal.Get<IDataProtectionProvider>().CreateProtector("AdminPortal.Secrets.v1", "InstanceToken");
        _ = Update(connection, [.. tokens.Select(token => token with { Text = former.CreateProtector(token.Id.ToString("N")).Protect($"ABC/D{token.Number:0000000000}{new string('x', 29)}=") })]);
        var step = Stopwatch.StartNew();
        await portal.Get<SecretResealing>().RunAsync(CancellationToken.None);
        Say("start step that seals them for their origins, with its backup", tokens.Count, step.Elapsed);
        var box = portal.Get<ISecretBox>();
        foreach (var token in Read(connection).Where((_, i) => i % 997 == 0)) _ = box.Open(new Secret(SecretKind.InstanceToken, token.Id, new Sealed(token.Text)), token.Origin);
        await MoveAsync(portal);
    }

    // The account with most of the instances goes to another host, in one transaction.
    private static async Task MoveAsync(PortalFile portal)
    {
        var account = (await portal.Get<AccountService>().ListAsync(CancellationToken.None)).First(one => one.BaseUrl == "https://account0.example.com");
        var move = await portal.Get<AccountMoveService>().FindAsync(account.Id, CancellationToken.None);
        var watch = Stopwatch.StartNew();
        var moved = await portal.Get<AccountMoveService>().MoveAsync(
            new AccountInput { Id = account.Id, BaseUrl = "http://127.0.0.1:5999", OrganizationSecret = "organization", UserSecret = "user" }, Somebody, CancellationToken.None);
        if (!moved.Succeeded) throw new InvalidOperationException(moved.Problems[0].Message);
        Say("an account moves to another host with its tokens", move!.Instances, watch.Elapsed);
    }

    private static List<Token> Read(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT i.Number, i.Id, i.Token, a.BaseUrl FROM Instances i JOIN Accounts a ON a.Id = i.PlatformAccountId ORDER BY i.Number";
        using var reader = command.ExecuteReader();
        List<Token> tokens = [];
        while (reader.Read()) tokens.Add(new Token(reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), SecretOrigin.Of(reader.GetString(3))));
        return tokens;
    }

    private static TimeSpan Update(SqliteConnection connection, List<Token> tokens)
    {
        var watch = Stopwatch.StartNew();
        foreach (var batch in tokens.Chunk(Batch))
        {
            using var transaction = connection.BeginTransaction();
            using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = "UPDATE Instances SET Token = $token WHERE Number = $number";
            var (text, number) = (command.Parameters.Add("$token", SqliteType.Text), command.Parameters.Add("$number", SqliteType.Integer));
            command.Prepare();
            foreach (var token in batch)
            {
                (text.Value, number.Value) = (token.Text, token.Number);
                _ = command.ExecuteNonQuery();
            }

            transaction.Commit();
        }

        return watch.Elapsed;
    }

    private static void Say(string what, int rows, TimeSpan time) =>
        Console.WriteLine($"{what}: {rows:N0} in {time.TotalSeconds:0.00} s, {rows / time.TotalSeconds:N0}/s");

    private sealed record Token(long Number, Guid Id, string Text, SecretOrigin Origin);
}
