using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>Instances as rows, without the way by which they come to be.</summary>
internal static class InstanceSeed
{
    public const long PlatformId = 501;

    public const string ElementToken = "stored-element-token";

    /// <summary>Ada as one who has just proved who she is, without a session.</summary>
    public static Actor SureAda => Actor.Portal with { PersonId = Ada.PersonId, Name = Ada.Name, Role = Ada.Role };

    public static Actor Ada { get; } = new(Guid.Parse("0199f0a1-0000-7000-8000-00000000ada0"), "ada@example.com") { Role = Role.Administrator };

    /// <summary>One instance of a REST account, on an account that is made where there is none.</summary>
    public static async Task<Guid> SeedInstanceAsync(
        this TestPortal portal, InstanceState state = InstanceState.Active, string elementKey = ElementKey.Rest, long platformId = PlatformId,
        Guid? account = null, Action<ElementInstance>? change = null)
    {
        await using var db = portal.OpenDatabase();
        return await db.AddAsync(portal, state, elementKey, platformId, account, change);
    }

    /// <summary>Many in one transaction, with consecutive platform ids.</summary>
    public static async Task SeedInstancesAsync(this TestPortal portal, Guid account, int count, long firstId, Action<ElementInstance> change)
    {
        await using var db = portal.OpenDatabase();
        await using var transaction = await db.Database.BeginTransactionAsync(Token);
        for (var i = 0; i < count; i++) _ = await db.AddAsync(portal, InstanceState.Active, ElementKey.Rest, firstId + i, account, change);
        await transaction.CommitAsync(Token);
    }

    private static async Task<Guid> AddAsync(
        this PortalDb db, TestPortal portal, InstanceState state, string elementKey, long platformId, Guid? account, Action<ElementInstance>? change)
    {
        var owner = account ?? await db.Accounts.Select(row => (Guid?)row.Id).FirstOrDefaultAsync(Token) ?? await portal.AddAccountAsync();
        var now = portal.Clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var instance = new ElementInstance
        {
            Id = id,
            PlatformAccountId = owner,
            PlatformId = platformId,
            ElementKey = elementKey,
            Name = $"Instance {platformId}",
            Tags = [],
            Token = portal.Secrets.Seal(SecretKind.InstanceToken, id, ElementToken),
            State = state,
            CreatedAt = now,
            LastCheckedAt = now,
        };
        change?.Invoke(instance);
        db.Instances.Add(instance);
        _ = await db.SaveChangesAsync(Token);
        return id;
    }

    public static async Task<ElementInstance> ReadInstanceAsync(this TestPortal portal, Guid id)
    {
        await using var db = portal.OpenDatabase();
        return await db.Instances.AsNoTracking().SingleAsync(row => row.Id == id, Token);
    }

    public static async Task<IReadOnlyList<ActivityEntry>> ReadActivityAsync(this TestPortal portal)
    {
        await using var db = portal.OpenDatabase();
        return await db.Activity.AsNoTracking().WithoutSetUp().OrderBy(entry => entry.Id).ToListAsync(Token);
    }

    /// <summary>The record without what the helpers of tests do before a test begins.</summary>
    public static IQueryable<ActivityEntry> WithoutSetUp(this IQueryable<ActivityEntry> lines) => lines.Where(line => line.PersonId != null
        || (line.Action != ActivityAction.AccountAdded && line.Action != ActivityAction.ProviderAppAdded && line.Action != ActivityAction.DraftStarted
            && line.Action != ActivityAction.DraftChanged && line.Action != ActivityAction.ConsentStarted));

    public static async Task ChangeInstanceAsync(this TestPortal portal, Guid id, Action<ElementInstance> change)
    {
        await using var db = portal.OpenDatabase();
        change(await db.Instances.SingleAsync(row => row.Id == id, Token));
        _ = await db.SaveChangesAsync(Token);
    }

    /// <summary>An account whose instances are checked every so many minutes.</summary>
    public static async Task<Guid> AddCheckedAccountAsync(this TestPortal portal, int? minutes, string name = "Checked") =>
        (await portal.Accounts.SaveAsync(
            new AccountInput { Name = name, BaseUrl = "https://staging.cloud-elements.com", OrganizationSecret = "org-secret", UserSecret = "user-secret", CheckEveryMinutes = minutes },
            Token)).Value;
}
