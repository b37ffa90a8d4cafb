using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Attempts.Drafts;

/// <summary>
/// Authorizing an instance anew: an attempt with a target. It goes the way of every attempt; what it asks the platform
/// for is <c>PUT /instances/{id}?reAuthenticate=true</c> instead of a new instance.
/// </summary>
public sealed class ReauthenticationService(
    IDbContextFactory<PortalDb> databases,
    IElementsPlatform platform,
    ElementCatalog catalog,
    PlatformProblems problems,
    PortalAddresses addresses,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    Gate gate)
{
    /// <summary>The longest configuration value that a screen is given.</summary>
    private const int MaxShownLength = 300;

    /// <summary>The attempt that authorizes this instance anew and has not ended; null when there is none.</summary>
    public async Task<Guid?> FindOpenAsync(Guid instanceId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await OpenDraft.FindReauthenticationAsync(db, instanceId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Begins a draft that authorizes an instance anew, filled in from what the portal and the platform know. Where one
    /// has not ended yet, the answer is that one.
    /// </summary>
    /// <returns>The attempt's id.</returns>
    public async Task<Result<Guid>> StartAsync(Guid instanceId, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Reauthenticate, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var instance = await db.Instances.SingleOrDefaultAsync(row => row.Id == instanceId, cancellationToken).ConfigureAwait(false);
        if (instance is null) return new Problem(ProblemKind.NotFound, texts["Instance.Gone"]);
        if (catalog.Find(instance.ElementKey) is not { } element) return new Problem(ProblemKind.NotNow, texts["Reauthenticate.OtherElement", instance.ElementKey]);
        if (await OpenDraft.FindReauthenticationAsync(db, instanceId, cancellationToken).ConfigureAwait(false) is { } open) return open;

        var source = await DraftSource.ReadAsync(db, platform, element, instance, cancellationToken).ConfigureAwait(false);
        if (source.Told is PlatformOutcome<PlatformInstance>.Refused { Status: 404 })
        {
            instance.State = InstanceState.MissingOnPlatform;
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            return new Problem(ProblemKind.Refused, texts["Check.Instance.Missing", instance.Name]);
        }

        var now = clock.GetUtcNow();
        var attempt = ProvisioningAttempt.Begin(now, actor.PersonId, instance.ElementKey, instance.PlatformAccountId, targetId: instance.Id);
        attempt.ProviderAppId = source.AppId;
        attempt.Name = instance.Name;
        attempt.Tags = [.. instance.Tags];
        attempt.Configuration = source.Configuration;
        attempt.Step = source.AppId is null ? WizardStep.Provider
            : element.Fields.Any(field => field is { Required: true, Secret: false } && !source.Configuration.ContainsKey(field.Key)) ? WizardStep.Account
            : WizardStep.Review;
        db.Note(actor, now, ActivityAction.ReauthenticationStarted, instance, attemptId: attempt.Id);
        return await OpenDraft.AddAsync(db, attempt, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What would change on the platform: its configuration as it is now against what would be sent.</summary>
    public async Task<Result<ReauthenticationReview>> ReviewAsync(Guid attemptId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attemptId, cancellationToken).ConfigureAwait(false);
        if (attempt?.TargetInstanceId is not { } targetId) return new Problem(ProblemKind.NotFound, texts["Draft.Gone"]);
        var instance = await db.Instances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == targetId, cancellationToken).ConfigureAwait(false);
        if (instance is null) return new Problem(ProblemKind.NotFound, texts["Instance.Gone"]);
        var account = await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == instance.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        var clientId = await db.ProviderApps.AsNoTracking().Where(app => app.Id == attempt.ProviderAppId).Select(app => app.ClientId)
            .SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);

        var outcome = await platform.GetAsync(account, instance.PlatformId, cancellationToken).ConfigureAwait(false);
        if (outcome is not PlatformOutcome<PlatformInstance>.Success { Value: var told }) return problems.From(outcome);

        var rows = new List<ReauthenticationChange> { CompareClientId(told, instance, attempt, clientId), new(PlatformConfiguration.ClientSecretKey, ChangeKind.Sent, null, null) };
        rows.Add(Compare(told, PlatformConfiguration.CallbackUrlKey, addresses.CallbackUrl));
        foreach (var field in catalog.Find(attempt.ElementKey)?.Fields ?? [])
        {
            if (field.Secret)
                rows.Add(new ReauthenticationChange(field.Key, attempt.SealedConfiguration.ContainsKey(field.Key) ? ChangeKind.Replaced : ChangeKind.Kept, null, null));
            else
                rows.Add(Compare(told, field.Key, attempt.Configuration.GetValueOrDefault(field.Key)));
        }

        var sentBack = PlatformConfiguration.SentBack(told, attempt).Keys
            .Where(key => rows.All(row => row.Key != key))
            .Select(key => OutsideText.Clean(key, MaxShownLength)).OfType<string>().Order(StringComparer.Ordinal).ToList();
        return new ReauthenticationReview(instance.Name, instance.PlatformId, told.IsDisabled == true, rows, sentBack);
    }

    private static ReauthenticationChange CompareClientId(PlatformInstance told, ElementInstance instance, ProvisioningAttempt attempt, string? clientId)
    {
        if (told.Configuration.GetValueOrDefault(PlatformConfiguration.ClientIdKey) != InstanceConfigurationEntry.Mask) return Compare(told, PlatformConfiguration.ClientIdKey, clientId);

        // Where the platform shows asterisks, only the portal's own memory can tell.
        var kind = clientId is null || instance.ProviderAppId is null ? ChangeKind.NotKnown
            : instance.ProviderAppId == attempt.ProviderAppId ? ChangeKind.Same
            : ChangeKind.Changed;
        return new ReauthenticationChange(PlatformConfiguration.ClientIdKey, kind, null, clientId);
    }

    private static ReauthenticationChange Compare(PlatformInstance told, string key, string? next)
    {
        var now = told.Configuration.GetValueOrDefault(key);
        return new ReauthenticationChange(
            key, string.Equals(now ?? "", next ?? "", StringComparison.Ordinal) ? ChangeKind.Same : ChangeKind.Changed,
            OutsideText.Clean(now, MaxShownLength), next);
    }
}

/// <summary>What authorizing an instance anew would change.</summary>
/// <param name="Name">The instance's name; it stays.</param>
/// <param name="PlatformId">The platform's id; it stays.</param>
/// <param name="IsDisabled">Whether the platform has it switched off, which stays too.</param>
/// <param name="Changes">The entries that the portal gives, each against what the platform has.</param>
/// <param name="SentBack">Keys of the entries that are sent back as they are.</param>
public sealed record ReauthenticationReview(
    string Name, long PlatformId, bool IsDisabled, IReadOnlyList<ReauthenticationChange> Changes, IReadOnlyList<string> SentBack);

/// <summary>One configuration entry: what the platform has, and what it would have.</summary>
/// <param name="Key">The platform's key.</param>
/// <param name="Kind">How the two compare.</param>
/// <param name="Now">What the platform has, bounded; null for a secret and where it has nothing.</param>
/// <param name="Next">What would be sent; null for a secret and where nothing is.</param>
public sealed record ReauthenticationChange(string Key, ChangeKind Kind, string? Now, string? Next);

/// <summary>How an entry changes.</summary>
public enum ChangeKind
{
    /// <summary>It stays as it is.</summary>
    Same,

    /// <summary>It changes.</summary>
    Changed,

    /// <summary>The platform shows asterisks, and the portal does not know what is behind them.</summary>
    NotKnown,

    /// <summary>A secret that is always sent.</summary>
    Sent,

    /// <summary>A secret that is not sent: the platform keeps its own.</summary>
    Kept,

    /// <summary>A secret that was entered anew and takes the place of the old one.</summary>
    Replaced,
}
