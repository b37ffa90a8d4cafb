using AdminPortal.Domain.Access;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Settings;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Instances;

/// <summary>
/// Checks instances in the background: those of accounts that have an interval, each when it is due, never more in a
/// minute than <see cref="PortalOptions.ChecksPerMinute"/>, and spread out. An account whose platform does not answer is
/// left alone for a while.
/// </summary>
internal sealed class ScheduledChecks(
    IDbContextFactory<PortalDb> databases, InstanceChecker checker, IOptions<PortalOptions> options, TimeProvider clock, ILogger<ScheduledChecks> logger)
{
    private const int MaxAtOnce = 8;

    /// <summary>Checks in a row without an answer, after which an account rests.</summary>
    private const int Patience = 3;

    /// <summary>Over so many moments the first checks of an account's instances are spread.</summary>
    private const int Slots = 64;

    private static readonly TimeSpan FirstRest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Silence> _silent = [];
    private readonly Queue<DateTimeOffset> _begun = new();

    /// <summary>Checks what is due, as far as the limit allows. Called about once a second while there is work.</summary>
    /// <returns>Whether anything was due: then there may be more.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var allowed = Allowed(now);
        if (allowed == 0) return true;

        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var accounts = await db.Accounts.AsNoTracking().Where(account => account.CheckEveryMinutes != null).ToListAsync(cancellationToken).ConfigureAwait(false);
        var due = new List<Due>();
        foreach (var account in accounts.Where(account => !IsResting(account.Id, now)))
        {
            await SpreadAsync(db, account, now, cancellationToken).ConfigureAwait(false);
            var rows = await db.Instances.AsNoTracking().Where(row => row.PlatformAccountId == account.Id && row.CheckDueAt <= now)
                .OrderBy(row => row.CheckDueAt).Take(allowed).Select(row => new { row.Id, row.Number, row.CheckDueAt })
                .ToListAsync(cancellationToken).ConfigureAwait(false);
            due.AddRange(rows.Select(row => new Due(account, row.Id, row.Number, row.CheckDueAt!.Value)));
        }

        await Parallel.ForEachAsync(
            due.OrderBy(row => row.At).Take(allowed),
            new ParallelOptions { MaxDegreeOfParallelism = MaxAtOnce, CancellationToken = cancellationToken },
            async (row, token) => await CheckAsync(row, token).ConfigureAwait(false)).ConfigureAwait(false);
        return due.Count > 0;
    }

    // A minute's worth is not begun in its first second.
    private int Allowed(DateTimeOffset now)
    {
        while (_begun.TryPeek(out var at) && at <= now - TimeSpan.FromMinutes(1)) _ = _begun.Dequeue();
        var limit = options.Value.ChecksPerMinute;
        return Math.Min(limit - _begun.Count, (limit + 59) / 60);
    }

    private async Task CheckAsync(Due due, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (IsResting(due.Account.Id, now) || !await ClaimAsync(due, now, cancellationToken).ConfigureAwait(false)) return;
        lock (_gate) _begun.Enqueue(now);
        var result = await checker.CheckAsync(due.Id, Actor.Portal, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) Heed(due.Account.Id, result.Value);
    }

    /// <summary>Moves the due time forward, if nobody else has: whoever does that checks.</summary>
    private async Task<bool> ClaimAsync(Due due, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var next = InstanceChecker.DueAfter(due.Account, now);
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.Instances.Where(row => row.Number == due.Number && row.CheckDueAt == due.At)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.CheckDueAt, next), cancellationToken).ConfigureAwait(false) == 1;
    }

    /// <summary>
    /// Gives instances that were never due a first time within the interval. Set by set, not row by row: a tenant may
    /// bring a hundred thousand at once.
    /// </summary>
    private static async Task SpreadAsync(PortalDb db, PlatformAccount account, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var fresh = db.Instances.Where(row => row.PlatformAccountId == account.Id && row.CheckDueAt == null);
        if (!await fresh.AnyAsync(cancellationToken).ConfigureAwait(false)) return;
        var interval = TimeSpan.FromMinutes(account.CheckEveryMinutes!.Value);
        for (var slot = 0; slot < Slots; slot++)
        {
            DateTimeOffset? at = now + interval * ((slot + Random.Shared.NextDouble()) / Slots);
            await fresh.Where(row => row.Number % Slots == slot)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.CheckDueAt, at), cancellationToken).ConfigureAwait(false);
        }
    }

    private bool IsResting(Guid account, DateTimeOffset now)
    {
        lock (_gate) return _silent.TryGetValue(account, out var silence) && silence.Until > now;
    }

    private void Heed(Guid account, InstanceCheck check)
    {
        lock (_gate)
        {
            if (check.Outcome is not (CheckOutcome.Unreachable or CheckOutcome.Unclear))
            {
                _ = _silent.Remove(account);
                return;
            }

            var silence = _silent.GetValueOrDefault(account) ?? (_silent[account] = new Silence());
            // Checks that were under way when the rest began say nothing new.
            if (++silence.InARow < Patience || silence.Until > check.At) return;
            var rest = FirstRest * Math.Pow(2, Math.Min(silence.Rests++, 10));
            silence.Until = check.At + (rest < LongestRest ? rest : LongestRest);
            InstancesLog.AccountRests(logger, account, silence.InARow, silence.Until);
        }
    }

    private sealed record Due(PlatformAccount Account, Guid Id, long Number, DateTimeOffset At);

    /// <summary>An account whose platform does not answer.</summary>
    private sealed class Silence
    {
        public int InARow { get; set; }

        public int Rests { get; set; }

        public DateTimeOffset Until { get; set; }
    }
}
