using AdminPortal.Domain.Access;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Sync;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Sync;

/// <summary>Works on one sync: reads page after page, asks for each instance that was not listed, and has the differences stored.</summary>
internal sealed partial class SyncRunner(
    IDbContextFactory<PortalDb> databases,
    IElementsPlatform platform,
    SyncPageWriter writer,
    SyncComparison comparison,
    PlatformProblems problems,
    ChangeFeed feed,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    ILogger<SyncRunner> logger) : IDueWork
{
    /// <summary>
    /// Longer than one call with its quick retries can take. It is renewed with every page, before every wait, and before each group of
    /// questions.
    /// </summary>
    public static readonly TimeSpan Lease = 3 * (PlatformTransport.ConnectTimeout + PlatformTransport.AnswerTimeout) + TimeSpan.FromMinutes(1);

    /// <summary>How long a page is asked for again before the sync breaks off.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(1);

    /// <inheritdoc />
    public static string Subject => "sync";

    /// <inheritdoc />
    public static ChangeTopic Topic => ChangeTopic.Sync;

    /// <inheritdoc />
    public static int MaxAtOnce => 2;

    /// <summary>The runs that nobody works on, oldest first.</summary>
    public async Task<IReadOnlyList<Guid>> FindDueAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        return await db.SyncRuns.Where(run => run.State == SyncState.Running && (run.LeaseUntil == null || run.LeaseUntil <= now))
            .OrderBy(run => run.StartedAt).Select(run => run.Id).Take(20).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IEnumerable<DueItem>> FindDueItemsAsync(CancellationToken stoppingToken) =>
        (await FindDueAsync(stoppingToken).ConfigureAwait(false)).Select(id => new DueItem(id, stopping => RunAsync(id, stopping)));

    /// <summary>Works on a run until it has ended, unless somebody else does.</summary>
    /// <exception cref="OperationCanceledException">The portal stops; the run is left to the next process.</exception>
    public async Task RunAsync(Guid runId, CancellationToken cancellationToken)
    {
        // A claim of its own for each call: a call that outlived its lease must not pass for its successor.
        var claim = Guid.NewGuid();
        if (await ClaimAsync(runId, claim, cancellationToken).ConfigureAwait(false) is not (var run, var account)) return;

        SyncLog.Claimed(logger, run.Id, run.Pages + 1);
        var work = new Work(run, account, claim);
        try
        {
            switch (await ReadUntilProvedAsync(work, cancellationToken).ConfigureAwait(false))
            {
                case Reading.Proved proved:
                    if (await comparison.CompleteAsync(run, account, claim, proved.Counted, proved.Absence, cancellationToken).ConfigureAwait(false))
                        SyncLog.Completed(logger, run.Id, work.Pages, work.Seen);
                    break;
                case Reading.BrokenOff broken:
                    SyncLog.BrokeOff(logger, run.Id, work.Pages + 1);
                    await BreakOffAsync(work, broken, cancellationToken).ConfigureAwait(false);
                    break;
                case Reading.Lost:
                    break;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await ReleaseAsync(work).ConfigureAwait(false);
            throw;
        }

        feed.Publish(ChangeTopic.Sync, account.Id);
        await comparison.RemoveOldRowsAsync(account.Id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the numbers agree with a chain of pages that was read to its end.</summary>
    /// <remarks>
    /// Instances come and go while the listing is read, so a number between the two counts can be right, and one outside of them
    /// cannot: rows are missing, or were listed twice under two ids. It proves nothing of a single instance. A listing that is paged by
    /// offset leaves out as many instances as were deleted in front of it. Therefore each instance that was not listed is asked for,
    /// and a listing that changed is read again. Without a count, the end of the chain is all there is.
    /// </remarks>
    internal static bool IsProved(int seen, long? before, long? after) => (before, after) switch
    {
        ({ } first, { } last) => seen >= Math.Min(first, last) && seen <= Math.Max(first, last),
        ({ } first, null) => seen == first,
        (null, { } last) => seen == last,
        _ => true,
    };

    private async Task<(SyncRun Run, PlatformAccount Account)?> ClaimAsync(Guid runId, Guid claim, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var until = now + Lease;
        var claimed = await db.SyncRuns
            .Where(row => row.Id == runId && row.State == SyncState.Running && (row.LeaseUntil == null || row.LeaseUntil <= now))
            .ExecuteUpdateAsync(
                set => set.SetProperty(row => row.ClaimedBy, claim).SetProperty(row => row.LeaseUntil, until).SetProperty(row => row.Version, row => row.Version + 1),
                cancellationToken).ConfigureAwait(false);
        if (claimed == 0) return null;
        var run = await db.SyncRuns.AsNoTracking().SingleAsync(row => row.Id == runId, cancellationToken).ConfigureAwait(false);
        return (run, await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == run.PlatformAccountId, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Reads what is left of the pages. The next one is fetched while the one before is written; never more than that is held.</summary>
    private async Task<Reading> ReadAsync(Work work, CancellationToken cancellationToken)
    {
        if (work.Pages == 0 && await CountFirstAsync(work, cancellationToken).ConfigureAwait(false) is { } failed) return failed;

        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<Answer<PlatformInstancePage>>? fetching = null;
        try
        {
            // Killed between the last page and the end, it has only the end before it.
            var resumed = work.Pages > 0;
            if (!resumed || work.Cursor is not null) fetching = FetchAsync(work, work.Cursor, stopping.Token);
            if (work.Cursor is { } first) work.Cursors.Add(first);
            while (fetching is not null)
            {
                var answer = await fetching.ConfigureAwait(false);
                fetching = null;
                if (answer.Lost) return new Reading.Lost();

                // A cursor may have lapsed while nobody read on. Some platforms say so, others list nothing behind it.
                var lapsed = work.Cursor is not null && (answer.CursorRefused || (resumed && answer.Value is { Instances.Count: 0 }));
                resumed = false;
                if (lapsed && !work.BeganAgain)
                {
                    SyncLog.CursorRefused(logger, work.Run.Id);
                    if (!await BeginAgainAsync(work, work.Readings, cancellationToken).ConfigureAwait(false)) return new Reading.Lost();
                    work.BeganAgain = true;
                    if (await CountFirstAsync(work, cancellationToken).ConfigureAwait(false) is { } uncounted) return uncounted;
                    fetching = FetchAsync(work, null, stopping.Token);
                    continue;
                }

                if (answer.Value is not { } page) return Broken(work, "Sync.PageFailed", answer.Message!);
                if (page.NextPage is { } next)
                {
                    if (!work.Cursors.Add(next)) return Broken(work, "Sync.CursorRepeats");
                    fetching = FetchAsync(work, next, stopping.Token);
                }

                if (await writer.WriteAsync(work.Run, work.Account.Origin, work.Claim, work.Pages, page, work.Others, cancellationToken).ConfigureAwait(false) is not { } added)
                    return new Reading.Lost();
                work.Pages++;
                work.Seen += added;
                work.Cursor = page.NextPage;
                feed.Publish(ChangeTopic.Sync, work.Account.Id);
                // A listing that goes on and says nothing new would never end.
                if (page.NextPage is not null && added == 0) return Broken(work, "Sync.NothingNew");
            }
        }
        finally
        {
            await stopping.CancelAsync().ConfigureAwait(false);
            if (fetching is not null) await ((Task)fetching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return await ProveAsync(work, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Reading> ProveAsync(Work work, CancellationToken cancellationToken)
    {
        var count = await CountAsync(work, cancellationToken).ConfigureAwait(false);
        if (count.Lost) return new Reading.Lost();
        if (count.Message is { } message) return new Reading.BrokenOff(texts["Sync.CountFailed", message], work.Counted);
        var after = count.Value.Total;
        var counted = after ?? work.Counted;
        return IsProved(work.Seen, work.Counted, after)
            ? new Reading.Everything(Bounded(counted), IsChanged: after < work.Counted || work.Seen < work.Counted)
            : new Reading.BrokenOff(texts["Sync.CountsDiffer", counted!.Value, work.Seen], Bounded(counted));
    }

    private async Task<Reading?> CountFirstAsync(Work work, CancellationToken cancellationToken)
    {
        var count = await CountAsync(work, cancellationToken).ConfigureAwait(false);
        if (count.Lost) return new Reading.Lost();
        if (count.Message is { } message) return new Reading.BrokenOff(texts["Sync.CountFailed", message], null);
        work.Counted = Bounded(count.Value.Total);
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var until = clock.GetUtcNow() + Lease;
        var kept = await Ours(db, work).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.Counted, work.Counted).SetProperty(row => row.LeaseUntil, until), cancellationToken).ConfigureAwait(false);
        feed.Publish(ChangeTopic.Sync, work.Account.Id);
        return kept == 0 ? new Reading.Lost() : null;
    }

    private static int? Bounded(long? count) => count is { } value ? (int)Math.Min(value, int.MaxValue) : null;

    private Task<Answer<Count>> CountAsync(Work work, CancellationToken cancellationToken) => AskAsync(
        work,
        async token => await platform.CountAsync(work.Account, token).ConfigureAwait(false) switch
        {
            PlatformOutcome<long>.Success success => new PlatformOutcome<Count>.Success(new Count(success.Value), success.RequestId),
            // The endpoint is not in the documentation: a platform may do without, or not show it to everybody.
            PlatformOutcome<long>.Refused { Status: 403 or 404 or 405 or 410 } refused => new PlatformOutcome<Count>.Success(default, refused.RequestId),
            PlatformOutcome<long>.Unknown { Status: 501 } missing => new PlatformOutcome<Count>.Success(default, missing.RequestId),
            var other => other.Select(total => new Count(total)),
        },
        cancellationToken);

    private Task<Answer<PlatformInstancePage>> FetchAsync(Work work, string? cursor, CancellationToken cancellationToken) =>
        AskAsync(work, token => platform.ListAsync(work.Account, null, cursor, token), cancellationToken);

    /// <summary>Asks until there is a clear answer, or patience ends.</summary>
    private async Task<Answer<T>> AskAsync<T>(Work work, Func<CancellationToken, Task<PlatformOutcome<T>>> ask, CancellationToken cancellationToken)
    {
        DateTimeOffset? until = null;
        var wait = FirstWait;
        while (true)
        {
            var outcome = await ask(cancellationToken).ConfigureAwait(false);
            switch (outcome)
            {
                case PlatformOutcome<T>.Success success:
                    return new Answer<T>(success.Value);
                case PlatformOutcome<T>.Refused { Status: not 429 } refused:
                    // 401 and 403 are about the account; every other refusal of a page can be about its cursor.
                    return new Answer<T>(Message: problems.From(outcome).Message, CursorRefused: refused.Status is not (401 or 403));
                case PlatformOutcome<T>.Unreachable { Reason: UnsentReason.SecretUnreadable }:
                    return new Answer<T>(Message: problems.From(outcome).Message);
            }

            var now = clock.GetUtcNow();
            until ??= now + Patience;
            var next = outcome is PlatformOutcome<T>.Refused { RetryAfter: { } asked } && asked > wait ? asked : wait;
            if (now + next > until) return new Answer<T>(Message: problems.From(outcome).Message);
            if (!await WaitAsync(work, next, cancellationToken).ConfigureAwait(false)) return new Answer<T>(Lost: true);
            wait = wait * 2 > MaxWait ? MaxWait : wait * 2;
        }
    }

    // In short stretches, so that the lease never runs out under a wait, and a run that was called off is left soon.
    private async Task<bool> WaitAsync(Work work, TimeSpan wait, CancellationToken cancellationToken)
    {
        while (wait > TimeSpan.Zero)
        {
            if (!await RenewAsync(work, cancellationToken).ConfigureAwait(false)) return false;
            var stretch = wait > MaxWait ? MaxWait : wait;
            using var timer = new PeriodicTimer(stretch, clock);
            await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
            wait -= stretch;
        }

        return await RenewAsync(work, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> RenewAsync(Work work, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var until = clock.GetUtcNow() + Lease;
        return await Ours(db, work).ExecuteUpdateAsync(set => set.SetProperty(row => row.LeaseUntil, until), cancellationToken).ConfigureAwait(false) > 0;
    }

    private async Task<bool> BeginAgainAsync(Work work, int readings, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var until = clock.GetUtcNow() + Lease;
        var ours = await Ours(db, work).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.NextPage, (string?)null)
                .SetProperty(row => row.Pages, 0)
                .SetProperty(row => row.Seen, 0)
                .SetProperty(row => row.Readings, readings)
                .SetProperty(row => row.LeftOut, 0)
                .SetProperty(row => row.LeaseUntil, until)
                .SetProperty(row => row.Version, row => row.Version + 1),
            cancellationToken).ConfigureAwait(false);
        if (ours == 0) return false;
        await db.SyncRows.Where(row => row.RunId == work.Run.Id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        work.BeginAgain();
        return true;
    }

    private async Task BreakOffAsync(Work work, Reading.BrokenOff broken, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var message = OutsideText.Clean(broken.Message, SyncRun.MaxMessageLength);
        var ended = await Ours(db, work).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.State, SyncState.BrokenOff)
                .SetProperty(row => row.EndedAt, now)
                .SetProperty(row => row.Message, message)
                .SetProperty(row => row.Counted, broken.Counted)
                .SetProperty(row => row.ClaimedBy, (Guid?)null)
                .SetProperty(row => row.LeaseUntil, (DateTimeOffset?)null)
                .SetProperty(row => row.Version, row => row.Version + 1),
            cancellationToken).ConfigureAwait(false);
        if (ended == 0) return;
        db.Note(new Actor(work.Run.PersonId, work.Run.PersonName), now, ActivityAction.SyncEnded, work.Account.Name, succeeded: false, message, accountId: work.Account.Id);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Leaves the run to whoever looks next, without waiting for the lease.</summary>
    private async Task ReleaseAsync(Work work)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None).ConfigureAwait(false);
        await Ours(db, work).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.ClaimedBy, (Guid?)null).SetProperty(row => row.LeaseUntil, (DateTimeOffset?)null), CancellationToken.None).ConfigureAwait(false);
    }

    private static IQueryable<SyncRun> Ours(PortalDb db, Work work) =>
        db.SyncRuns.Where(row => row.Id == work.Run.Id && row.State == SyncState.Running && row.ClaimedBy == work.Claim);

    private Reading.BrokenOff Broken(Work work, string key, string? message = null) => new(texts[key, work.Pages + 1, message ?? ""], work.Counted);

    /// <summary>Where the reading is.</summary>
    private sealed class Work(SyncRun run, PlatformAccount account, Guid claim)
    {
        public SyncRun Run => run;

        public PlatformAccount Account => account;

        public Guid Claim => claim;

        public string? Cursor { get; set; } = run.NextPage;

        public int Pages { get; set; } = run.Pages;

        public int Seen { get; set; } = run.Seen;

        /// <summary>What the platform counted before the first page.</summary>
        public int? Counted { get; set; } = run.Counted;

        /// <summary>Whether the listing was begun again because its cursor had lapsed.</summary>
        public bool BeganAgain { get; set; }

        /// <summary>How often the listing was begun again because it had changed while it was read.</summary>
        public int Readings { get; set; } = run.Readings;

        /// <summary>What another process had found to be left out by this reading before it was killed; which ones is not known.</summary>
        public int LeftOutBeforeKill { get; private set; } = run.LeftOut;

        /// <summary>Every cursor since this process reads: one that comes again leads round in a circle.</summary>
        public HashSet<string> Cursors { get; } = new(StringComparer.Ordinal);

        /// <summary>Ids of instances that are counted but not kept.</summary>
        public HashSet<long> Others { get; } = [];

        public void BeginAgain()
        {
            Cursor = null;
            LeftOutBeforeKill = 0;
            Pages = 0;
            Seen = 0;
            Cursors.Clear();
            Others.Clear();
        }
    }

    private readonly record struct Count(long? Total);

    private sealed record Answer<T>(T? Value = default, string? Message = null, bool CursorRefused = false, bool Lost = false);

    /// <summary>What the reading came to.</summary>
    private abstract record Reading
    {
        /// <summary>Every page was read and the numbers agree.</summary>
        /// <param name="Counted">What the platform counted at the end.</param>
        /// <param name="IsChanged">Whether instances were deleted while it was read: a listing paged by offset then leaves others out.</param>
        public sealed record Everything(int? Counted, bool IsChanged) : Reading;

        /// <summary>And each instance that was not listed was asked for.</summary>
        public sealed record Proved(int? Counted, SyncAbsence Absence) : Reading;

        public sealed record BrokenOff(string Message, int? Counted) : Reading;

        /// <summary>It was called off, or another process works on it.</summary>
        public sealed record Lost : Reading;
    }
}
