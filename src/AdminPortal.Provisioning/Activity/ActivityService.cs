using AdminPortal.Domain.Activity;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Activity;

/// <summary>Reads the record of what was done.</summary>
public sealed class ActivityService(IDbContextFactory<PortalDb> databases)
{
    private const int MaxChoices = 500;

    /// <summary>One page of the record, newest first.</summary>
    /// <remarks>A line that the page begins at and that is gone with old activity counts as not given.</remarks>
    public async Task<ActivityPage> ListAsync(ActivityQuery query, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ListAsync(db, query, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // The context goes back to its pool, and an open connection would go with it.
            await db.Database.CloseConnectionAsync().ConfigureAwait(false);
        }
    }

    /// <summary>What the record can be narrowed down to: people, platform accounts and provider apps, by name.</summary>
    public async Task<ActivityChoices> ListChoicesAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return new ActivityChoices(
            await db.Users.AsNoTracking().OrderBy(row => row.UserName).Take(MaxChoices).Select(row => new ActivityChoice(row.Id, row.UserName ?? "")).ToListAsync(cancellationToken).ConfigureAwait(false),
            await db.Accounts.AsNoTracking().OrderBy(row => row.Name).Take(MaxChoices).Select(row => new ActivityChoice(row.Id, row.Name)).ToListAsync(cancellationToken).ConfigureAwait(false),
            await db.ProviderApps.AsNoTracking().OrderBy(row => row.Name).Take(MaxChoices).Select(row => new ActivityChoice(row.Id, row.Name)).ToListAsync(cancellationToken).ConfigureAwait(false));
    }

    private static async Task<ActivityPage> ListAsync(PortalDb db, ActivityQuery query, CancellationToken cancellationToken)
    {
        var backwards = query is { After: not null, Before: null };
        (long, long)? edge = null;
        if ((query.Before ?? query.After) is { } number)
        {
            await using var find = db.Command("SELECT \"At\" FROM \"Activity\" WHERE \"Id\" = $id", [("$id", number)]);
            if (await find.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is long at) edge = (at, number);
        }

        backwards &= edge is not null;
        List<ActivityLine> rows = [];
        await using (var command = db.Command(""))
        {
            ActivityListSql.Page(query, edge, backwards).CopyTo(command);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) rows.Add(ActivityListSql.Read(reader));
        }

        var hasMore = rows.Count > query.PageSize;
        if (hasMore) rows.RemoveAt(query.PageSize);
        if (backwards) rows.Reverse();
        return new ActivityPage(rows, HasNewer: backwards ? hasMore : edge is not null, HasOlder: backwards || hasMore);
    }
}

/// <summary>What the record can be narrowed down to.</summary>
public sealed record ActivityChoices(IReadOnlyList<ActivityChoice> People, IReadOnlyList<ActivityChoice> Accounts, IReadOnlyList<ActivityChoice> Apps);

/// <summary>One person or thing, by name.</summary>
public sealed record ActivityChoice(Guid Id, string Name);

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
    /// <summary>The address that the request came from; null for what the portal does by itself.</summary>
    public string? From { get; init; }

    /// <summary>Who did it; null for the portal itself, and for somebody who was not signed in.</summary>
    public Guid? PersonId { get; init; }

    /// <summary>Whether somebody did it who was not signed in.</summary>
    public bool IsNobody => PersonId is null && Action is ActivityAction.SignInRefused or ActivityAction.SignInLockedOut;

    public Guid? PlatformAccountId { get; init; }

    /// <summary>Whether the portal still has the platform account.</summary>
    public bool HasAccount { get; init; }

    public Guid? ProviderAppId { get; init; }

    /// <summary>Whether the portal still has the provider app.</summary>
    public bool HasApp { get; init; }

    public Guid? AttemptId { get; init; }

    /// <summary>Whether the portal still has the attempt.</summary>
    public bool HasAttempt { get; init; }

    /// <summary>The fields that changed.</summary>
    public IReadOnlyList<FieldChange> Changes { get; init; } = [];

    /// <summary>Whether a part of what is stored cannot be read.</summary>
    public bool IsUnreadable => Unreadable.Is(Action) || Unreadable.Is(At);
}
