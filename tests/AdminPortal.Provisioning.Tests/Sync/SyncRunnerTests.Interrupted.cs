using AdminPortal.Domain;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Sync;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Sync;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Sync;

/// <content>Syncs that are killed, stopped, cancelled or taken over.</content>
public sealed partial class SyncRunnerTests
{
    [Fact]
    public async Task Run_KilledAtAnyPage_IsResumedAndKeepsEveryRowOnce()
    {
        for (var kill = 1; kill <= 4; kill++)
        {
            await using var portal = await TestPortal.StartAsync();
            var tenant = new FakeTenant(portal.Platform);
            tenant.Add(Enumerable.Range(1, 10));
            var account = await portal.AddAccountAsync();
            var pages = 0;
            tenant.BeforePage = _ => ++pages == kill ? throw new InvalidOperationException("Killed.") : null;
            var run = await portal.BeginAsync(account);

            // The process dies: its lease stands.
            await Should.ThrowAsync<InvalidOperationException>(() => portal.Get<SyncRunner>().RunAsync(run, Token));
            await using var second = portal.Another();
            await second.Get<SyncRunner>().RunAsync(run, Token);
            (await second.ReadRunAsync(run)).State.ShouldBe(SyncState.Running);
            (await second.Get<SyncRunner>().FindDueAsync(Token)).ShouldBeEmpty();

            portal.Clock.Advance(SyncRunner.Lease);
            (await second.Get<SyncRunner>().FindDueAsync(Token)).ShouldBe([run]);
            await second.Get<SyncRunner>().RunAsync(run, Token);

            var ended = await second.ReadRunAsync(run);
            (ended.State, ended.Pages, ended.Seen).ShouldBe((SyncState.Complete, 4, 10), $"killed at page {kill}");
            (await second.ReadRowsAsync(run)).Select(row => row.PlatformId).ShouldBe(Enumerable.Range(1, 10).Select(id => (long)id));
            (await second.ReadDriftAsync()).Count.ShouldBe(10);
        }
    }

    [Fact]
    public async Task Run_KilledBeforeItsEnd_IsEndedWithoutReadingAnythingAgain()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        tenant.Add([1, 2]);
        var counts = 0;
        portal.Platform.OnCount = () => ++counts == 2 ? throw new InvalidOperationException("Killed.") : new PlatformOutcome<long>.Success(2, null);
        var run = await portal.BeginAsync(await portal.AddAccountAsync());
        await Should.ThrowAsync<InvalidOperationException>(() => portal.Get<SyncRunner>().RunAsync(run, Token));

        portal.Clock.Advance(SyncRunner.Lease);
        await portal.Get<SyncRunner>().RunAsync(run, Token);

