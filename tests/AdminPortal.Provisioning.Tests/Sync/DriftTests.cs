using System.Globalization;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Sync;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Sync;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Sync;

public sealed partial class DriftTests
{
    private const int RandomTenants = 300;

    [Fact]
    public async Task Sync_RandomlyMutatedTenants_FindsWhatAPlainComparisonFinds()
    {
        await using var portal = await TestPortal.StartAsync();
        var seed = Environment.TickCount;
        for (var round = 0; round < RandomTenants; round++)
        {
            var random = new Random(seed + round);
            var tenant = new FakeTenant(portal.Platform, pageSize: random.Next(1, 6), counts: random.Next(2) == 0);
            for (var id = 1; id <= random.Next(0, 14); id++) tenant.Instances[id] = RandomInstance(random, id);
            var account = await portal.AddAccountAsync($"Account {round}", $"https://api{round}.example.com");
            (await portal.SyncAsync(account, allElements: random.Next(3) == 0)).State.ShouldBe(SyncState.Complete);
            _ = await portal.Get<DriftService>().AdoptAsync(account, DriftSelection.All(DriftKind.OnlyOnPlatform), SyncTest.Ada, Token);

            // Twice, so that what was set aside the first time meets the second.
            for (var again = 0; again < 2; again++)
            {
                await MutateAsync(portal, tenant, account, random);
                var all = random.Next(3) == 0;
                var before = await ReadAsync(portal, account);
                var expected = Expected(tenant, before.Instances, before.Drift, all);

                var run = await portal.SyncAsync(account, all);

                run.State.ShouldBe(SyncState.Complete, run.Message);
                var after = await ReadAsync(portal, account);
                string.Join('\n', after.Drift.Select(Line)).ShouldBe(string.Join('\n', expected), $"seed {seed + round}, sync {again}");
                var missing = after.Instances.Where(instance => instance.State == InstanceState.MissingOnPlatform).Select(instance => instance.PlatformId);
                missing.Where(id => tenant.Instances.ContainsKey(id) && InScope(after.Instances.Single(one => one.PlatformId == id).ElementKey, all))
                    .ShouldBeEmpty($"seed {seed + round}, sync {again}");
                if (again == 0 && after.Drift.Count > 0)
                    _ = await portal.Get<DriftService>().IgnoreAsync(account, DriftSelection.Of([.. after.Drift.Where(_ => random.Next(2) == 0).Select(item => item.Id)]), SyncTest.Ada, Token);
            }
        }
    }

    [Fact]
    public async Task Sync_KnownAndEqual_IsRefreshedFromTheListing()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var account = await portal.AddInStepAsync(tenant, 1, 2);
        tenant.Instances[1] = tenant.Instances[1] with
        {
            Token = "another-token",
            Configuration = new Dictionary<string, string?>
            {
                ["oauth.user.refresh_time"] = "1772366400000", ["oauth.user.refresh_interval"] = "28800", [ElementCatalog.EncryptedKeyKey] = "********",
            },
        };

        var run = await portal.SyncAsync(account);

