using AdminPortal.Domain.Sync;

namespace AdminPortal.Provisioning.Sync;

/// <summary>How an account's syncs stand.</summary>
/// <param name="AccountName">The account's name.</param>
/// <param name="Latest">The newest run; null where there was none.</param>
/// <param name="LastComplete">The newest run that is complete: the differences are what it found.</param>
/// <param name="Drift">How many differences there are of each kind.</param>
public sealed record SyncOverview(string AccountName, SyncRunView? Latest, SyncRunView? LastComplete, IReadOnlyDictionary<DriftKind, DriftCount> Drift);

/// <summary>Differences of one kind: those that ask for a decision, and those that a person has set aside.</summary>
public sealed record DriftCount(int Open, int Ignored);

/// <summary>One run as screens see it.</summary>
/// <param name="Id">The run's id.</param>
/// <param name="State">Where it is.</param>
/// <param name="AllElements">Whether elements that the catalog does not know are compared too.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended; null while it runs.</param>
/// <param name="PersonName">Who began it; null for the portal itself.</param>
/// <param name="Pages">Pages read.</param>
/// <param name="Seen">Instances listed, those that are not compared included.</param>
/// <param name="Counted">What the platform's count said; null where it has none.</param>
/// <param name="Message">Why it broke off, or what a complete one could not prove.</param>
public sealed record SyncRunView(
    Guid Id, SyncState State, bool AllElements, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, string? PersonName, int Pages, int Seen, int? Counted, string? Message)
{
    internal static SyncRunView From(SyncRun run) =>
        new(run.Id, run.State, run.AllElements, run.StartedAt, run.EndedAt, run.PersonName, run.Pages, run.Seen, run.Counted, run.Message);
}

/// <summary>One page of differences.</summary>
public sealed record DriftPage(IReadOnlyList<DriftEntry> Items, bool HasMore);

/// <summary>One difference as screens see it; <paramref name="Id"/> is the instance's id here, or the one it gets when it is adopted.</summary>
public sealed record DriftEntry(
    Guid Id, DriftKind Kind, long PlatformId, string Name, string ElementKey, string ElementName, IReadOnlyList<DriftField> Fields, bool Ignored);

/// <summary>Where a page of differences begins: behind this one.</summary>
public sealed record DriftPosition(DriftKind Kind, long PlatformId);

/// <summary>Which differences an action is for: those named, or all of a kind that are not ignored.</summary>
public sealed record DriftSelection
{
    /// <summary>The most that can be named one by one.</summary>
    public const int MaxIds = 1000;

    private DriftSelection(IReadOnlyList<Guid>? ids, DriftKind? kind)
    {
        Ids = ids;
        Kind = kind;
    }

    /// <summary>The differences that are named; null for all of <see cref="Kind"/>.</summary>
    public IReadOnlyList<Guid>? Ids { get; }

    public DriftKind? Kind { get; }

    /// <summary>These.</summary>
    /// <exception cref="ArgumentException">There are more than <see cref="MaxIds"/>.</exception>
    public static DriftSelection Of(params IReadOnlyList<Guid> ids) =>
        ids.Count > MaxIds ? throw new ArgumentException("There are too many of them to be named.", nameof(ids)) : new(ids, null);

    /// <summary>All of a kind.</summary>
    public static DriftSelection All(DriftKind kind) => new(null, kind);
}

/// <summary>What an action on differences came to.</summary>
/// <param name="Done">Differences that are settled.</param>
/// <param name="Left">Differences that are still there.</param>
/// <param name="Reason">Why the first of those that are left is left.</param>
public sealed record DriftOutcome(int Done, int Left, string? Reason);
