using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Attempts.Search;

/// <summary>
/// Ends by a person's word what the portal cannot find out by itself: a request that was not clearly answered, on a
/// platform that cannot be read to the end.
/// </summary>
public sealed class UnansweredAttempts(
    IDbContextFactory<PortalDb> databases,
    ChangeFeed feed,
    IOptions<PortalOptions> options,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    ILogger<UnansweredAttempts> logger,
    Gate gate)
{
    /// <summary>
    /// A person has looked on the platform and found nothing. It counts from the moment on at which the portal itself
    /// would decide: until then an instance may still appear.
    /// </summary>
    public async Task<Result<Done>> ConcludeAbsentAsync(Guid id, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Connect, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (attempt is null) return new Problem(ProblemKind.NotFound, texts["Draft.Gone"]);
        if (attempt.State != AttemptState.Ambiguous) return new Problem(ProblemKind.Stale, texts["Unanswered.Over"]);
        var now = clock.GetUtcNow();
        if (now < attempt.AbsenceCountsFrom(options.Value.UnansweredPatience, AttemptLease.Length)) return new Problem(ProblemKind.NotNow, texts["Unanswered.TooEarly"]);

        attempt.ConcludeAbsent(null, now, decidedBy: actor.Name ?? actor.PersonId?.ToString());
        db.Note(actor, now, ActivityAction.AbsenceDecided, attempt);
        try
        {
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DbUpdateConcurrencyException)
        {
            // The portal has found something at the same moment, or looks again: the page shows it.
            return new Problem(ProblemKind.Stale, texts["Draft.Stale"]);
        }

        AttemptLog.Moved(logger, id, attempt.State, AttemptEvent.ProvedAbsent);
        feed.PublishWork(ChangeTopic.Attempts, id);
        return default(Done);
    }
}
