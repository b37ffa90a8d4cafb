namespace AdminPortal.Domain.Instances;

/// <summary>A person's named set of filters for the list.</summary>
public sealed class SavedView
{
    public const int MaxNameLength = 60;
    public const int MaxQueryLength = 2000;

    /// <summary>How many one person may keep.</summary>
    public const int MaxPerPerson = 50;

    public required Guid Id { get; init; }

    public required Guid PersonId { get; init; }

    public required string Name { get; set; }

    /// <summary>The list's query string, as its address writes it, without a page's edge.</summary>
    public required string Query { get; set; }

    /// <summary>Whether the list opens with it where its address says nothing.</summary>
    public bool IsDefault { get; set; }
}
