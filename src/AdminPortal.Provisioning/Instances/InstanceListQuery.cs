namespace AdminPortal.Provisioning.Instances;

/// <summary>What the list shows: filters, order and where the page begins.</summary>
public sealed record InstanceListQuery
{
    public const int MaxSearchLength = 100;

    /// <summary>Part of the name; case and accents do not matter.</summary>
    public string Search { get; init; } = "";

    public string? ElementKey { get; init; }

    public InstanceState? State { get; init; }

    public InstanceSort Sort { get; init; } = InstanceSort.Created;

    public bool Descending { get; init; } = true;

    public int PageSize { get; init; } = 25;

    /// <summary>The page begins behind this row.</summary>
    public Guid? After { get; init; }

    /// <summary>The page ends before this row.</summary>
    public Guid? Before { get; init; }

    /// <summary>Whether anything narrows the list.</summary>
    public bool HasFilter => Search.Length > 0 || ElementKey is not null || State is not null;
}

/// <summary>The columns by which the list can be ordered.</summary>
public enum InstanceSort
{
    Name,
    Created,
}
