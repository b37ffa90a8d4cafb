using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Settings;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Lapses;

/// <summary>When instances may lapse: one by one, and all of them as a calendar.</summary>
/// <remarks>
/// A lapse is the last refresh and a lifetime, so every question is a range of the index over the time of the last
/// refresh. A month is counted day by day: grouping by a reckoned day would sort a million rows, and the days of a time
/// zone are not all equally long.
/// </remarks>
public sealed class LapseService(IDbContextFactory<PortalDb> databases, ElementCatalog catalog, IOptions<PortalOptions> options, TimeProvider clock)
{
    /// <summary>The most rows that <see cref="ListDayAsync"/> and <see cref="ListOverdueAsync"/> give.</summary>
    public const int MaxRows = 50;

    /// <summary>An access token does not hold for longer than this; a platform that says so is not believed.</summary>
    private const long MaxIntervalSeconds = 10 * 366 * 86_400L;

    /// <summary>How long a refresh token is taken to be good after its last use.</summary>
    public TimeSpan Lifetime { get; } = options.Value.RefreshTokenLifetime;

    /// <summary>What is known and what is estimated of one instance's token.</summary>
    public TokenTimes TimesOf(DateTimeOffset? refreshedAt, long? refreshIntervalSeconds)
    {
        DateTimeOffset? lapse = refreshedAt is { } refreshed ? Lapse(refreshed) : null;
        TimeSpan? interval = refreshIntervalSeconds is > 0 and <= MaxIntervalSeconds ? TimeSpan.FromSeconds(refreshIntervalSeconds.Value) : null;
        return new TokenTimes(refreshedAt, interval, lapse, lapse < clock.GetUtcNow(), Lifetime);
    }

    /// <summary>The calendar of one month, in a person's time zone.</summary>
    /// <param name="month">Any day of the month.</param>
    /// <param name="zone">Whose days are meant.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<LapseMonth> GetMonthAsync(DateOnly month, TimeZoneInfo zone, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var first = new DateOnly(month.Year, month.Month, 1);
        var days = await CountDaysAsync(db, first, first.AddMonths(1), zone, cancellationToken).ConfigureAwait(false);
        var overdue = await Between(db, null, clock.GetUtcNow()).CountAsync(cancellationToken).ConfigureAwait(false);
        var unknown = await db.Instances.CountAsync(row => row.RefreshedAt == null, cancellationToken).ConfigureAwait(false);
        var total = await db.Instances.CountAsync(cancellationToken).ConfigureAwait(false);
        return new LapseMonth(first, days, overdue, unknown, total);
    }

    /// <summary>The instances that lapse on a day of a time zone.</summary>
    public Task<LapseList> ListDayAsync(DateOnly day, TimeZoneInfo zone, CancellationToken cancellationToken) =>
        ListAsync(LocalDays.StartOf(day, zone), LocalDays.StartOf(day.AddDays(1), zone), cancellationToken);

    /// <summary>The instances that should have lapsed by now.</summary>
    public Task<LapseList> ListOverdueAsync(CancellationToken cancellationToken) => ListAsync(null, clock.GetUtcNow(), cancellationToken);

    /// <summary>How many instances lapse on each day from one to before another; days without any are left out.</summary>
    internal async Task<Dictionary<DateOnly, int>> CountDaysAsync(PortalDb db, DateOnly from, DateOnly until, TimeZoneInfo zone, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<DateOnly, int>();
        var end = LocalDays.StartOf(until, zone);
        for (var day = from; day < until; day = day.AddDays(1))
        {
            // Straight to the next day that has any.
            var next = await Between(db, LocalDays.StartOf(day, zone), end).MinAsync(row => row.RefreshedAt, cancellationToken).ConfigureAwait(false);
            if (next is not { } refreshed) break;
            day = LocalDays.DayOf(Lapse(refreshed), zone);
            counts[day] = await Between(db, LocalDays.StartOf(day, zone), LocalDays.StartOf(day.AddDays(1), zone)).CountAsync(cancellationToken).ConfigureAwait(false);
        }

        return counts;
    }

    /// <summary>The instances whose lapse lies from one moment to before another.</summary>
    internal IQueryable<ElementInstance> Between(PortalDb db, DateTimeOffset? from, DateTimeOffset until)
    {
        var last = until - Lifetime;
        var rows = db.Instances.AsNoTracking().Where(row => row.RefreshedAt < last);
        if (from is not { } start) return rows;
        var first = start - Lifetime;
        return rows.Where(row => row.RefreshedAt >= first);
    }

    private async Task<LapseList> ListAsync(DateTimeOffset? from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var matching = Between(db, from, until);
        var rows = await matching.OrderBy(row => row.RefreshedAt).ThenBy(row => row.Number).Take(MaxRows)
            .Join(db.Accounts, row => row.PlatformAccountId, account => account.Id, (row, account) => new { Row = row, AccountName = account.Name })
            .OrderBy(pair => pair.Row.RefreshedAt).ThenBy(pair => pair.Row.Number)
            .Select(pair => new { pair.Row.Id, pair.Row.Name, pair.Row.ElementKey, pair.AccountName, pair.Row.State, pair.Row.RefreshedAt })
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        var total = rows.Count < MaxRows ? rows.Count : await matching.CountAsync(cancellationToken).ConfigureAwait(false);
        return new LapseList(
            [.. rows.Select(row => new LapseRow(
                row.Id, row.Name, catalog.NameOf(row.ElementKey), row.AccountName, row.State, row.RefreshedAt!.Value, Lapse(row.RefreshedAt.Value)))],
            total);
    }

    // A platform can name any time up to the end of the calendar.
    private DateTimeOffset Lapse(DateTimeOffset refreshedAt) => refreshedAt > DateTimeOffset.MaxValue - Lifetime ? DateTimeOffset.MaxValue : refreshedAt + Lifetime;
}
