using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Instances;

/// <summary>Looks whether an instance works, and writes down what it found: state, reason, token times, history.</summary>
/// <remarks>
/// Two questions: <c>GET /instances/{id}</c> says whether it is there, switched on and valid, and brings the token as it
/// is now; <c>GET /ping</c> with that token says whether the provider answers for it. A platform that is not reached, or
/// says nothing clear, has said nothing of the instance: its state stays.
/// </remarks>
public sealed class InstanceChecker(
    IDbContextFactory<PortalDb> databases,
    IElementsPlatform platform,
    ISecretBox secrets,
    ElementCatalog catalog,
    PlatformProblems problems,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    Gate gate)
{
    /// <summary>A token whose refresh is overdue by as many intervals was not refreshed for lack of trying.</summary>
    private const int OverdueIntervals = 2;

    /// <summary>Checks one instance now.</summary>
    /// <param name="id">The instance.</param>
    /// <param name="actor">Who asks; the portal itself writes no line in the activity record.</param>
    /// <param name="cancellationToken">Gives up; nothing is written then.</param>
    public async Task<Result<InstanceCheck>> CheckAsync(Guid id, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.ChangeInstances, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        return (await CheckAsync(id, actor, asPartOfAJob: false, cancellationToken).ConfigureAwait(false)).Result;
    }

    /// <summary>Checks one instance for a job, which has a record of its own. Where the platform is busy, nothing is written.</summary>
    internal async Task<(Result<InstanceCheck> Result, bool IsBusy, TimeSpan? RetryAfter)> CheckForJobAsync(Guid id, Actor actor, CancellationToken cancellationToken) =>
        await CheckAsync(id, actor, asPartOfAJob: true, cancellationToken).ConfigureAwait(false);

    /// <summary>The first check of an instance that was stored since a time and not made by the background; null where there is none.</summary>
    internal async Task<InstanceCheck?> FindSinceAsync(long instanceNumber, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.InstanceChecks.AsNoTracking()
            .Where(check => check.InstanceNumber == instanceNumber && check.At >= since && !check.Scheduled)
            .OrderBy(check => check.Id).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<(Result<InstanceCheck> Result, bool IsBusy, TimeSpan? RetryAfter)> CheckAsync(
        Guid id, Actor actor, bool asPartOfAJob, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var instance = await db.Instances.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (instance is null) return (new Problem(ProblemKind.NotFound, texts["Instance.Gone"]), false, null);
        var account = await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == instance.PlatformAccountId, cancellationToken).ConfigureAwait(false);

        var started = clock.GetTimestamp();
        var finding = await LookAsync(account, instance, cancellationToken).ConfigureAwait(false);
        if (asPartOfAJob && finding.IsBusy) return (new Problem(ProblemKind.NotNow, finding.Message ?? ""), true, finding.RetryAfter);
        var now = clock.GetUtcNow();
        var check = new InstanceCheck
        {
            InstanceNumber = instance.Number,
            At = now,
            Outcome = finding.Outcome,
            Milliseconds = (int)Math.Min(int.MaxValue, clock.GetElapsedTime(started).TotalMilliseconds),
            Message = OutsideText.Clean(finding.Message, ElementInstance.MaxMessageLength),
            RequestId = OutsideText.Clean(finding.RequestId, 100),
            Scheduled = actor.PersonId is null,
        };
        db.InstanceChecks.Add(check);
        if (finding.Outcome is not (CheckOutcome.Unreachable or CheckOutcome.Unclear)) instance.LastCheckedAt = now;
        instance.CheckDueAt = DueAfter(account, now);
        if (actor.PersonId is not null && !asPartOfAJob) db.Note(actor, now, ActivityAction.InstanceChecked, instance, finding.Outcome == CheckOutcome.Alive, check.Message);
        try
        {
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DbUpdateConcurrencyException)
        {
            return (new Problem(ProblemKind.Stale, texts["Instance.Stale"]), false, null);
        }

        var oldest = await db.InstanceChecks.Where(row => row.InstanceNumber == instance.Number)
            .OrderByDescending(row => row.Id).Skip(InstanceCheck.Kept).Select(row => (long?)row.Id).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (oldest is not null)
            await db.InstanceChecks.Where(row => row.InstanceNumber == instance.Number && row.Id <= oldest).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        return (check, false, null);
    }

    /// <summary>The last checks of an instance, oldest first; at most <see cref="InstanceCheck.Kept"/>.</summary>
    public async Task<IReadOnlyList<InstanceCheck>> ListAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.InstanceChecks.AsNoTracking()
            .Where(check => db.Instances.Any(instance => instance.Id == id && instance.Number == check.InstanceNumber))
            .OrderBy(check => check.Id).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>When the background looks again: the account's interval, a tenth more or less, so that checks spread out.</summary>
    internal static DateTimeOffset? DueAfter(PlatformAccount account, DateTimeOffset now) =>
        account.CheckEveryMinutes is { } minutes ? now + TimeSpan.FromMinutes(minutes) * (0.9 + 0.2 * Random.Shared.NextDouble()) : null;

    private async Task<Finding> LookAsync(PlatformAccount account, ElementInstance instance, CancellationToken cancellationToken)
    {
        var told = await platform.GetAsync(account, instance.PlatformId, cancellationToken).ConfigureAwait(false);
        switch (told)
        {
            case PlatformOutcome<PlatformInstance>.Success success:
                Take(instance, account, success.Value);
                if (success.Value.IsDisabled == true) return Disabled(instance, success);
                break;
            case PlatformOutcome<PlatformInstance>.Refused { Status: 404 } missing:
                Set(instance, InstanceState.MissingOnPlatform);
                return new Finding(CheckOutcome.Missing, problems.From(told).Message, missing.RequestId);
            default:
                // The account's own credentials, or the way there: no word on the instance.
                return Nothing(told);
        }

        var pong = await platform.PingAsync(account, instance.TokenOf, cancellationToken).ConfigureAwait(false);
        switch (pong)
        {
            case PlatformOutcome<PlatformPong>.Success { Value.IsValid: not false } success:
                Set(instance, InstanceState.Active);
                return new Finding(CheckOutcome.Alive, null, success.RequestId);
            case PlatformOutcome<PlatformPong>.Success success:
                Set(instance, InstanceState.NeedsAttention, AttentionReason.NotValid);
                return new Finding(CheckOutcome.Refused, texts["Attention.NotValid"], success.RequestId);
            case PlatformOutcome<PlatformPong>.Refused { Status: not 429 } refused:
                // The user's and the organization's secrets were good a moment ago, so a bare 401 is about the element token.
                var reason = refused switch
                {
                    { ProviderMessage: not null } => AttentionReason.TokenRefused,
                    { Status: 401 } => AttentionReason.ElementTokenRefused,
                    _ => AttentionReason.Refused,
                };
                var words = refused.ProviderMessage ?? refused.Message;
                Set(instance, InstanceState.NeedsAttention, reason, words);
                return new Finding(CheckOutcome.Refused, words, refused.RequestId);
            default:
                return Nothing(pong);
        }
    }

    private Finding Disabled(ElementInstance instance, PlatformOutcome<PlatformInstance>.Success told)
    {
        // Switched off here, or at the platform's console, it is off because somebody wants it off. Switched off while
        // its token is not refreshed any more, the platform did it: it gives up after five refreshes that failed.
        var overdue = told.Value is { RefreshedAt: { } refreshed, RefreshIntervalSeconds: { } interval }
            && refreshed + TimeSpan.FromSeconds(interval * (double)OverdueIntervals) < clock.GetUtcNow();
        if (instance.State != InstanceState.Disabled && (told.Value.IsValid == false || overdue))
            Set(instance, InstanceState.NeedsAttention, AttentionReason.DisabledByPlatform);
        else if (instance.Attention != AttentionReason.DisabledByPlatform)
            Set(instance, InstanceState.Disabled);
        return new Finding(CheckOutcome.Disabled, instance.Attention is { } reason ? texts[$"Attention.{reason}"].Value : null, told.RequestId);
    }

    private void Take(ElementInstance instance, PlatformAccount account, PlatformInstance told)
    {
        // What this answer leaves out is not unlearned.
        instance.RefreshedAt = told.RefreshedAt ?? instance.RefreshedAt;
        instance.RefreshIntervalSeconds = told.RefreshIntervalSeconds ?? instance.RefreshIntervalSeconds;
        instance.AccountServer ??= told.AccountServer;
        if (told.Configuration.Count > 0) instance.HasLegacyKey = told.HasLegacyKey(catalog);
        if (told.IsTraced == false) instance.TraceUntil = null;
        if (!string.IsNullOrEmpty(told.Token)) KeepToken(instance, account.Origin, told.Token);
    }

    private void KeepToken(ElementInstance instance, SecretOrigin origin, string token)
    {
        try
        {
            if (secrets.Open(instance.TokenOf, origin) == token) return;
        }
        catch (SecretUnreadableException)
        {
            // The key ring changed: the platform's answer heals it.
        }

        instance.Token = secrets.Seal(SecretKind.InstanceToken, instance.Id, origin, token);
    }

    private static void Set(ElementInstance instance, InstanceState state, AttentionReason? reason = null, string? words = null)
    {
        instance.State = state;
        instance.Attention = reason;
        instance.AttentionMessage = OutsideText.Clean(words, ElementInstance.MaxMessageLength);
    }

    private Finding Nothing<T>(PlatformOutcome<T> outcome) => new(
        outcome is PlatformOutcome<T>.Unreachable ? CheckOutcome.Unreachable : CheckOutcome.Unclear,
        problems.From(outcome).Message,
        (outcome as PlatformOutcome<T>.Unknown)?.RequestId ?? (outcome as PlatformOutcome<T>.Refused)?.RequestId)
    {
        IsBusy = outcome is PlatformOutcome<T>.Refused { Status: 429 },
        RetryAfter = (outcome as PlatformOutcome<T>.Refused)?.RetryAfter,
    };

    private sealed record Finding(CheckOutcome Outcome, string? Message, string? RequestId)
    {
        public bool IsBusy { get; init; }

        public TimeSpan? RetryAfter { get; init; }
    }
}
