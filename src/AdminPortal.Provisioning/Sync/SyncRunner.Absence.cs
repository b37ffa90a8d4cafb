using AdminPortal.Platform;
using AdminPortal.Provisioning.Background;

namespace AdminPortal.Provisioning.Sync;

/// <content>
/// A listing does not prove that an instance is missing. Each instance that was not listed is asked for: 404 marks it as missing, an
/// answer adds it to what was listed, and anything else leaves its state alone. What was proved is stored batch by batch, so a process
/// that is killed leaves the rest to the next one.
/// </content>
internal sealed partial class SyncRunner
{
    /// <summary>How often the listing is read from its start when it changes while it is read.</summary>
    internal const int MaxReadings = 3;

    /// <summary>How many instances are asked for in one reading; the others are asked for by the next sync.</summary>
    internal const int MaxAsked = 5000;

    private const int AskedAtOnce = 4;
    private const int AskedInOneBatch = 40;

    // A platform that answers so many in a row with nothing clear is down: the others are not asked for.
    private const int MaxUnclearInARow = 12;

    private async Task<Reading> ReadUntilProvedAsync(Work work, CancellationToken cancellationToken)
    {
        IReadOnlySet<long>? leftOutBefore = null;
        while (true)
        {
            var reading = await ReadAsync(work, cancellationToken).ConfigureAwait(false);
            if (reading is not Reading.Everything everything) return reading;
            if (await AskForUnlistedAsync(work, cancellationToken).ConfigureAwait(false) is not { } absence) return new Reading.Lost();

            // Left out twice in a row by a listing that did not change: the platform does not list these, and nothing else is left out.
            var isLeftOutAgain = absence.LeftOut.Count == 0 || leftOutBefore?.SetEquals(absence.LeftOut) == true;
            var isSteady = !everything.IsChanged && work.LeftOutBeforeKill == 0 && isLeftOutAgain;
            if (isSteady) return new Reading.Proved(everything.Counted, absence);
            if (work.Readings + 1 >= MaxReadings)
                return new Reading.BrokenOff(texts["Sync.ListChanges", MaxReadings, absence.LeftOut.Count], everything.Counted);

            SyncLog.ListChanged(logger, work.Run.Id, absence.LeftOut.Count);
            leftOutBefore = absence.LeftOut;
            if (!await BeginAgainAsync(work, ++work.Readings, cancellationToken).ConfigureAwait(false)) return new Reading.Lost();
        }
    }

    /// <summary>Asks for each instance that is known, was there before the sync and was not listed.</summary>
    /// <returns>Null where the run is not this process's any more.</returns>
    private async Task<SyncAbsence?> AskForUnlistedAsync(Work work, CancellationToken cancellationToken)
    {
        var leftOut = new HashSet<long>();
        var (after, asked, unproved, unclearInARow) = (long.MinValue, 0, 0, 0);
        string? reason = null;
        while (asked < MaxAsked && unclearInARow < MaxUnclearInARow)
        {
            var batch = await comparison.FindUnlistedAsync(work.Run, work.Account, after, AskedInOneBatch, cancellationToken)
                .ConfigureAwait(false);
            if (batch.Count == 0) return new SyncAbsence(leftOut, unproved, reason);
            var missing = new List<SyncUnlisted>();
            var found = new List<PlatformInstance>();
            foreach (var group in batch.Chunk(AskedAtOnce))
            {
                // Renewed for each group: the answers of a whole batch may take longer than the lease.
                if (!await RenewAsync(work, cancellationToken).ConfigureAwait(false)) return null;
                var questions = group.Select(unlisted => AskForOneAsync(work, unlisted.PlatformId, cancellationToken));
                var answers = await Task.WhenAll(questions).ConfigureAwait(false);
                (after, asked) = (group[^1].PlatformId, asked + group.Length);
                foreach (var (unlisted, answer) in group.Zip(answers))
                {
                    if (answer is null) return null;
                    unclearInARow++;
                    switch (answer)
                    {
                        case PlatformOutcome<PlatformInstance>.Success success:
                            found.Add(success.Value);
                            unclearInARow = 0;
                            break;
                        case PlatformOutcome<PlatformInstance>.Refused { Status: 404 }:
                            missing.Add(unlisted);
                            unclearInARow = 0;
                            break;
                        default:
                            unproved++;
                            reason ??= problems.From(answer).Message;
                            break;
                    }
                }

                if (unclearInARow >= MaxUnclearInARow) break;
            }

            leftOut.UnionWith(found.Select(instance => instance.Id));
            if (!await writer.WriteProofAsync(work.Run, work.Account.Origin, work.Claim, missing, found, cancellationToken).ConfigureAwait(false)) return null;
            feed.Publish(ChangeTopic.Sync, work.Account.Id);
        }

        unproved += await comparison.CountUnlistedAsync(work.Run, work.Account, after, cancellationToken).ConfigureAwait(false);
        return new SyncAbsence(leftOut, unproved, reason ?? texts["Sync.TooManyUnlisted", MaxAsked]);
    }

    /// <summary>Asks for one instance, and waits for a platform that is busy.</summary>
    /// <returns>Null where the run is not this process's any more.</returns>
    private async Task<PlatformOutcome<PlatformInstance>?> AskForOneAsync(Work work, long platformId, CancellationToken cancellationToken)
    {
        var until = clock.GetUtcNow() + Patience;
        while (true)
        {
            var outcome = await platform.GetAsync(work.Account, platformId, cancellationToken).ConfigureAwait(false);
            if (outcome is not PlatformOutcome<PlatformInstance>.Refused { Status: 429 } busy) return outcome;
            var wait = busy.RetryAfter ?? FirstWait;
            if (clock.GetUtcNow() + wait > until) return outcome;
            if (!await WaitAsync(work, wait, cancellationToken).ConfigureAwait(false)) return null;
        }
    }
}
