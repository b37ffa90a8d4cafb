using System.Runtime.CompilerServices;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>Reads the list of attempts: a page costs what it shows, however many there are.</summary>
public sealed class AttemptListService(IDbContextFactory<PortalDb> databases, ElementCatalog catalog, IOptions<PortalOptions> options)
{
    private static readonly AttemptState[] Ended = [AttemptState.Denied, AttemptState.Expired, AttemptState.Failed];
    private static readonly AttemptState[] Created = [AttemptState.Active];
    private static readonly AttemptState[] Open = [.. Enum.GetValues<AttemptState>().Except(Ended).Except(Created)];

    /// <summary>One page, what changed last first.</summary>
    public async Task<AttemptListPage> ListAsync(AttemptListQuery query, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var backwards = query.Before is not null && query.After is null;
        var ids = new List<Guid>();
        await foreach (var id in FindAsync(db, query, backwards, cancellationToken).ConfigureAwait(false))
        {
            ids.Add(id);
            if (ids.Count > query.PageSize) break;
        }

        var hasMore = ids.Count > query.PageSize;
        if (hasMore) ids.RemoveAt(query.PageSize);
        if (backwards) ids.Reverse();
        var lines = await ReadAsync(db, ids, cancellationToken).ConfigureAwait(false);
        return new AttemptListPage(lines, HasNewer: backwards ? hasMore : query.After is not null, HasOlder: backwards || hasMore);
    }

    /// <summary>How many there are, by what is left to do.</summary>
    public async Task<AttemptCounts> CountAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var counts = await db.Attempts.GroupBy(attempt => attempt.State).Select(group => new { State = group.Key, Count = group.Count() })
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        return new AttemptCounts(Sum(Open), Sum(Ended), Sum(Created));

        int Sum(AttemptState[] states) => counts.Where(row => states.Contains(row.State)).Sum(row => row.Count);
    }

    /// <summary>What a person has begun and not authorized, what changed last first.</summary>
    public async Task<IReadOnlyList<AttemptLine>> ListDraftsAsync(Guid person, int count, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var ids = await db.Attempts.AsNoTracking()
            .Where(attempt => attempt.CreatedBy == person && (attempt.State == AttemptState.Draft || attempt.State == AttemptState.AwaitingConsent))
            .OrderByDescending(attempt => attempt.UpdatedAt).ThenByDescending(attempt => attempt.Id).Take(count).Select(attempt => attempt.Id)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        return await ReadAsync(db, ids, cancellationToken).ConfigureAwait(false);
    }

    // A name is compared with its accents and its case folded, which no index of this table knows: the names are read in
    // the list's order, no further than the page needs.
    private async IAsyncEnumerable<Guid> FindAsync(PortalDb db, AttemptListQuery query, bool backwards, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = db.Attempts.AsNoTracking();
        if (query.Group != AttemptGroup.All)
        {
            var states = query.Group switch { AttemptGroup.Open => Open, AttemptGroup.Ended => Ended, _ => Created };
            rows = rows.Where(attempt => states.Contains(attempt.State));
        }

        if ((backwards ? query.Before : query.After) is var (at, edge))
        {
            rows = backwards
                ? rows.Where(attempt => attempt.UpdatedAt > at || (attempt.UpdatedAt == at && attempt.Id > edge))
                : rows.Where(attempt => attempt.UpdatedAt < at || (attempt.UpdatedAt == at && attempt.Id < edge));
        }

        rows = backwards
            ? rows.OrderBy(attempt => attempt.UpdatedAt).ThenBy(attempt => attempt.Id)
            : rows.OrderByDescending(attempt => attempt.UpdatedAt).ThenByDescending(attempt => attempt.Id);

        if (query.Search.Length == 0)
        {
            await foreach (var id in rows.Select(attempt => attempt.Id).Take(query.PageSize + 1).AsAsyncEnumerable().WithCancellation(cancellationToken).ConfigureAwait(false))
                yield return id;
            yield break;
        }

        var needle = SearchText.Fold(query.Search);
        var names = rows.Select(attempt => new { attempt.Id, attempt.Name, attempt.ElementKey }).AsAsyncEnumerable();
        await foreach (var row in names.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var name = row.Name.Length > 0 ? row.Name : catalog.NameOf(row.ElementKey);
            if (SearchText.Fold(name).Contains(needle, StringComparison.Ordinal)) yield return row.Id;
        }
    }

    private async Task<IReadOnlyList<AttemptLine>> ReadAsync(PortalDb db, List<Guid> ids, CancellationToken cancellationToken)
    {
        if (ids.Count == 0) return [];
        var rows = await db.Attempts.AsNoTracking().Where(attempt => ids.Contains(attempt.Id))
            .Select(attempt => new
            {
                attempt.Id,
                attempt.Name,
                attempt.ElementKey,
                AccountName = db.Accounts.Where(account => account.Id == attempt.PlatformAccountId).Select(account => account.Name).FirstOrDefault(),
                attempt.State,
                attempt.Step,
                PersonName = db.Users.Where(person => person.Id == attempt.CreatedBy).Select(person => person.UserName).FirstOrDefault(),
                attempt.CreatedAt,
                attempt.UpdatedAt,
                InstanceId = db.Instances.Where(instance => instance.Id == attempt.InstanceId).Select(instance => (Guid?)instance.Id).FirstOrDefault(),
                attempt.TargetInstanceId,
                HasTarget = db.Instances.Any(instance => instance.Id == attempt.TargetInstanceId),
                TriedAgainBy = db.Attempts.Where(next => next.PreviousAttemptId == attempt.Id).OrderByDescending(next => next.CreatedAt).Select(next => (Guid?)next.Id).FirstOrDefault(),
            })
            .ToDictionaryAsync(row => row.Id, cancellationToken).ConfigureAwait(false);

        // What was discarded between the two looks is left out.
        return
        [
            .. ids.Where(rows.ContainsKey).Select(id => rows[id]).Select(row => new AttemptLine
            {
                Id = row.Id,
                Name = row.Name,
                ElementName = catalog.NameOf(row.ElementKey),
                AccountName = row.AccountName,
                State = row.State,
                Step = row.Step,
                PersonName = row.PersonName,
                CreatedAt = row.CreatedAt,
                ChangedAt = row.UpdatedAt,
                RemovedAt = row.State == AttemptState.Draft ? row.UpdatedAt + options.Value.DraftLifetime : null,
                InstanceId = row.InstanceId,
                IsReauthentication = row.TargetInstanceId is not null,
                IsTargetGone = row.TargetInstanceId is not null && !row.HasTarget,
                TriedAgainBy = row.TriedAgainBy,
                IsUnreadable = Unreadable.Is(row.State) || Unreadable.Is(row.UpdatedAt),
            }),
        ];
    }
}
