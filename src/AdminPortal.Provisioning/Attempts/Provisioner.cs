using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Platform;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>Works on one attempt: exchanges its code for an instance, or finds out what an unanswered exchange came to.</summary>
internal sealed class Provisioner(
    IDbContextFactory<PortalDb> databases,
    IElementsPlatform platform,
    ISecretBox secrets,
    ElementCatalog catalog,
    AttemptFeed feed,
    IOptions<PortalOptions> options,
    TimeProvider clock,
    ILogger<Provisioner> logger)
{
    /// <summary>Longer than one request can take, so that a lease that has run out means a dead process.</summary>
    public static readonly TimeSpan Lease = PlatformTransport.ConnectTimeout + PlatformTransport.AnswerTimeout + TimeSpan.FromSeconds(20);

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);
    private static readonly Guid ThisProcess = Guid.NewGuid();

    /// <summary>What is due: codes to exchange and unanswered exchanges to look for, oldest first.</summary>
    public async Task<IReadOnlyList<(Guid Id, AttemptState State)>> FindDueAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var rows = await db.Attempts.AsNoTracking()
            .Where(attempt => (attempt.State == AttemptState.CodeReceived || attempt.State == AttemptState.Ambiguous) && (attempt.NextAt == null || attempt.NextAt <= now))
            .OrderBy(attempt => attempt.UpdatedAt)
            .Select(attempt => new { attempt.Id, attempt.State })
            .Take(100)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => (row.Id, row.State))];
    }

    /// <summary>Ends consents that nobody came back from, and takes over from processes that died with a request under way.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var stale = await db.Attempts
            .Where(attempt => (attempt.State == AttemptState.AwaitingConsent && attempt.ConsentExpiresAt <= now)
                || (attempt.State == AttemptState.Provisioning && attempt.LeaseUntil <= now))
            .OrderBy(attempt => attempt.UpdatedAt).Take(100)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        foreach (var attempt in stale)
        {
            var saved = attempt.State == AttemptState.AwaitingConsent
                ? await ApplyAsync(db, attempt, AttemptEvent.TimeRanOut, () => attempt.Expire(now)).ConfigureAwait(false)
                : await ApplyAsync(db, attempt, AttemptEvent.AnswerLost, () => attempt.LoseAnswer(new AttemptEnding(EndingReason.PortalStopped), now)).ConfigureAwait(false);
            // A lost race: the others are read anew at the next look.
            if (!saved) return;
        }
    }

    /// <summary>Claims a received code and sends it, once.</summary>
    /// <remarks>Not cancellable: a request that has left is waited for, or the answer is lost with it.</remarks>
    public async Task ExchangeAsync(Guid id)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None).ConfigureAwait(false);
        var attempt = await db.Attempts.SingleOrDefaultAsync(row => row.Id == id).ConfigureAwait(false);
        if (attempt is not { State: AttemptState.CodeReceived }) return;

        // Committed before the request leaves. Losing the race is not an error: the winner does the work.
        if (!await ApplyAsync(db, attempt, AttemptEvent.Claimed, () => attempt.Claim(ThisProcess, clock.GetUtcNow(), Lease)).ConfigureAwait(false)) return;

        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.PlatformAccountId).ConfigureAwait(false);
        var app = await db.ProviderApps.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.ProviderAppId).ConfigureAwait(false);
        if (account is null || app is null || catalog.Find(attempt.ElementKey) is not { } element)
        {
            await ApplyAsync(db, attempt, AttemptEvent.Refused, () => attempt.Fail(new AttemptEnding(EndingReason.SettingsGone), clock.GetUtcNow())).ConfigureAwait(false);
            return;
        }

        var outcome = await platform.CreateAsync(
            account,
            new NewInstance
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
            },
            CancellationToken.None).ConfigureAwait(false);

        var now = clock.GetUtcNow();
        switch (outcome)
        {
            case PlatformOutcome<PlatformInstance>.Success success:
                var stored = await StoreAsync(db, account, attempt, success.Value, now).ConfigureAwait(false);
                await ApplyAsync(db, attempt, AttemptEvent.Answered, () => attempt.Succeed(stored.Id, success.Value.Id, success.RequestId, now)).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Refused { Status: 429 } refused:
                await RetryOrFailAsync(db, attempt, Ending(refused, EndingReason.Busy), refused.RetryAfter, now).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Refused refused:
                AttemptLog.Refused(logger, id, refused.Status, refused.RequestId);
                await ApplyAsync(db, attempt, AttemptEvent.Refused, () => attempt.Fail(Ending(refused, EndingReason.Refused), now)).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Unreachable { Reason: UnsentReason.SecretUnreadable }:
                await ApplyAsync(db, attempt, AttemptEvent.Refused, () => attempt.Fail(new AttemptEnding(EndingReason.SecretUnreadable), now)).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Unreachable unreachable:
                await RetryOrFailAsync(db, attempt, new AttemptEnding(EndingReason.Unreachable, Message: unreachable.Reason.ToString()), null, now).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Unknown unknown:
                AttemptLog.AnswerLost(logger, id, EndingReason.NoClearAnswer);
                var ending = new AttemptEnding(EndingReason.NoClearAnswer, unknown.Status, unknown.Message ?? unknown.Reason.ToString(), RequestId: unknown.RequestId);
                await ApplyAsync(db, attempt, AttemptEvent.AnswerLost, () => attempt.LoseAnswer(ending, now)).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Searches the platform for the instance of an exchange that was not clearly answered.</summary>
    public async Task SearchAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (attempt is not { State: AttemptState.Ambiguous }) return;
        var account = await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false);

        var search = await SearchPlatformAsync(account, attempt.PortalTag, cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        if (search.Found is { } found)
        {
            var stored = await StoreAsync(db, account, attempt, found, now).ConfigureAwait(false);
            await ApplyAsync(db, attempt, AttemptEvent.Adopted, () => attempt.Adopt(stored.Id, found.Id, search.RequestId, now)).ConfigureAwait(false);
        }
        else if (search.Complete && now - (attempt.SentAt ?? now) >= options.Value.UnansweredPatience)
        {
            await ApplyAsync(db, attempt, AttemptEvent.ProvedAbsent, () => attempt.ConcludeAbsent(search.RequestId, now)).ConfigureAwait(false);
        }
        else
        {
            // An instance may appear late, and a search that broke off proves nothing.
            attempt.SearchAgain(now + Backoff(attempt.Searches));
            await SaveAsync(db, attempt).ConfigureAwait(false);
        }
    }

    private async Task<Search> SearchPlatformAsync(PlatformAccount account, string tag, CancellationToken cancellationToken)
    {
        string? page = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        do
        {
            var outcome = await platform.ListAsync(account, tag, page, cancellationToken).ConfigureAwait(false);
            if (outcome is not PlatformOutcome<PlatformInstancePage>.Success success) return new Search(null, Complete: false, null);
            if (success.Value.Instances.FirstOrDefault(instance => instance.Tags?.Contains(tag) == true) is { } found)
            {
                // Without its token it cannot be adopted, but it is there: its absence is not proved either.
                return string.IsNullOrEmpty(found.Token) ? new Search(null, Complete: false, null) : new Search(found, Complete: true, success.RequestId);
            }

            page = success.Value.NextPage;
            // A cursor that repeats itself would never end and never prove anything.
            if (page is null) return new Search(null, Complete: true, success.RequestId);
        }
        while (seen.Add(page));
        return new Search(null, Complete: false, null);
    }

    private async Task<ElementInstance> StoreAsync(PortalDb db, PlatformAccount account, ProvisioningAttempt attempt, PlatformInstance created, DateTimeOffset now)
    {
        var known = await db.Instances.SingleOrDefaultAsync(row => row.PlatformAccountId == account.Id && row.PlatformId == created.Id).ConfigureAwait(false);
        if (known is not null)
        {
            known.Token = secrets.Seal(SecretKind.InstanceToken, known.Id, created.Token!);
            known.LastCheckedAt = now;
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
            Token = secrets.Seal(SecretKind.InstanceToken, id, created.Token!),
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
        return instance;
    }

    private async Task RetryOrFailAsync(PortalDb db, ProvisioningAttempt attempt, AttemptEnding reason, TimeSpan? retryAfter, DateTimeOffset now)
    {
        var nextAt = now + (retryAfter ?? Backoff(attempt.Tries));
        if (nextAt < attempt.CodeReceivedAt + options.Value.CodeLifetime)
            await ApplyAsync(db, attempt, AttemptEvent.PutBack, () => attempt.PutBack(reason, now, nextAt)).ConfigureAwait(false);
        else
            await ApplyAsync(db, attempt, AttemptEvent.Refused, () => attempt.Fail(reason, now)).ConfigureAwait(false);
    }

    private static TimeSpan Backoff(int done) => TimeSpan.FromSeconds(Math.Min(MaxWait.TotalSeconds, 2 * Math.Pow(2, Math.Max(0, done - 1))));

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
            await db.SaveChangesAsync(CancellationToken.None).ConfigureAwait(false);
            feed.Publish(attempt.Id);
            return true;
        }
        catch (DbUpdateConcurrencyException)
        {
            db.ChangeTracker.Clear();
            return false;
        }
    }

    private sealed record Search(PlatformInstance? Found, bool Complete, string? RequestId);
}
