using System.Globalization;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Lapses;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Lapses;

/// <summary>A person's secret address of the calendar of lapses, for calendar programs, which cannot sign in.</summary>
public sealed class CalendarFeedService(
    IDbContextFactory<PortalDb> databases,
    LapseService lapses,
    PortalAddresses addresses,
    IOptions<PortalOptions> options,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    Gate gate)
{
    /// <summary>How many days ahead the calendar reaches.</summary>
    public const int DaysAhead = 400;

    /// <summary>How many instances a day names.</summary>
    public const int MaxNames = 20;

    private static readonly TimeSpan ReadNotedEvery = TimeSpan.FromHours(1);

    /// <summary>The address that a person has; null for none. The secret part is not kept: it is shown once, when it is made.</summary>
    public async Task<CalendarFeed?> FindAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.CalendarFeeds.AsNoTracking().SingleOrDefaultAsync(feed => feed.PersonId == actor.PersonId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a new address; the one before it is dead.</summary>
    /// <param name="actor">Whose address it is.</param>
    /// <param name="timeZoneId">The zone whose days the calendar has; null for UTC.</param>
    /// <param name="cancellationToken">Gives up before anything was changed.</param>
    /// <returns>The whole address: a secret, to be shown once.</returns>
    public async Task<Result<string>> MakeAsync(Actor actor, string? timeZoneId, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.KeepCalendar, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        if (actor.PersonId is not { } person) return new Problem(ProblemKind.NotNow, texts["Calendar.NoPerson"]);
        var secret = OneTimeValue.Create();
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await db.CalendarFeeds.Where(feed => feed.PersonId == person).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        db.CalendarFeeds.Add(new CalendarFeed { PersonId = person, SecretHash = OneTimeValue.Hash(secret), CreatedAt = now });
        db.Note(actor, now, ActivityAction.CalendarFeedMade, actor.Name ?? "");
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return $"{addresses.PublicBaseUrl}/lapses/{secret}.ics" + (timeZoneId is null ? "" : $"?zone={Uri.EscapeDataString(timeZoneId)}");
    }

    /// <summary>Switches a person's address off; where there is none, nothing happens.</summary>
    public async Task<Result<Done>> EndAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.KeepCalendar, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (await db.CalendarFeeds.Where(feed => feed.PersonId == actor.PersonId).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false) > 0)
        {
            db.Note(actor, clock.GetUtcNow(), ActivityAction.CalendarFeedEnded, actor.Name ?? "");
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    /// <summary>The calendar behind a secret, as an iCalendar document; null where the secret opens nothing.</summary>
    /// <param name="secret">The secret part of the address. It is looked up by its hash: how long that takes tells nothing of it.</param>
    /// <param name="timeZoneId">The zone whose days are meant; one that is not known counts as UTC.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<string?> ReadAsync(string? secret, string? timeZoneId, CancellationToken cancellationToken)
    {
        if (!OneTimeValue.HasForm(secret)) return null;
        var hash = OneTimeValue.Hash(secret!);
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        // With the person goes the address, and it is dead as long as the person is kept out.
        var feed = await db.CalendarFeeds.AsNoTracking()
            .SingleOrDefaultAsync(row => row.SecretHash == hash && db.Users.Any(person => person.Id == row.PersonId && person.DisabledAt == null), cancellationToken).ConfigureAwait(false);
        if (feed is null) return null;
        // As pages and API tokens: it works again once the person has a second factor.
        if (options.Value.SignIn.RequireSecondFactor && !await RequiredSecondFactor.IsMetAsync(db, feed.PersonId, cancellationToken).ConfigureAwait(false)) return null;

        var now = clock.GetUtcNow();
        var longAgo = now - ReadNotedEvery;
        if (feed.LastReadAt is null || feed.LastReadAt <= longAgo)
        {
            await db.CalendarFeeds.Where(row => row.SecretHash == hash)
                .ExecuteUpdateAsync(row => row.SetProperty(one => one.LastReadAt, (DateTimeOffset?)now), cancellationToken).ConfigureAwait(false);
        }

        var zone = timeZoneId is not null && TimeZoneInfo.TryFindSystemTimeZoneById(timeZoneId, out var found) ? found : TimeZoneInfo.Utc;
        return await WriteAsync(db, now, zone, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string> WriteAsync(PortalDb db, DateTimeOffset now, TimeZoneInfo zone, CancellationToken cancellationToken)
    {
        var calendar = new IcsCalendar(texts["Calendar.Name"]);
        var today = LocalDays.DayOf(now, zone);
        var overdue = await lapses.Between(db, null, LocalDays.StartOf(today, zone)).CountAsync(cancellationToken).ConfigureAwait(false);
        var days = await lapses.CountDaysAsync(db, today, today.AddDays(DaysAhead), zone, cancellationToken).ConfigureAwait(false);
        // What should have lapsed already stands on today's page, until it is seen to.
        if (overdue > 0) days[today] = days.GetValueOrDefault(today) + overdue;

        var host = new Uri(addresses.PublicBaseUrl).Host;
        foreach (var (day, count) in days.OrderBy(pair => pair.Key))
        {
            var names = await lapses.Between(db, day == today ? null : LocalDays.StartOf(day, zone), LocalDays.StartOf(day.AddDays(1), zone))
                .OrderBy(row => row.RefreshedAt).ThenBy(row => row.Number).Take(MaxNames).Select(row => row.Name)
                .ToListAsync(cancellationToken).ConfigureAwait(false);
            var address = $"{addresses.PublicBaseUrl}{LapseAddress.Of(day)}";
            var lines = names.Select(name => OutsideText.Clean(name, InputRules.MaxInstanceNameLength) ?? "").ToList();
            if (count > names.Count) lines.Add(texts["Calendar.More", count - names.Count]);
            if (day == today && overdue > 0) lines.Add(texts["Calendar.Overdue", overdue]);
            lines.Add(texts["Calendar.Estimate", lapses.Lifetime.TotalDays.ToString("0.#", CultureInfo.InvariantCulture)]);
            lines.Add(address);
            calendar.Add(
                $"lapses-{day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}@{host}",
                day,
                now,
                count == 1 ? texts["Calendar.Summary.One"] : texts["Calendar.Summary.Many", count],
                string.Join('\n', lines),
                address);
        }

        return calendar.Finish();
    }
}
