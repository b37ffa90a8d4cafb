using System.Net;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>What load balancers and service managers are told.</summary>
public sealed class HealthTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/health")]
    public async Task Health_PortalWorks_AnswersAnybodyWithAWord(string path)
    {
        using var client = portal.NewClient();

        using var answer = await client.GetAsync(path);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync(Token)).ShouldBe("Healthy");
    }

    [Fact]
    public async Task Health_DatabaseIsDamaged_IsAliveAndNotReady()
    {
        await using var damaged = new RunningPortal();
        await damaged.InitializeAsync();
        Damage(damaged.Folder, "SavedViews");
        damaged.Services.GetRequiredService<DamageWatch>().Report(new SqliteException("database disk image is malformed", 11));
        // With a session, which would be read from the database.
        using var client = damaged.NewSignedInClient();

        using (var live = await client.GetAsync("/health/live")) live.StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var path in new[] { "/health/ready", "/health" })
        {
            using var ready = await client.GetAsync(path);
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await ready.Content.ReadAsStringAsync(Token)).ShouldBe("Unhealthy");
        }
    }

    // The first page of a table that no request of these tests reads.
    private static void Damage(string folder, string table)
    {
        using var connection = new SqliteConnection(PortalDatabase.ConnectionString(folder));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA wal_checkpoint(TRUNCATE); SELECT rootpage FROM sqlite_schema WHERE name = '{table}'";
        using var reader = command.ExecuteReader();
        reader.NextResult().ShouldBeTrue();
        reader.Read().ShouldBeTrue();
        var page = reader.GetInt64(0);
        using var file = new FileStream(Path.Combine(folder, PortalDatabase.FileName), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Position = (page - 1) * 4096;
        file.Write(new byte[4096]);
    }

    [Fact]
    public async Task Health_DatabaseCannotBeReadAtAll_IsAliveWithASessionToo()
    {
        await using var broken = new RunningPortal();
        await broken.InitializeAsync();
        using var client = broken.NewSignedInClient();
        using (var connection = new SqliteConnection(PortalDatabase.ConnectionString(broken.Folder))) SqliteConnection.ClearPool(connection);
        foreach (var file in Directory.GetFiles(broken.Folder, "portal.db*")) await File.WriteAllTextAsync(file, new string('x', 8192), Token);

        using (var live = await client.GetAsync("/health/live")) live.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var ready = await client.GetAsync("/health/ready");
        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }
}