        (await portal.ReadDriftAsync()).ShouldBeEmpty();
        var instance = (await portal.ReadInstancesAsync())[0];
        portal.Secrets.Open(instance.TokenOf).ShouldBe("another-token");
        (instance.RefreshedAt, instance.RefreshIntervalSeconds, instance.HasLegacyKey, instance.LastCheckedAt)
            .ShouldBe((DateTimeOffset.FromUnixTimeMilliseconds(1772366400000), 28800, true, run.StartedAt));
    }

    [Fact]
    public async Task Sync_InstanceChangedHereMeanwhile_IsLeftAsThePersonMadeIt()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var account = await portal.AddInStepAsync(tenant, 1, 2, 3, 4);
        tenant.Instances[1] = tenant.Instances[1] with { Name = "As it was when the page was read", Token = "old-token" };
        tenant.BeforePage = cursor =>
        {
            if (cursor is null) return null;
            portal.ChangeAsync(1, instance =>
            {
                instance.Name = "As the person wrote it";
                instance.Token = portal.Secrets.Seal(SecretKind.InstanceToken, instance.Id, "newer-token");
            }).GetAwaiter().GetResult();
            return null;
        };

        (await portal.SyncAsync(account)).State.ShouldBe(SyncState.Complete);

        (await portal.ReadDriftAsync()).ShouldBeEmpty();
        var instance = (await portal.ReadInstancesAsync())[0];
        instance.Name.ShouldBe("As the person wrote it");
        portal.Secrets.Open(instance.TokenOf).ShouldBe("newer-token");
    }

    [Fact]
    public async Task Sync_InstanceRemovedHereMeanwhile_IsNoDifference()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var account = await portal.AddInStepAsync(tenant, 1, 2, 3, 4);
        tenant.BeforePage = cursor =>
        {
            if (cursor is null) return null;
            using var db = portal.OpenDatabase();
            _ = db.Instances.Where(instance => instance.PlatformId == 1).ExecuteDelete();
            return null;
        };

        (await portal.SyncAsync(account)).State.ShouldBe(SyncState.Complete);

        (await portal.ReadDriftAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Sync_InstanceMadeHereMeanwhile_IsNotCalledMissing()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform, counts: false);
        var account = await portal.AddInStepAsync(tenant, 1, 2, 3, 4);
        tenant.BeforePage = cursor =>
        {
            if (cursor is null) return null;
            // Its id lies on the page that was read already.
            portal.Clock.Advance(TimeSpan.FromSeconds(1));
            AddHereAsync(portal, account, 0).GetAwaiter().GetResult();
            return null;
        };

        (await portal.SyncAsync(account)).State.ShouldBe(SyncState.Complete);

        (await portal.ReadInstancesAsync()).ShouldAllBe(instance => instance.State == InstanceState.Active);
        (await portal.ReadDriftAsync()).ShouldBeEmpty();
        tenant.BeforePage = _ => null;
        await portal.SyncAsync(account);
        (await portal.ReadDriftAsync()).ShouldHaveSingleItem().Kind.ShouldBe(DriftKind.OnlyHere);
    }

    [Fact]
    public async Task Sync_MissingAndListedAgain_IsFound()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var account = await portal.AddInStepAsync(tenant, 1, 2);
        var away = tenant.Instances[2];
        tenant.Instances.Remove(2);
        await portal.SyncAsync(account);
        (await portal.ReadInstancesAsync())[1].State.ShouldBe(InstanceState.MissingOnPlatform);
        (await portal.ReadDriftAsync()).ShouldHaveSingleItem().Kind.ShouldBe(DriftKind.OnlyHere);

        tenant.Instances[2] = away with { IsDisabled = true };
        await portal.SyncAsync(account);

        (await portal.ReadInstancesAsync())[1].State.ShouldBe(InstanceState.Disabled);
        (await portal.ReadDriftAsync()).ShouldBeEmpty();
    }

    private static PlatformInstance RandomInstance(Random random, long id)
    {
        string[] elements = [ElementKey.Rest, ElementKey.Crm, ElementKey.Ecommerce, "salesforce"];
        string[] tags = ["a", "b", "c", "Ä", "portal:0199f0a1-0000-7000-8000-00000000000" + id % 10];
        string?[] servers = [null, "aa11.infusionsoft.com", "bb22.infusionsoft.com"];
        var server = servers[random.Next(servers.Length)];
        return new PlatformInstance(
            id,
            random.Next(8) == 0 ? null : "Name " + random.Next(4).ToString(CultureInfo.InvariantCulture),
            FakeTenant.TokenOf(id),
            elements[random.Next(elements.Length)],
            random.Next(8) == 0 ? null : [.. tags.Where(_ => random.Next(2) == 0).OrderBy(_ => random.Next())],
            random.Next(5) != 0,
            random.Next(4) == 0,
            null,
            server is null ? new Dictionary<string, string?>() : new Dictionary<string, string?> { [ElementCatalog.ServerKey] = server });
    }

    private static async Task MutateAsync(TestPortal portal, FakeTenant tenant, Guid account, Random random)
    {
        foreach (var id in tenant.Instances.Keys.ToList())
        {
            switch (random.Next(6))
            {
                case 0:
                    tenant.Instances.Remove(id);
                    break;
                case 1:
                    tenant.Instances[id] = RandomInstance(random, id) with { ElementKey = tenant.Instances[id].ElementKey };
                    break;
            }
        }

        for (var i = random.Next(3); i > 0; i--)
        {
            var id = random.Next(1, 30);
            if (!tenant.Instances.ContainsKey(id)) tenant.Instances[id] = RandomInstance(random, id);
        }

        await using var db = portal.OpenDatabase();
        foreach (var instance in await db.Instances.Where(row => row.PlatformAccountId == account).ToListAsync(Token))
        {
            switch (random.Next(10))
            {
                case 0:
                    db.Instances.Remove(instance);
                    break;
                case 1:
                    instance.Name = "Name " + random.Next(4).ToString(CultureInfo.InvariantCulture);
                    break;
                case 2:
                    instance.State = Enum.GetValues<InstanceState>()[random.Next(4)];
                    break;
                case 3:
                    instance.Tags = [.. new[] { "a", "b", "c" }.Where(_ => random.Next(2) == 0)];
                    break;
            }
        }

        await db.SaveChangesAsync(Token);
    }

    private static bool InScope(string element, bool all) => all || ElementCatalog.Infusionsoft.Find(element) is not null;

    /// <summary>The same in plain words: no SQL, no code of the portal's but its catalog.</summary>
    private static List<string> Expected(FakeTenant tenant, List<ElementInstance> here, List<DriftItem> before, bool all)
    {
        var expected = new List<(long Id, string Line, string What)>();
        foreach (var there in tenant.Instances.Values.Where(instance => here.TrueForAll(one => one.PlatformId != instance.Id) && InScope(instance.ElementKey!, all)))
            expected.Add((there.Id, $"OnlyOnPlatform {there.Id} {there.Name ?? there.Id.ToString(CultureInfo.InvariantCulture)}", ""));
        foreach (var instance in here.Where(instance => InScope(instance.ElementKey, all)))
        {
            if (!tenant.Instances.TryGetValue(instance.PlatformId, out var there))
            {
                expected.Add((instance.PlatformId, $"OnlyHere {instance.PlatformId} {instance.Name}", ""));
                continue;
            }

            var fields = new List<string>();
            if (there.Name is not null && there.Name != instance.Name) fields.Add($"Name={there.Name}/{instance.Name}");
            if (there.Tags is not null)
            {
                var theirs = there.Tags.Where(tag => !tag.StartsWith("portal:", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
                var ours = instance.Tags.Order(StringComparer.Ordinal).ToList();
                if (!theirs.SequenceEqual(ours)) fields.Add($"Tags={string.Join(", ", theirs)}/{string.Join(", ", ours)}");
            }

            if (there.IsDisabled == true && instance.State == InstanceState.Active) fields.Add("State=Disabled/Active");
            if (there.IsDisabled != true && instance.State == InstanceState.Disabled) fields.Add("State=Active/Disabled");
            if (there.Configuration.Values.SingleOrDefault() is { } server && server != instance.AccountServer) fields.Add($"AccountServer={server}/{instance.AccountServer}");
            if (fields.Count > 0) expected.Add((instance.PlatformId, $"Changed {instance.PlatformId} {instance.Name}", string.Join(' ', fields)));
        }

        return
        [
            .. expected.OrderBy(item => item.Id).Select(item =>
            {
                var line = $"{item.Line} {item.What}";
                return before.Exists(old => old.PlatformId == item.Id && old.Ignored && $"{old.Kind} {What(old)}" == $"{item.Line.Split(' ')[0]} {item.What}") ? line + " ignored" : line;
            }),
        ];
    }

    private static string Line(DriftItem item) => $"{item.Kind} {item.PlatformId} {item.Name} {What(item)}{(item.Ignored ? " ignored" : "")}";

    private static string What(DriftItem item) => string.Join(' ', item.Fields.Select(field => $"{field.Name}={field.Platform}/{field.Portal}"));

    private static async Task<(List<ElementInstance> Instances, List<DriftItem> Drift)> ReadAsync(TestPortal portal, Guid account)
    {
        await using var db = portal.OpenDatabase();
        return (
            await db.Instances.AsNoTracking().Where(row => row.PlatformAccountId == account).OrderBy(row => row.PlatformId).ToListAsync(Token),
            await db.Drift.AsNoTracking().Where(row => row.PlatformAccountId == account).OrderBy(row => row.PlatformId).ToListAsync(Token));
    }

    private static async Task AddHereAsync(TestPortal portal, Guid account, long platformId)
    {
        await using var db = portal.OpenDatabase();
        var now = portal.Clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        db.Instances.Add(new ElementInstance
        {
            Id = id, PlatformAccountId = account, PlatformId = platformId, ElementKey = ElementKey.Rest, Name = "Made meanwhile", Tags = [],
            Token = portal.Secrets.Seal(SecretKind.InstanceToken, id, "token"), State = InstanceState.Active, CreatedAt = now, LastCheckedAt = now,
        });
        await db.SaveChangesAsync(Token);
    }
}
