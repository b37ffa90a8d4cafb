using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Settings;
using AdminPortal.Platform;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Attempts.Exchange;

/// <summary>Exchanges a received code for a new instance, or for a new authorization of the attempt's target instance.</summary>
internal sealed class CodeExchange(
    IDbContextFactory<PortalDb> databases,
    IElementsPlatform platform,
    ElementCatalog catalog,
    AttemptTransitions transitions,
    ExchangeOutcomes outcomes,
    IOptions<PortalOptions> options,
    ISuspendAwareClock suspendAware,
    TimeProvider clock)
{
    private static readonly Guid ThisProcess = Guid.NewGuid();

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
            await transitions.ApplyAsync(db, attempt, AttemptEvent.CodeLapsed, () => attempt.LapseCode(clock.GetUtcNow())).ConfigureAwait(false);
            return;
        }

        // Before the claim: reading may be tried several times, and the lease is measured for one request. A database that
        // cannot be read at the moment leaves the code where it is, to be taken at the next look.
        var target = attempt.IsReauthentication ? await AttemptTarget.ReadAsync(db, platform, attempt, CancellationToken.None).ConfigureAwait(false) : null;
        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.PlatformAccountId).ConfigureAwait(false);
        var app = await db.ProviderApps.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.ProviderAppId).ConfigureAwait(false);

        // Before the claim, because the lease begins there: this process may be paused at any place from here to the request.
        var deadline = new SendDeadline(suspendAware, clock, AttemptLease.SendWithin);

        // Committed before the request leaves. Losing the race is not an error: the winner does the work.
        if (!await transitions.ApplyAsync(db, attempt, AttemptEvent.Claimed, () => attempt.Claim(ThisProcess, clock.GetUtcNow(), AttemptLease.Length, target?.RefreshedAt)).ConfigureAwait(false)) return;
        var fence = attempt.Fence;

        // A damaged row has lost a part of what the person entered: it must not be sent without it.
        if (account is null || app is null || catalog.Find(attempt.ElementKey) is not { } element || attempt.IsUnreadable())
        {
            await outcomes.FailAsync(db, attempt, fence, new AttemptEnding(EndingReason.SettingsGone)).ConfigureAwait(false);
            return;
        }

        // Taken back since the consent began: the secret must not leave.
        if (new AttemptParts(attempt, account, app, null).Credentials is not { } credentials)
        {
            await outcomes.FailAsync(db, attempt, fence, new AttemptEnding(EndingReason.AppNotAllowed)).ConfigureAwait(false);
            return;
        }

        if (attempt.IsReauthentication && target is null)
        {
            await outcomes.FailAsync(db, attempt, fence, new AttemptEnding(EndingReason.TargetGone)).ConfigureAwait(false);
            return;
        }

        var started = clock.GetTimestamp();
        var (outcome, sent) = target is null
            ? await CreateAsync(account, attempt, element, credentials, deadline).ConfigureAwait(false)
            : await ReauthenticateAsync(account, attempt, element, credentials, target, deadline).ConfigureAwait(false);
        var call = new HistoryCall(outcome.RequestIdOrNull, clock.GetElapsedTime(started), sent, AttemptPayload.Received(outcome));
        await outcomes.RecordAsync(db, account, attempt, fence, target, outcome, call).ConfigureAwait(false);
    }

    private async Task<(PlatformOutcome<PlatformInstance> Outcome, string? Sent)> CreateAsync(
        PlatformAccount account, ProvisioningAttempt attempt, ElementDefinition element, ProviderAppCredentials app, SendDeadline deadline)
    {
        var creation = Creation(attempt, element, app) with { Deadline = deadline };
        var sent = AttemptPayload.Sent(creation);
        return (await platform.CreateAsync(account, creation, CancellationToken.None).ConfigureAwait(false), sent);
    }

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
        PlatformAccount account, ProvisioningAttempt attempt, ElementDefinition element, ProviderAppCredentials app, AttemptTarget target, SendDeadline deadline)
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
}