        (await portal.ReadRunAsync(run)).State.ShouldBe(SyncState.Complete);
        portal.Platform.Listed.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_CursorLapsedAfterAKill_BeginsAgain(bool saysSo)
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform, counts: false);
        tenant.Add(Enumerable.Range(1, 10));
        var account = await portal.AddAccountAsync();
        tenant.BeforePage = cursor => cursor == "6" ? throw new InvalidOperationException("Killed.") : null;
        var run = await portal.BeginAsync(account);
        await Should.ThrowAsync<InvalidOperationException>(() => portal.Get<SyncRunner>().RunAsync(run, Token));
        portal.Clock.Advance(SyncRunner.Lease);
        var lapsed = (await portal.ReadRunAsync(run)).NextPage;
        // Some platforms refuse such a cursor, others list nothing behind it: neither is the end of the listing.
        var refusals = 1;
        tenant.BeforePage = cursor => cursor == lapsed && refusals-- > 0
            ? saysSo
                ? FakePlatform.Refuse<PlatformInstancePage>(400)
                : new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage([], null), null)
            : null;

        await portal.Get<SyncRunner>().RunAsync(run, Token);

        var ended = await portal.ReadRunAsync(run);
        (ended.State, ended.Seen).ShouldBe((SyncState.Complete, 10));
        (await portal.ReadRowsAsync(run)).Count.ShouldBe(10);
    }

    [Fact]
    public async Task Run_PortalStops_IsLeftToTheNextProcessAtOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        tenant.Add(Enumerable.Range(1, 10));
        using var stop = new CancellationTokenSource();
        tenant.BeforePage = cursor =>
        {
            if (cursor == "6") stop.Cancel();
            stop.Token.ThrowIfCancellationRequested();
            return null;
        };
        var run = await portal.BeginAsync(await portal.AddAccountAsync());

        await Should.ThrowAsync<OperationCanceledException>(() => portal.Get<SyncRunner>().RunAsync(run, stop.Token));
        tenant.BeforePage = _ => null;
        await using var second = portal.Another();
        (await second.Get<SyncRunner>().FindDueAsync(Token)).ShouldBe([run]);
        await second.Get<SyncRunner>().RunAsync(run, Token);

        (await second.ReadRunAsync(run)).Seen.ShouldBe(10);
        (await second.ReadRowsAsync(run)).Count.ShouldBe(10);
    }

    [Fact]
    public async Task Run_CancelledMeanwhile_KeepsNothingAndMarksNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var account = await portal.AddInStepAsync(tenant, [.. Enumerable.Range(1, 10)]);
        tenant.Instances.Remove(1);
        var run = await portal.BeginAsync(account);
        tenant.BeforePage = cursor =>
        {
            if (cursor is not null) portal.Get<SyncService>().CancelAsync(run, SyncTest.Ada, Token).GetAwaiter().GetResult();
            return null;
        };

        await portal.Get<SyncRunner>().RunAsync(run, Token);

        (await portal.ReadRunAsync(run)).State.ShouldBe(SyncState.Cancelled);
        (await portal.ReadRowsAsync(run)).ShouldBeEmpty();
        (await portal.ReadDriftAsync()).ShouldBeEmpty();
        (await portal.ReadInstancesAsync()).ShouldAllBe(instance => instance.State == InstanceState.Active);
        (await portal.Get<SyncService>().CancelAsync(run, SyncTest.Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        (await portal.ReadActivityAsync()).Count(line => line.Action == ActivityAction.SyncCancelled).ShouldBe(1);
    }

    [Fact]
    public async Task Run_TakenOverMeanwhile_WritesNothingMore()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        tenant.Add(Enumerable.Range(1, 10));
        var run = await portal.BeginAsync(await portal.AddAccountAsync());
        await using var second = portal.Another();
        var inside = false;
        tenant.BeforePage = cursor =>
        {
            if (cursor != "6" || inside) return null;
            // This process sleeps over its lease, and another one does all the rest.
            inside = true;
            portal.Clock.Advance(SyncRunner.Lease);
            second.Get<SyncRunner>().RunAsync(run, Token).GetAwaiter().GetResult();
            return null;
        };

        await portal.Get<SyncRunner>().RunAsync(run, Token);

        var ended = await portal.ReadRunAsync(run);
        (ended.State, ended.Pages, ended.Seen).ShouldBe((SyncState.Complete, 4, 10));
        (await portal.ReadRowsAsync(run)).Count.ShouldBe(10);
        (await portal.ReadActivityAsync()).Count(line => line.Action == ActivityAction.SyncEnded).ShouldBe(1);
    }

    /// <summary>Every text in the database.</summary>
    private static async Task<string> DumpAsync(TestPortal portal)
    {
        await using var db = portal.OpenDatabase();
        await db.Database.OpenConnectionAsync(Token);
        var text = new System.Text.StringBuilder();
        foreach (var table in new[] { "SyncRuns", "SyncRows", "Drift", "Instances", "Activity" })
        {
            await using var command = (SqliteCommand)db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // A constant.
            command.CommandText = $"SELECT * FROM {table}";
#pragma warning restore CA2100
            await using var reader = await command.ExecuteReaderAsync(Token);
            while (await reader.ReadAsync(Token))
            {
                for (var i = 0; i < reader.FieldCount; i++) text.Append(reader.GetValue(i)).Append('\n');
            }
        }

        return text.ToString();
    }
}
