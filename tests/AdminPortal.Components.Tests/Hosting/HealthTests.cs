using System.Net;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>What load balancers and service managers are told.</summary>
public sealed class HealthTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    [Theory]
    [InlineData(HealthPaths.Live)]
    [InlineData(HealthPaths.Ready)]
    [InlineData(HealthPaths.Former)]
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
        damaged.Services.GetRequiredService<DamageWatch>().Report(new SqliteException("database disk image is malformed", 11));
        // With a session, which would be read from the database.
        using var client = damaged.NewSignedInClient();

        using (var live = await client.GetAsync(HealthPaths.Live)) live.StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var path in new[] { HealthPaths.Ready, HealthPaths.Former })
        {
            using var ready = await client.GetAsync(path);
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await ready.Content.ReadAsStringAsync(Token)).ShouldBe("Unhealthy");
        }
    }

    [Fact]
    public async Task Health_DatabaseCannotBeReadAtAll_IsAliveWithASessionToo()
    {
        await using var broken = new RunningPortal();
        await broken.InitializeAsync();
        using var client = broken.NewSignedInClient();
        using (var connection = new SqliteConnection(PortalDatabase.ConnectionString(broken.Folder))) SqliteConnection.ClearPool(connection);
        foreach (var file in Directory.GetFiles(broken.Folder, "portal.db*")) await File.WriteAllTextAsync(file, new string('x', 8192), Token);

        using (var live = await client.GetAsync(HealthPaths.Live)) live.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var ready = await client.GetAsync(HealthPaths.Ready);
        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }
}
