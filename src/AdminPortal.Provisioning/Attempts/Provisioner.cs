using System.Linq.Expressions;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Settings;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>
/// Works on one attempt: exchanges its code for a new instance, or for a new authorization of the one that it has as its
/// target; or finds out what an unanswered exchange came to.
/// </summary>
internal sealed partial class Provisioner(
    IDbContextFactory<PortalDb> databases,
    IElementsPlatform platform,
    InstanceChecker checker,
    ISecretBox secrets,
    ElementCatalog catalog,
    AttemptFeed feed,
    WriteTurns writes,
    IOptions<PortalOptions> options,
    ISuspendAwareClock suspendAware,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    ILogger<Provisioner> logger)
{
    /// <summary>Longer than one request can take, so that a lease that has run out means a dead process.</summary>
    public static readonly TimeSpan Lease = PlatformTransport.ConnectTimeout + PlatformTransport.AnswerTimeout + TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long after the moment before the claim the request's body may be sent: a request that is sent then is answered or given
    /// up while the lease lasts.
    /// </summary>
    internal static readonly TimeSpan SendWithin = Lease - PlatformTransport.AnswerTimeout;

    /// <summary>
    /// How far the platform's clock may be behind the portal's where it did not tell before the request when the token had been
    /// refreshed: one that was refreshed this much before the request was sent counts as refreshed by it. Larger, and a refresh
    /// that the platform made by itself shortly before would be taken for ours.
    /// </summary>
    internal static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    // Somebody else may save the instance while the answer is written: a check, a sync, a person.
    private const int MaxSaves = 10;

    // How many are named in one go.
    private const int AtOnce = 100;

    // What was created is looked at until the platform answers, but not for ever: the background's checks do it later.
    private const int MaxVerifications = 6;
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongWait = TimeSpan.FromMinutes(5);
    private static readonly Guid ThisProcess = Guid.NewGuid();

    /// <summary>Nothing is put off for longer: such a time was written by a clock that was ahead and has been set back.</summary>
    private TimeSpan LongestDelay => options.Value.CodeLifetime > LongWait ? options.Value.CodeLifetime : LongWait;

    /// <summary>
    /// What is due, each with the state that says what is to be done: codes to exchange before all; then what has run out,
    /// unanswered exchanges to look for, what was created and not looked at yet, and late searches; of each the longest due first.
    /// </summary>
    public async Task<IReadOnlyList<(Guid Id, AttemptState State)>> FindDueAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        List<(Guid, AttemptState)> due = [];
        await AddAsync(AttemptState.CodeReceived, LongestDelay).ConfigureAwait(false);
        // Nobody holds an attempt for longer than a lease.
        await AddAsync(AttemptState.Provisioning, Lease + ClockSkew).ConfigureAwait(false);
        await AddAsync(AttemptState.AwaitingDecision, null).ConfigureAwait(false);
        await AddAsync(AttemptState.AwaitingConsent, null).ConfigureAwait(false);
        await AddAsync(AttemptState.Ambiguous, LongestDelay).ConfigureAwait(false);
        await AddAsync(AttemptState.Active, LongestDelay).ConfigureAwait(false);
        await AddAsync(AttemptState.Failed, LateSearchSchedule.Span).ConfigureAwait(false);
        return due;

        // One state at a time, so that the index gives the order and a long queue costs no more than a short one. Nothing but
        // ids is read: a damaged row is the trouble of whoever works on it, and of nobody else.
        async Task AddAsync(AttemptState state, TimeSpan? longest)
        {
            var ids = await FirstAsync(attempt => attempt.State == state && attempt.NextAt <= now).ConfigureAwait(false);
            // What is due later than it can be was written by a clock that was ahead and has been set back.
            if (ids.Count == 0 && now + longest is { } farthest) ids = await FirstAsync(attempt => attempt.State == state && attempt.NextAt > farthest).ConfigureAwait(false);
            due.AddRange(ids.Select(id => (id, state)));
        }

        Task<List<Guid>> FirstAsync(Expression<Func<ProvisioningAttempt, bool>> which) =>
            db.Attempts.AsNoTracking().Where(which).OrderBy(attempt => attempt.NextAt).Select(attempt => attempt.Id).Take(AtOnce).ToListAsync(cancellationToken);
    }

    /// <summary>Does what an attempt is due for.</summary>
    /// <param name="id">Which one.</param>
    /// <param name="state">The state in which it was due; one that it has left meanwhile asks for nothing any more.</param>
    /// <param name="stopping">Stops looking; a request that makes something is waited for.</param>
    public Task WorkAsync(Guid id, AttemptState state, CancellationToken stopping) => state switch
    {
        AttemptState.CodeReceived => ExchangeAsync(id),
        AttemptState.Ambiguous => SearchAsync(id, stopping),
        AttemptState.Active => VerifyAsync(id, stopping),
        AttemptState.Failed => SearchLateAsync(id, stopping),
        _ => RunOutAsync(id, stopping),
    };

    /// <summary>
    /// Ends a consent that nobody came back from or a decision that nobody took, or takes over from a process that died with a
    /// request under way.
    /// </summary>
    public async Task RunOutAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        if (await db.Attempts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false) is not { } attempt) return;
        var isOver = attempt.NextAt <= now;
        switch (attempt.State)
        {
            case AttemptState.AwaitingConsent when isOver:
                await ApplyAsync(db, attempt, AttemptEvent.TimeRanOut, () => attempt.Expire(now)).ConfigureAwait(false);
                break;

            case AttemptState.AwaitingDecision when isOver:
                await ApplyAsync(db, attempt, AttemptEvent.TimeRanOut, () => attempt.LapseDecision(now)).ConfigureAwait(false);
                break;

            // The request may still be under way where the clock has been set back, and so it is looked for, as after any lease that has run out.
            case AttemptState.Provisioning when isOver || attempt.NextAt > now + Lease + ClockSkew:
                await ApplyAsync(db, attempt, AttemptEvent.AnswerLost, () => attempt.TakeOver(now)).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Claims a received code and sends it, once.</summary>
    /// <remarks>Not cancellable: a request that has left is waited for, or the answer is lost with it.</remarks>
    public async Task ExchangeAsync(Guid id)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None).ConfigureAwait(false);
        var attempt = await db.Attempts.SingleOrDefaultAsync(row => row.Id == id).ConfigureAwait(false);
        if (attempt is not { State: AttemptState.CodeReceived }) return;
        // A code that was never tried is tried, however late: nothing can be lost by it. One that was put back is not
        // tried again when it has grown too old meanwhile, for example while no portal ran.
        if (attempt.Tries > 0 && clock.GetUtcNow() >= attempt.CodeReceivedAt + options.Value.CodeLifetime)
        {
            await ApplyAsync(db, attempt, AttemptEvent.CodeLapsed, () => attempt.LapseCode(clock.GetUtcNow())).ConfigureAwait(false);
            return;
        }

        // Before the claim: reading may be tried several times, and the lease is measured for one request. A database that
        // cannot be read at the moment leaves the code where it is, to be taken at the next look.
        var target = attempt.IsReauthentication ? await LookAtTargetAsync(db, attempt, CancellationToken.None).ConfigureAwait(false) : null;
        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.PlatformAccountId).ConfigureAwait(false);
        var app = await db.ProviderApps.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.ProviderAppId).ConfigureAwait(false);

        // Before the claim, because the lease begins there: this process may be paused at any place from here to the request.
        var deadline = new SendDeadline(suspendAware, clock, SendWithin);

        // Committed before the request leaves. Losing the race is not an error: the winner does the work.
        if (!await ApplyAsync(db, attempt, AttemptEvent.Claimed, () => attempt.Claim(ThisProcess, clock.GetUtcNow(), Lease, RefreshedAtOf(target))).ConfigureAwait(false)) return;
        var fence = attempt.Fence;

        // A damaged row has lost a part of what the person entered: it must not be sent without it.
        if (account is null || app is null || catalog.Find(attempt.ElementKey) is not { } element || attempt.IsUnreadable())
        {
            await FailAsync(db, attempt, fence, new AttemptEnding(EndingReason.SettingsGone)).ConfigureAwait(false);
            return;
        }

        // Taken back since the consent began: the secret must not leave.
        if (new AttemptParts(attempt, account, app, null).Credentials is not { } credentials)
        {
            await FailAsync(db, attempt, fence, new AttemptEnding(EndingReason.AppNotAllowed)).ConfigureAwait(false);
            return;
        }

        if (attempt.IsReauthentication && target is null)
        {
            await FailAsync(db, attempt, fence, new AttemptEnding(EndingReason.TargetGone)).ConfigureAwait(false);
            return;
        }

        var started = clock.GetTimestamp();
        PlatformOutcome<PlatformInstance> outcome;
        string? sent;
        if (target is null)
        {
            var creation = Creation(attempt, element, credentials) with { Deadline = deadline };
            sent = AttemptPayload.Sent(creation);
            outcome = await platform.CreateAsync(account, creation, CancellationToken.None).ConfigureAwait(false);
        }
        else
        {
            (outcome, sent) = await ReauthenticateAsync(account, attempt, element, credentials, target, deadline).ConfigureAwait(false);
        }

        var call = new HistoryCall(RequestIdOf(outcome), clock.GetElapsedTime(started), sent, AttemptPayload.Received(outcome));
        await RecordAsync(db, account, attempt, fence, target, outcome, call).ConfigureAwait(false);
    }

    /// <summary>Writes what a request came to.</summary>
    private async Task RecordAsync(
        PortalDb db, PlatformAccount account, ProvisioningAttempt attempt, int fence, Target? target, PlatformOutcome<PlatformInstance> outcome, HistoryCall call)
    {
        var now = clock.GetUtcNow();
        switch (outcome)
        {
            case PlatformOutcome<PlatformInstance>.Success success when target is not null:
                var told = await WithTokenAsync(account, success.Value).ConfigureAwait(false);
                await RenewAnsweredAsync(db, account, attempt, fence, told, target.Instance, call).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Success success:
                await KeepAsync(db, account, attempt, fence, success.Value, now, call).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Refused { Status: 404 } refused when target is not null:
                AttemptLog.Refused(logger, attempt.Id, refused.Status, refused.RequestId);
                await FailAsync(db, attempt, fence, await EndingOfMissingAsync(db, account, target.Instance, refused).ConfigureAwait(false), call).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Refused { Status: 429 } refused:
                await RetryOrFailAsync(db, attempt, fence, Ending(refused, EndingReason.Busy), refused.RetryAfter, call).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Refused refused:
                AttemptLog.Refused(logger, attempt.Id, refused.Status, refused.RequestId);
                await FailAsync(db, attempt, fence, Ending(refused, EndingReason.Refused), call).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Unreachable { Reason: UnsentReason.SecretUnreadable }:
                await FailAsync(db, attempt, fence, new AttemptEnding(EndingReason.SecretUnreadable), call).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Unreachable unreachable:
                if (unreachable.Reason == UnsentReason.Paused) AttemptLog.Withheld(logger, attempt.Id);
                await RetryOrFailAsync(db, attempt, fence, new AttemptEnding(EndingReason.Unreachable, Message: unreachable.Reason.ToString()), null, call).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Unknown unknown:
                AttemptLog.AnswerLost(logger, attempt.Id, EndingReason.NoClearAnswer);
                var ending = new AttemptEnding(EndingReason.NoClearAnswer, unknown.Status, unknown.Message ?? unknown.Reason.ToString(), RequestId: unknown.RequestId);
                await LoseAnswerAsync(db, attempt, fence, ending, call).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Looks at the platform for what an exchange that was not clearly answered came to.</summary>
    public async Task SearchAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (attempt is not { State: AttemptState.Ambiguous }) return;
        if (attempt.IsReauthentication)
        {
            await SearchTargetAsync(db, attempt, cancellationToken).ConfigureAwait(false);
            return;
        }

        var account = await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        var started = clock.GetTimestamp();
        // While there is patience, the platform's own filter is asked. Before absence is concluded, everything is read:
        // a filter that answers too little would prove nothing.
        var isLast = clock.GetUtcNow() >= attempt.AbsenceCountsFrom(options.Value.UnansweredPatience, Provisioner.Lease);
        var search = await SearchPlatformAsync(account, attempt, everything: isLast, cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var call = new HistoryCall(search.RequestId, clock.GetElapsedTime(started));
        if (search.Found.FirstOrDefault(row => !string.IsNullOrEmpty(row.Token)) is { } found)
        {
            var stored = await StoreAsync(db, account, attempt, found, now).ConfigureAwait(false);
            await ApplyAsync(db, attempt, AttemptEvent.Adopted, () =>
            {
                attempt.Adopt(stored.Id, found.Id, now, call);
                foreach (var second in search.Found.Where(row => row.Id != found.Id)) AddOrphan(db, attempt, second, now);
            }).ConfigureAwait(false);
        }
        // One without its token cannot be adopted, but it is there: its absence is not proved either.
        else if (search is { Complete: true, Found: [] } && isLast)
        {
            await ApplyAsync(db, attempt, AttemptEvent.ProvedAbsent, () => attempt.ConcludeAbsent(search.RequestId, now, call: call)).ConfigureAwait(false);
        }
        else
        {
            // An instance may appear late, and a search that broke off proves nothing.
            attempt.SearchAgain(now + LookAgainAfter(attempt, now));
            await SaveAsync(db, attempt).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Looks at what was created: whether the platform made one of it and not two, and whether it works. It is a look
    /// alone, repeated without harm after a crash.
    /// </summary>
    public async Task VerifyAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (attempt is not { State: AttemptState.Active, VerifiedAt: null }) return;

        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        if (account is null)
        {
            // Deleted meanwhile, and every instance before it: there is nothing to look at any more.
            await ApplyAsync(db, attempt, AttemptEvent.Verified, () => attempt.Verify(nameof(CheckOutcome.Missing), null, clock.GetUtcNow())).ConfigureAwait(false);
            return;
        }

        var started = clock.GetTimestamp();
        var isThere = await db.Instances.AnyAsync(row => row.Id == attempt.InstanceId, cancellationToken).ConfigureAwait(false);
        // The instance may have been deleted meanwhile; a second one would still be there.
        var search = attempt.IsReauthentication ? Search.Nothing : await SearchPlatformAsync(account, attempt, everything: false, cancellationToken).ConfigureAwait(false);
        if (isThere && !attempt.IsReauthentication && search.Complete && search.Found.All(row => row.Id != attempt.PlatformInstanceId))
        {
            // A filter that does not find the one that is there says nothing of a second one.
            search = await SearchPlatformAsync(account, attempt, everything: true, cancellationToken).ConfigureAwait(false);
        }

        var (outcome, requestId) = isThere ? await LookAsync(attempt.InstanceId!.Value, cancellationToken).ConfigureAwait(false) : (CheckOutcome.Missing, null);
        var call = new HistoryCall(requestId ?? search.RequestId, clock.GetElapsedTime(started));
        var now = clock.GetUtcNow();
        var isAnswered = search.Complete && outcome is not (CheckOutcome.Unreachable or CheckOutcome.Unclear);
        if (!isAnswered && attempt.Verifications < MaxVerifications)
        {
            attempt.VerifyLater(now + Backoff(attempt.Verifications + 1));
            await SaveAsync(db, attempt).ConfigureAwait(false);
            return;
        }

        var known = await db.Orphans.Where(row => row.AttemptId == id).Select(row => row.PlatformId).ToListAsync(cancellationToken).ConfigureAwait(false);
        await ApplyAsync(db, attempt, AttemptEvent.Verified, () =>
        {
            foreach (var second in search.Found.Where(found => found.Id != attempt.PlatformInstanceId && !known.Contains(found.Id))) AddOrphan(db, attempt, second, now);
            attempt.Verify(outcome == CheckOutcome.Alive ? null : outcome.ToString(), call, now);
        }).ConfigureAwait(false);
    }

    private async Task<(CheckOutcome Outcome, string? RequestId)> LookAsync(Guid instanceId, CancellationToken cancellationToken)
    {
        var look = await checker.CheckAsync(instanceId, Actor.Portal, cancellationToken).ConfigureAwait(false);
        return look.Succeeded ? (look.Value.Outcome, look.Value.RequestId) : (CheckOutcome.Unclear, null);
    }

    // The target's token tells: refreshed since the request was sent, the request did it. The platform's times are compared with one another,
    // because its clock is its own; the portal's own time stands in where the platform told none before.
    private async Task SearchTargetAsync(PortalDb db, ProvisioningAttempt attempt, CancellationToken cancellationToken)
    {
        var target = await LookAtTargetAsync(db, attempt, cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var isLast = now >= attempt.AbsenceCountsFrom(options.Value.UnansweredPatience, Provisioner.Lease);
        switch (target?.Told)
        {
            case PlatformOutcome<PlatformInstance>.Success success when attempt.TargetRefreshedAt is { } before ? success.Value.RefreshedAt > before : success.Value.RefreshedAt >= attempt.SentAt - ClockSkew:
                await RenewFoundAsync(db, attempt, success.Value, target, new HistoryCall(success.RequestId, TimeSpan.Zero)).ConfigureAwait(false);
                break;

            case null:
                // Deleted in the portal, and with it on the platform.
                await ApplyAsync(db, attempt, AttemptEvent.ProvedAbsent, () => attempt.ConcludeAbsent(null, now, targetGone: true)).ConfigureAwait(false);
                break;

            // An answer is evidence only when there was time enough: the platform may still have been at work.
            case PlatformOutcome<PlatformInstance>.Success success when isLast:
                await ApplyAsync(db, attempt, AttemptEvent.ProvedAbsent, () => attempt.ConcludeAbsent(success.RequestId, now)).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Refused { Status: 404 } refused when isLast:
                await ApplyAsync(db, attempt, AttemptEvent.ProvedAbsent, () => attempt.ConcludeAbsent(refused.RequestId, now, targetGone: true)).ConfigureAwait(false);
                break;

            default:
                attempt.SearchAgain(now + LookAgainAfter(attempt, now));
                await SaveAsync(db, attempt).ConfigureAwait(false);
                break;
        }
    }

    private async Task<Target?> LookAtTargetAsync(PortalDb db, ProvisioningAttempt attempt, CancellationToken cancellationToken)
    {
        var instance = await db.Instances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.TargetInstanceId, cancellationToken).ConfigureAwait(false);
        if (instance is null) return null;
        var account = await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == instance.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        return new Target(instance, account, await platform.GetAsync(account, instance.PlatformId, cancellationToken).ConfigureAwait(false));
    }

    private static DateTimeOffset? RefreshedAtOf(Target? target) => target?.Told is PlatformOutcome<PlatformInstance>.Success success ? success.Value.RefreshedAt : null;

    private static NewInstance Creation(ProvisioningAttempt attempt, ElementDefinition element, ProviderAppCredentials app) => new()
    {
        Element = element,
        Name = attempt.Name,
        Tags = [.. attempt.Tags, attempt.PortalTag],
        CallbackUrl = attempt.CallbackUrl!,
        ProviderApp = app,
        Code = attempt.CodeOf!,
        Configuration = attempt.Configuration,
        SecretConfiguration = attempt.SealedConfiguration.Keys.ToDictionary(key => key, attempt.SealedConfigurationOf),
        Events = attempt.Events,
    };

    // What the platform has is read first and goes back with what the attempt gives: PUT may replace all of it.
    private async Task<(PlatformOutcome<PlatformInstance> Outcome, string? Sent)> ReauthenticateAsync(
        PlatformAccount account, ProvisioningAttempt attempt, ElementDefinition element, ProviderAppCredentials app, Target target, SendDeadline deadline)
    {
        switch (target.Told)
        {
            case PlatformOutcome<PlatformInstance>.Success { Value: var told }:
                var configuration = PlatformConfiguration.SentBack(told, attempt);
                foreach (var (key, value) in attempt.Configuration) configuration[key] = value;
                var reauthentication = new Reauthentication(
                    attempt.ElementKey,
                    string.IsNullOrEmpty(told.Name) ? target.Instance.Name : told.Name,
                    attempt.CallbackUrl!,
                    app,
                    attempt.CodeOf!,
                    configuration,
                    attempt.SealedConfiguration.Keys.ToDictionary(key => key, attempt.SealedConfigurationOf))
                {
                    Tags = told.Tags,
                    Deadline = deadline,
                };
                var outcome = await platform.ReauthenticateAsync(account, target.Instance.PlatformId, reauthentication, CancellationToken.None).ConfigureAwait(false);
                return (outcome, AttemptPayload.Sent(reauthentication, element));

            case PlatformOutcome<PlatformInstance>.Unknown:
                // Reading alone was tried: the code has not left.
                return (new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NotConnected), null);

            default:
                return (target.Told, null);
        }
    }

    // The answer may come without the token; then the instance is asked for once more, and failing that the old one is kept.
    private async Task<PlatformInstance> WithTokenAsync(PlatformAccount account, PlatformInstance answered)
    {
        if (!string.IsNullOrEmpty(answered.Token)) return answered;
        return await platform.GetAsync(account, answered.Id, CancellationToken.None).ConfigureAwait(false) is PlatformOutcome<PlatformInstance>.Success again
            ? again.Value
            : answered;
    }

    /// <summary>Takes over what the new authorization brought.</summary>
    /// <returns>What a person should know of it; null where there is nothing.</returns>
    private string? Renew(ElementInstance instance, PlatformAccount account, PlatformInstance told, ProvisioningAttempt attempt)
    {
        if (!string.IsNullOrEmpty(told.Token)) instance.Token = secrets.Seal(SecretKind.InstanceToken, instance.Id, account.Origin, told.Token);
        // An answer that does not say whether it is switched off leaves it as it was.
        var disabled = told.IsDisabled ?? instance.State == InstanceState.Disabled;
        instance.State = InstanceStates.From(told with { IsDisabled = disabled });
        instance.Attention = instance.State == InstanceState.NeedsAttention ? AttentionReason.NotValid : null;
        instance.AttentionMessage = null;
        instance.RefreshedAt = told.RefreshedAt ?? instance.RefreshedAt;
        instance.RefreshIntervalSeconds = told.RefreshIntervalSeconds ?? instance.RefreshIntervalSeconds;
        if (told.Configuration.Count > 0) instance.HasLegacyKey = told.HasLegacyKey(catalog);
        instance.ProviderAppId = attempt.ProviderAppId;
        instance.LastCheckedAt = clock.GetUtcNow();

        var before = instance.AccountServer;
        instance.AccountServer = attempt.Configuration.GetValueOrDefault(ElementCatalog.ServerKey) ?? attempt.ConsentedServer ?? told.AccountServer ?? before;
        return before is null || before == instance.AccountServer ? null : $"{before} → {instance.AccountServer}";
    }

    private static async Task<Actor> ActorAsync(PortalDb db, ProvisioningAttempt attempt) =>
        attempt.CreatedBy is { } person
            ? new Actor(person, await db.Users.Where(user => user.Id == person).Select(user => user.UserName).SingleOrDefaultAsync().ConfigureAwait(false))
            : Actor.Portal;

    /// <summary>Reads the platform's instances to the last page and picks those with the attempt's tag, the oldest first.</summary>
    /// <param name="account">Where to look.</param>
    /// <param name="attempt">Whose tag to look for; how far the look has come is written to its row for the pages that show it.</param>
    /// <param name="everything">Whether all instances are read; otherwise the platform is asked for the tag.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    private async Task<Search> SearchPlatformAsync(PlatformAccount account, ProvisioningAttempt attempt, bool everything, CancellationToken cancellationToken)
    {
        string? page = null;
        string? requestId;
        var (pages, instances) = (0, 0);
        var cursors = new HashSet<string>(StringComparer.Ordinal);
        var found = new SortedDictionary<long, PlatformInstance>();
        do
        {
            var outcome = await platform.ListAsync(account, everything ? null : attempt.PortalTag, page, cancellationToken).ConfigureAwait(false);
            if (outcome is not PlatformOutcome<PlatformInstancePage>.Success success) return new Search([.. found.Values], Complete: false, RequestIdOf(outcome));
            requestId = success.RequestId;
            foreach (var instance in success.Value.Instances.Where(instance => instance.Tags?.Contains(attempt.PortalTag) == true)) found[instance.Id] = instance;
            await NoteProgressAsync(attempt.Id, ++pages, instances += success.Value.Instances.Count, cancellationToken).ConfigureAwait(false);
            page = success.Value.NextPage;
            // A cursor that repeats itself would never end and never prove anything.
            if (page is not null && !cursors.Add(page)) return new Search([.. found.Values], Complete: false, requestId);
        }
        while (page is not null);
        return new Search([.. found.Values], Complete: true, requestId);
    }

    // Beside the version: it is what the page shows meanwhile, and nothing is decided by it.
    private async Task NoteProgressAsync(Guid attemptId, int pages, int instances, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await db.Attempts.Where(row => row.Id == attemptId && row.State == AttemptState.Ambiguous)
            .ExecuteUpdateAsync(row => row.SetProperty(attempt => attempt.SearchedPages, pages).SetProperty(attempt => attempt.SearchedInstances, instances), cancellationToken)
            .ConfigureAwait(false);
        feed.Show(attemptId);
    }

    private static void AddOrphan(PortalDb db, ProvisioningAttempt attempt, PlatformInstance second, DateTimeOffset now)
    {
        db.Orphans.Add(new OrphanedInstance
        {
            Id = Guid.CreateVersion7(now),
            AttemptId = attempt.Id,
            PlatformAccountId = attempt.PlatformAccountId,
            PlatformId = second.Id,
            Name = second.Name,
            FoundAt = now,
        });
        attempt.FindOrphan(second.Id, now);
    }

    private async Task<ElementInstance> StoreAsync(
        PortalDb db, PlatformAccount account, ProvisioningAttempt attempt, PlatformInstance created, DateTimeOffset now, string? detail = null)
    {
        // A sync may have listed it as unknown to the portal.
        db.Drift.RemoveRange(await db.Drift.Where(row => row.PlatformAccountId == account.Id && row.PlatformId == created.Id).ToListAsync().ConfigureAwait(false));
        var known = await db.Instances.SingleOrDefaultAsync(row => row.PlatformAccountId == account.Id && row.PlatformId == created.Id).ConfigureAwait(false);
        if (known is not null)
        {
            known.Token = secrets.Seal(SecretKind.InstanceToken, known.Id, account.Origin, created.Token!);
            known.LastCheckedAt = now;
            db.Note(await ActorAsync(db, attempt).ConfigureAwait(false), now, ActivityAction.InstanceCreated, known, detail: detail, attemptId: attempt.Id);
            return known;
        }

        var id = Guid.CreateVersion7(now);
        var name = string.IsNullOrEmpty(created.Name) ? attempt.Name : created.Name;
        var instance = new ElementInstance
        {
            Id = id,
            PlatformAccountId = account.Id,
            PlatformId = created.Id,
            ElementKey = attempt.ElementKey,
            Name = name,
            Tags = [.. (created.Tags ?? attempt.Tags).Where(tag => tag != attempt.PortalTag)],
            PortalTag = attempt.PortalTag,
            AccountServer = attempt.Configuration.GetValueOrDefault(ElementCatalog.ServerKey) ?? attempt.ConsentedServer,
            Token = secrets.Seal(SecretKind.InstanceToken, id, account.Origin, created.Token!),
            State = InstanceStates.From(created),
            Attention = created is { IsDisabled: not true, IsValid: false } ? AttentionReason.NotValid : null,
            HasLegacyKey = created.HasLegacyKey(catalog) || attempt.SealedConfiguration.ContainsKey(ElementCatalog.EncryptedKeyKey),
            RefreshedAt = created.RefreshedAt,
            RefreshIntervalSeconds = created.RefreshIntervalSeconds,
            ProviderAppId = attempt.ProviderAppId,
            AttemptId = attempt.Id,
            CreatedAt = created.CreatedAt ?? now,
            LastCheckedAt = now,
        };
        db.Instances.Add(instance);
        db.Note(await ActorAsync(db, attempt).ConfigureAwait(false), now, ActivityAction.InstanceCreated, instance, detail: detail, attemptId: attempt.Id);
        return instance;
    }

    // Soon while it may appear late; from then on a platform that cannot be read is not asked all the time.
    private TimeSpan LookAgainAfter(ProvisioningAttempt attempt, DateTimeOffset now) =>
        now - attempt.SentAt < options.Value.UnansweredPatience + MaxWait ? Backoff(attempt.Searches) : LongWait;

    private static TimeSpan Backoff(int done) => TimeSpan.FromSeconds(Math.Min(MaxWait.TotalSeconds, 2 * Math.Pow(2, Math.Max(0, done - 1))));

    private static string? RequestIdOf<T>(PlatformOutcome<T> outcome) => outcome switch
    {
        PlatformOutcome<T>.Success success => success.RequestId,
        PlatformOutcome<T>.Refused refused => refused.RequestId,
        PlatformOutcome<T>.Unknown unknown => unknown.RequestId,
        _ => null,
    };

    private static AttemptEnding Ending(PlatformOutcome<PlatformInstance>.Refused refused, EndingReason reason) =>
        new(reason, refused.Status, refused.Message, refused.ProviderMessage, refused.RequestId);

    private async Task<bool> ApplyAsync(PortalDb db, ProvisioningAttempt attempt, AttemptEvent happened, Action transition)
    {
        transition();
        if (!await SaveAsync(db, attempt).ConfigureAwait(false)) return false;
        AttemptLog.Moved(logger, attempt.Id, attempt.State, happened);
        return true;
    }

    private async Task<bool> SaveAsync(PortalDb db, ProvisioningAttempt attempt)
    {
        try
        {
            // What has happened on the platform is written down even while the portal is stopping.
            using (await writes.TakeTurnAsync(CancellationToken.None).ConfigureAwait(false)) await db.SaveChangesAsync(CancellationToken.None).ConfigureAwait(false);
            feed.Publish(attempt.Id);
            return true;
        }
        catch (DbUpdateException exception) when (LostRace.Is(exception))
        {
            db.ChangeTracker.Clear();
            return false;
        }
    }

    /// <summary>The instance that is authorized anew, and what the platform says of it now.</summary>
    private sealed record Target(ElementInstance Instance, PlatformAccount Account, PlatformOutcome<PlatformInstance> Told);

    /// <param name="Found">Those with the attempt's tag, by the platform's id.</param>
    /// <param name="Complete">Whether everything was read; otherwise what was not found may be there all the same.</param>
    /// <param name="RequestId">The platform's id of the last request.</param>
    private sealed record Search(IReadOnlyList<PlatformInstance> Found, bool Complete, string? RequestId)
    {
        public static Search Nothing { get; } = new([], Complete: true, null);
    }
}
