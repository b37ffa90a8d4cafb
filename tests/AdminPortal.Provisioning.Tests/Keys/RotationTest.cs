using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Sync;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Keys;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Keys;

/// <summary>A database with a value in every sealed column, and the ways to look at it.</summary>
internal static class RotationTest
{
    public const int Instances = 30;

    /// <summary>How many values <see cref="SeedAsync"/> leaves: two of the account, two of the app, code and key of one attempt, address and key of another, tokens, a row of a sync, the record's key twice, the known value.</summary>
    public const int Values = 2 + 2 + 4 + Instances + 1 + 1 + 1 + 1;

    public static async Task<TestPortal> SeedAsync(IReadOnlyDictionary<string, string?>? settings = null)
    {
        var portal = await TestPortal.StartAsync(settings: settings);
        (await portal.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        var account = await portal.AddAccountAsync();
        _ = await portal.AddReceivedAsync();
        _ = await portal.SendAwayAsync(await portal.AddDraftAsync(name: "Away"));
        await portal.SeedInstancesAsync(account, Instances, 1000, _ => { });
        await using var db = portal.OpenDatabase();
        var (run, id) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        db.SyncRuns.Add(new SyncRun { Id = run, PlatformAccountId = account, AllElements = false, StartedAt = portal.Clock.GetUtcNow(), State = SyncState.Complete });
        db.SyncRows.Add(new SyncRow
        {
            RunId = run, PlatformId = 7, InstanceId = id, ElementKey = ElementKey.Rest, Name = "Listed", Token = portal.Secrets.Seal(SecretKind.InstanceToken, id, "listed-token"),
            State = InstanceState.Active, HasLegacyKey = false,
        });
        _ = await db.SaveChangesAsync(Token);
        return portal;
    }

    /// <summary>Works on a rotation with small batches, so that there are many of them.</summary>
    public static RotationRunner Runner(this TestPortal portal, int batch = 7, WriteTurns? turns = null) => new(
        portal.Get<IDbContextFactory<PortalDb>>(), portal.Get<PortalKeyRing>(), portal.Secrets, turns ?? portal.Get<WriteTurns>(), portal.Get<ChangeFeed>(), portal.Clock,
        portal.Get<Microsoft.Extensions.Localization.IStringLocalizer<ProvisioningText>>(), portal.Get<Microsoft.Extensions.Logging.ILogger<RotationRunner>>()) { BatchSize = batch };

    public static async Task<Guid> BeginAsync(this TestPortal portal) => (await portal.Get<KeyService>().RotateAsync(InstanceSeed.SureAda, Token)).Value;

    public static async Task<KeyRotation> ReadRotationAsync(this TestPortal portal, Guid id)
    {
        await using var db = portal.OpenDatabase();
        return await db.KeyRotations.AsNoTracking().SingleAsync(row => row.Id == id, Token);
    }

    /// <summary>Every stored secret, opened.</summary>
    public static async Task<List<string>> OpenAllAsync(this TestPortal portal)
    {
        await using var db = portal.OpenDatabase();
        List<string> values = [];
        await foreach (var stored in StoredSecrets.ReadAllAsync(db, Token)) values.Add($"{stored.Secret.Kind} {stored.Secret.Owner} {portal.Secrets.Open(stored.Secret, stored.Destination.ShouldNotBeNull())}");
        return [.. values.Order(StringComparer.Ordinal)];
    }

    /// <summary>How many values each key has sealed, by the beginning of its id.</summary>
    public static async Task<Dictionary<string, long>> CountByPrefixAsync(this TestPortal portal)
    {
        await using var db = portal.OpenDatabase();
        return (await SealedCounts.ReadAsync(db, Token)).SelectMany(column => column.ByPrefix).GroupBy(count => count.Key).ToDictionary(group => group.Key, group => group.Sum(count => count.Value));
    }

    public static string PrefixOfDefault(this TestPortal portal) => SealedHeader.PrefixOf(portal.Get<PortalKeyRing>().FindDefaultKey());
}
