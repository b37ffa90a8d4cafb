using AdminPortal.Domain.Instances;

namespace AdminPortal.Provisioning.Instances;

/// <summary>What the list shows: filters, order and where the page begins.</summary>
public sealed record InstanceListQuery
{
    public const int MaxSearchLength = InstanceSearchText.MaxSearchLength;

    /// <summary>Part of the name, of a tag, of the account server or of the platform's id; case and accents do not matter.</summary>
    public string Search { get; init; } = "";

    public string? ElementKey { get; init; }

    public InstanceState? State { get; init; }

    public Guid? PlatformAccountId { get; init; }

    /// <summary>A whole tag, letter by letter as it is stored.</summary>
    public string? Tag { get; init; }

    /// <summary>Only what needs a person: see <see cref="InstanceStates.NeedAttention"/>.</summary>
    public bool NeedsAttention { get; init; }

    /// <summary>Only what carries Keap's legacy key.</summary>
    public bool LegacyKey { get; init; }

    public InstanceSort Sort { get; init; } = InstanceSort.Created;

    public bool Descending { get; init; } = true;

    public int PageSize { get; init; } = 25;

    /// <summary>The page begins behind this place in the order.</summary>
    public InstanceEdge? After { get; init; }

    /// <summary>The page ends before this place in the order.</summary>
    public InstanceEdge? Before { get; init; }

    /// <summary>The page is the last one.</summary>
    public bool Last { get; init; }

    /// <summary>Whether anything narrows the list.</summary>
    public bool HasFilter =>
        Search.Length > 0 || ElementKey is not null || State is not null || PlatformAccountId is not null || Tag is not null || NeedsAttention || LegacyKey;

    /// <summary>The same filters and order, from the beginning.</summary>
    public InstanceListQuery FromTheStart() => this with { After = null, Before = null, Last = false };

    /// <summary>Whether the other one asks for the same instances, in whatever order and wherever its page begins.</summary>
    public bool HasSameFilters(InstanceListQuery other) =>
        FromTheStart() with { Sort = other.Sort, Descending = other.Descending, PageSize = other.PageSize } == other.FromTheStart();
}

/// <summary>The columns by which the list can be ordered.</summary>
public enum InstanceSort
{
    Name,
    Element,
    Server,
    State,
    Account,
    Checked,
    Created,
}
