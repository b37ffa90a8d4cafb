using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Sync;
using AdminPortal.Provisioning.Sync;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Sync;

/// <summary>What the tests of a sync do over and over.</summary>
internal static class SyncTest
{
    public static Actor Ada { get; } = new(Guid.Parse("0199f0a1-0000-7000-8000-00000000ada0"), "Ada") { Role = Role.Administrator };

    public static async Task<Guid> BeginAsync(this TestPortal portal, Guid account, bool allElements = false) =>
        (await portal.Get<SyncService>().StartAsync(account, allElements, Ada, Token)).Value;

    /// <summary>A whole sync, to whatever end it comes.</summary>
    public static async Task<SyncRun> SyncAsync(this TestPortal portal, Guid account, bool allElements = false)
    {
        // A sync is of what was there before it.
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        var run = await portal.BeginAsync(account, allElements);
        await portal.Get<SyncRunner>().RunAsync(run, Token);
        return await portal.ReadRunAsync(run);
    }

    public static async Task<SyncRun> ReadRunAsync(this TestPortal portal, Guid id)
    {
        await using var db = portal.OpenDatabase();
        return await db.SyncRuns.AsNoTracking().SingleAsync(run => run.Id == id, Token);
    }

    public static async Task<List<SyncRow>> ReadRowsAsync(this TestPortal portal, Guid runId)
    {
        await using var db = portal.OpenDatabase();
        return await db.SyncRows.AsNoTracking().Where(row => row.RunId == runId).OrderBy(row => row.PlatformId).ToListAsync(Token);
    }

    public static async Task<List<DriftItem>> ReadDriftAsync(this TestPortal portal)
    {
        await using var db = portal.OpenDatabase();
        return await db.Drift.AsNoTracking().OrderBy(item => item.PlatformId).ToListAsync(Token);
    }

    public static async Task<List<ElementInstance>> ReadInstancesAsync(this TestPortal portal)
    {
        await using var db = portal.OpenDatabase();
        return await db.Instances.AsNoTracking().OrderBy(instance => instance.PlatformId).ToListAsync(Token);
    }

    public static async Task<List<ActivityEntry>> ReadActivityAsync(this TestPortal portal)
    {
        await using var db = portal.OpenDatabase();
        return await db.Activity.AsNoTracking().WithoutSetUp().OrderBy(entry => entry.Id).ToListAsync(Token);
    }

    public static async Task ChangeAsync(this TestPortal portal, long platformId, Action<ElementInstance> change)
    {
        await using var db = portal.OpenDatabase();
        change(await db.Instances.SingleAsync(instance => instance.PlatformId == platformId, Token));
        await db.SaveChangesAsync(Token);
    }

    public static async Task<DriftOutcome> AdoptAllAsync(this TestPortal portal, Guid account, DriftKind kind = DriftKind.OnlyOnPlatform) =>
        (await portal.Get<DriftService>().AdoptAsync(account, DriftSelection.All(kind), Ada, Token)).Value;

    /// <summary>An account whose tenant's instances are all known here.</summary>
    public static async Task<Guid> AddInStepAsync(this TestPortal portal, FakeTenant tenant, params int[] ids)
    {
        var account = await portal.AddAccountAsync();
        tenant.Add(ids);
        (await portal.SyncAsync(account)).State.ShouldBe(SyncState.Complete);
        (await portal.AdoptAllAsync(account)).ShouldBe(new DriftOutcome(ids.Length, 0, null));
        return account;
    }
}
