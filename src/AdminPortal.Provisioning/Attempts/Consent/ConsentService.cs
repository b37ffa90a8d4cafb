using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Attempts.Consent;

/// <summary>The way to the provider and back: pre-flight, OAuth URL, departure, callback.</summary>
public sealed class ConsentService(
    IDbContextFactory<PortalDb> databases,
    IElementsPlatform platform,
    ISecretBox secrets,
    Preflight preflight,
    PlatformProblems platformProblems,
    PortalAddresses addresses,
    ChangeFeed feed,
    CallbackDesk desk,
    IOptions<PortalOptions> options,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    ILogger<ConsentService> logger,
    Gate gate)
{
    private readonly OAuthUrlCheck _oauthUrlCheck = new(addresses, texts);

    /// <summary>
    /// The pre-flight, but for the OAuth URL: the draft, its values, the addresses, the platform and what it says that
    /// the element needs. It changes nothing.
    /// </summary>
    /// <param name="id">The attempt.</param>
    /// <param name="context">What is known of the person's side.</param>
    /// <param name="progress">Is shown the lines that are there whenever there are more; by any thread.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<CheckLine>> CheckAsync(
        Guid id, PreflightContext context, Action<IReadOnlyList<CheckLine>>? progress, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Connect, cancellationToken).ConfigureAwait(false) is { } refusal) return [NotAllowed(refusal)];
        var parts = await LoadAsync(id, cancellationToken).ConfigureAwait(false);
        return parts is null ? [Stopped("Draft.Gone")] : await preflight.RunAsync(parts, context, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The whole pre-flight, with the OAuth URL. When nothing has failed and every warning was accepted, the attempt
    /// awaits consent and the person may leave by <c>/connect/{attempt}/go</c>; otherwise nothing was changed.
    /// </summary>
    public async Task<Authorization> AuthorizeAsync(Guid id, PreflightContext context, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Connect, cancellationToken).ConfigureAwait(false) is { } refusal) return new Authorization([NotAllowed(refusal)], MayLeave: false, []);
        var parts = await LoadAsync(id, cancellationToken).ConfigureAwait(false);
        if (parts is null) return new Authorization([Stopped("Draft.Gone")], MayLeave: false, []);
        if (!parts.Attempt.IsEditable) return new Authorization([Stopped("Draft.NotEditable")], MayLeave: false, []);

        // The platform is asked for the URL while the rest is checked. Asking changes nothing there; what was got is
        // thrown away where the person does not leave. A draft whose own fields are wrong is not asked for.
        var started = clock.GetTimestamp();
        var state = OneTimeValue.Create();
        var asking = preflight.MayAsk(parts) ? AskForUrlAsync(parts, state, cancellationToken) : Task.FromResult<UrlAnswer?>(null);
        var checks = await preflight.RunAsync(parts, context, null, cancellationToken).ConfigureAwait(false);
        var took = clock.GetElapsedTime(started);
        var answer = await asking.ConfigureAwait(false);

        IReadOnlyList<CheckLine> lines = [.. checks, .. answer?.Lines ?? []];
        if (answer?.Url is not { } url || lines.Any(line => line.Level == CheckLevel.Failed)) return new Authorization(lines, MayLeave: false, []);
        var warnings = lines.Where(line => line.Level == CheckLevel.Warning).ToList();
        if (warnings.Where(line => !context.Accepts(line)).ToList() is { Count: > 0 } asks) return new Authorization(lines, MayLeave: false, asks);

        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = parts.Attempt;
        db.Attempts.Attach(attempt);
        var now = clock.GetUtcNow();
        attempt.PassPreflight(Accepted(warnings), took, now);
        attempt.AwaitConsent(
            OneTimeValue.Hash(state), secrets.Seal(SecretKind.OAuthUrl, id, SecretOrigin.Nowhere, url), addresses.CallbackUrl, now, options.Value.ConsentLifetime, answer.Call);
        db.Note(actor, now, ActivityAction.ConsentStarted, attempt, detail: Accepted(warnings));
        try
        {
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DbUpdateException exception) when (LostRace.Is(exception))
        {
            return new Authorization([Stopped("Draft.Stale")], MayLeave: false, []);
        }

        AttemptLog.Moved(logger, id, attempt.State, AttemptEvent.OAuthUrlObtained);
        feed.PublishWork(ChangeTopic.Attempts, id);
        return new Authorization(lines, MayLeave: true, []);
    }

    private async Task<UrlAnswer?> AskForUrlAsync(AttemptParts parts, string state, CancellationToken cancellationToken)
    {
        if (parts is not { Account: { } account, Credentials: { } app }) return null;
        var server = parts.Attempt.Configuration.GetValueOrDefault(ElementCatalog.ServerKey);
        var started = clock.GetTimestamp();
        var outcome = await platform.GetOAuthUrlAsync(
            account, new OAuthUrlRequest(parts.Attempt.ElementKey, app, addresses.CallbackUrl, state, server), cancellationToken).ConfigureAwait(false);
        return outcome is PlatformOutcome<string>.Success success
            ? new UrlAnswer(
                success.Value,
                _oauthUrlCheck.Check(success.Value, account, state, addresses.CallbackUrl, app.ClientId),
                new HistoryCall(success.RequestId, clock.GetElapsedTime(started)))
            : new UrlAnswer(null, [new CheckLine(CheckLevel.Failed, texts["Check.OAuthUrl"], platformProblems.From(outcome).Message)], null);
    }

    // Written down as it was read: what was warned of, not only that something was.
    private string? Accepted(List<CheckLine> warnings) =>
        warnings.Count == 0 ? null : OutsideText.Clean(texts["Check.Accepted", string.Join("; ", warnings.Select(line => $"{line.Title}: {line.Detail}"))], AttemptHistoryEntry.MaxDetailLength);

    private CheckLine NotAllowed(Problem refusal) => new(CheckLevel.Failed, texts["Check.Role"], refusal.Message) { Key = "Check.Role" };

    private CheckLine Stopped(string key) => new(CheckLevel.Failed, texts["Check.Fields"], texts[key]) { Key = key };

    /// <summary>
    /// A browser, identified by the hash of its cookie, is sent to the provider, if the account still allows the sign-in host of the
    /// URL that was obtained before.
    /// </summary>
    public async Task<Departure> LeaveAsync(Guid id, byte[] browserHash, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Connect, cancellationToken).ConfigureAwait(false) is { } refusal) return new Departure(null, AttemptExists: true) { Refusal = refusal };
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (attempt is null) return new Departure(null, AttemptExists: false);
        var now = clock.GetUtcNow();
        if (attempt.State != AttemptState.AwaitingConsent || attempt.ConsentExpiresAt <= now) return new Departure(null, AttemptExists: true);

        try
        {
            var url = new Uri(secrets.Open(attempt.OAuthUrlOf!, SecretOrigin.Nowhere));
            var account = await db.Accounts.AsNoTracking()
                .SingleOrDefaultAsync(row => row.Id == attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false);
            if (account is null || !OAuthUrlCheck.IsSignInHost(account, url))
                return new Departure(null, AttemptExists: true) { IsHostRemoved = true };
            attempt.Leave(browserHash, now);
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            return new Departure(url, AttemptExists: true);
        }
        catch (SecretUnreadableException)
        {
            // The key ring changed meanwhile: the review asks for a new URL.
            return new Departure(null, AttemptExists: true);
        }
        catch (DbUpdateException exception) when (LostRace.Is(exception))
        {
            return new Departure(null, AttemptExists: true);
        }
    }

    /// <summary>Takes what the provider's redirect brought. Whatever it is and however often it comes, it counts once.</summary>
    /// <returns>Where it leads, and the state that it has moved the attempt to; null where it moved none.</returns>
    public async Task<(CallbackOutcome Outcome, AttemptState? Moved)> TakeAsync(Callback callback, CancellationToken cancellationToken)
    {
        if (!OneTimeValue.HasForm(callback.State)) return (new CallbackOutcome.UnknownState(), null);
        var (outcome, moved) = await desk.TakeAsync(callback, cancellationToken).ConfigureAwait(false);
        if (moved is not null)
        {
            AttemptLog.Moved(logger, moved.Id, moved.State, moved.History[^1].Event);
            feed.PublishWork(ChangeTopic.Attempts, moved.Id);
        }

        return (outcome, moved?.State);
    }

    /// <summary>
    /// What a person decided about a consent for another Infusionsoft account than the one that was entered: to go on with
    /// it, or to end here. Going on sends the code at once; ending erases it.
    /// </summary>
    /// <returns>Whether it counted: somebody else may have decided before, or the code grown too old.</returns>
    public async Task<Result<bool>> DecideAsync(Guid id, bool accept, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Connect, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (attempt is not { State: AttemptState.AwaitingDecision }) return false;
        var now = clock.GetUtcNow();
        var isLate = now >= attempt.CodeReceivedAt + options.Value.CodeLifetime;
        if (isLate) attempt.LapseDecision(now);
        else if (accept) attempt.Accept(now);
        else attempt.Decline(now);
        if (!isLate) db.Note(actor, now, ActivityAction.ServerDecided, attempt, accept, changes: new FieldChanges().Add("AccountServer", attempt.ExpectedServer, attempt.ConsentedServer));
        try
        {
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DbUpdateException exception) when (LostRace.Is(exception))
        {
            return false;
        }

        AttemptLog.Moved(logger, id, attempt.State, isLate ? AttemptEvent.TimeRanOut : accept ? AttemptEvent.Accepted : AttemptEvent.Declined);
        feed.PublishWork(ChangeTopic.Attempts, id);
        return !isLate;
    }

    private async Task<AttemptParts?> LoadAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (attempt is null) return null;
        return new AttemptParts(
            attempt,
            await db.Accounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false),
            await db.ProviderApps.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.ProviderAppId, cancellationToken).ConfigureAwait(false),
            attempt.IsReauthentication
                ? await db.Instances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.TargetInstanceId, cancellationToken).ConfigureAwait(false)
                : null);
    }

    private sealed record UrlAnswer(string? Url, IReadOnlyList<CheckLine> Lines, HistoryCall? Call);
}
