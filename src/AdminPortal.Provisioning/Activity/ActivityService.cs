using AdminPortal.Provisioning.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Activity;

/// <summary>Reads the record of what was done.</summary>
public sealed class ActivityService(IDbContextFactory<PortalDb> databases)
{
    /// <summary>One page of the record, newest first.</summary>
    public async Task<ActivityPage> ListAsync(ActivityQuery query, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var lines = db.Activity.AsNoTracking();
        if (query.InstanceId is { } instance) lines = lines.Where(line => line.InstanceId == instance);
        if (query.Action is { } action) lines = lines.Where(line => line.Action == action);
        // A job stands there once, and not once for each of its instances.
        if (query is { InstanceId: null, Action: null }) lines = lines.Where(line => line.JobId == null || line.InstanceId == null);

        var backwards = query.After is not null && query.Before is null;
        lines = (query.Before, query.After) switch
        {
            ({ } before, _) => lines.Where(line => line.Id < before),
            (_, { } after) => lines.Where(line => line.Id > after),
            _ => lines,
        };
        lines = backwards ? lines.OrderBy(line => line.Id) : lines.OrderByDescending(line => line.Id);
        var rows = await lines.Take(query.PageSize + 1)
            .Select(line => new ActivityLine(
                line.Id, line.At, line.PersonName, line.Action, line.Succeeded, line.InstanceId, db.Instances.Any(row => row.Id == line.InstanceId), line.JobId,
                db.Jobs.Any(row => row.Id == line.JobId), line.Subject, line.Detail))
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        var hasMore = rows.Count > query.PageSize;
        if (hasMore) rows.RemoveAt(query.PageSize);
        if (backwards) rows.Reverse();
        return new ActivityPage(rows, HasNewer: backwards ? hasMore : query.Before is not null, HasOlder: backwards || hasMore);
    }
}

/// <summary>Which lines of the record are wanted.</summary>
public sealed record ActivityQuery
{
    /// <summary>What was done; null for everything but what jobs did to each of their instances.</summary>
    public ActivityAction? Action { get; init; }

    /// <summary>What it was done to; null for everything.</summary>
    public Guid? InstanceId { get; init; }

    /// <summary>The page begins below this line: older ones.</summary>
    public long? Before { get; init; }

    /// <summary>The page ends above this line: newer ones.</summary>
    public long? After { get; init; }

    public int PageSize { get; init; } = 50;
}

/// <summary>One page of the record.</summary>
/// <param name="Lines">Its lines, newest first.</param>
/// <param name="HasNewer">Whether there are lines above them.</param>
/// <param name="HasOlder">Whether there are lines below them.</param>
public sealed record ActivityPage(IReadOnlyList<ActivityLine> Lines, bool HasNewer, bool HasOlder);

/// <summary>One line of the record.</summary>
/// <param name="Id">Its number; the record grows upwards.</param>
/// <param name="At">When it was done.</param>
/// <param name="PersonName">Who did it; null for the portal itself.</param>
/// <param name="Action">What was done.</param>
/// <param name="Succeeded">Whether it was done.</param>
/// <param name="InstanceId">What it was done to, where that was an instance.</param>
/// <param name="HasInstance">Whether the portal still has the instance.</param>
/// <param name="JobId">The job that it was part of.</param>
/// <param name="HasJob">Whether the portal still has the job.</param>
/// <param name="Subject">The name of what it was done to, at that time.</param>
/// <param name="Detail">What else is to be said.</param>
public sealed record ActivityLine(
    long Id, DateTimeOffset At, string? PersonName, ActivityAction Action, bool Succeeded, Guid? InstanceId, bool HasInstance, Guid? JobId, bool HasJob,
    string Subject, string? Detail)
{
    /// <summary>Whether a part of what is stored cannot be read.</summary>
    public bool IsUnreadable => Unreadable.Is(Action) || Unreadable.Is(At);
}
