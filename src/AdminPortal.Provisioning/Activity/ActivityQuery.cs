using AdminPortal.Domain.Activity;

namespace AdminPortal.Provisioning.Activity;

/// <summary>Which lines of the record are wanted. What is null is not asked for.</summary>
public sealed record ActivityQuery
{
    /// <summary>What was done; null for everything but what jobs did to each of their instances.</summary>
    public ActivityAction? Action { get; init; }

    /// <summary>Who did it.</summary>
    public Guid? PersonId { get; init; }

    /// <summary>Whether what nobody who was signed in did is wanted alone: the portal itself, and who was turned away.</summary>
    public bool WithoutPerson { get; init; }

    public Guid? InstanceId { get; init; }

    public Guid? PlatformAccountId { get; init; }

    public Guid? ProviderAppId { get; init; }

    public Guid? AttemptId { get; init; }

    /// <summary>The job itself, without what it did to each of its instances.</summary>
    public Guid? JobId { get; init; }

    /// <summary>The whole name of what it was done to, at that time; capitals and small letters are the same, as far as ASCII goes.</summary>
    public string? Subject { get; init; }

    /// <summary>Not before the beginning of this day, UTC.</summary>
    public DateOnly? From { get; init; }

    /// <summary>Not after the end of this day, UTC.</summary>
    public DateOnly? To { get; init; }

    /// <summary>The page begins below this line: older ones.</summary>
    public long? Before { get; init; }

    /// <summary>The page ends above this line: newer ones.</summary>
    public long? After { get; init; }

    public int PageSize { get; init; } = 50;

    /// <summary>Whether anything narrows the record down.</summary>
    public bool IsNarrowed => this with { Before = null, After = null, PageSize = 50 } != new ActivityQuery();

    /// <summary>Whether it is about one thing alone.</summary>
    public bool HasObject => (InstanceId ?? PlatformAccountId ?? ProviderAppId ?? AttemptId ?? JobId) is not null;
}
