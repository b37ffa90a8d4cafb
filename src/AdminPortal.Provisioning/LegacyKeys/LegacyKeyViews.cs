using AdminPortal.Domain.Instances;

namespace AdminPortal.Provisioning.LegacyKeys;

/// <summary>Which part of the radar is wanted.</summary>
/// <param name="PlatformAccountId">One platform account's instances alone; null: all.</param>
/// <param name="After">The page after the instance with this id.</param>
/// <param name="Before">The page before it; <paramref name="After"/> goes first where both are given.</param>
public sealed record LegacyKeyQuery(Guid? PlatformAccountId = null, Guid? After = null, Guid? Before = null)
{
    /// <summary>Rows on a page.</summary>
    public const int PageSize = 50;
}

/// <summary>One page of the radar, in the order in which the portal came to know the instances.</summary>
public sealed record LegacyKeyPage(IReadOnlyList<LegacyKeyRow> Rows, bool HasPrevious, bool HasNext);

/// <summary>An instance that carries a legacy key, and how far its move is.</summary>
public sealed record LegacyKeyRow(Guid Id, string Name, string ElementName, string AccountName, string? AccountServer, InstanceState State, MoveState Move);

/// <summary>How many instances of a platform account carry a legacy key.</summary>
/// <param name="PlatformAccountId">The account.</param>
/// <param name="AccountName">Its name.</param>
/// <param name="Total">All of them.</param>
/// <param name="Disabled">Those that are switched off already.</param>
public sealed record LegacyKeyCount(Guid PlatformAccountId, string AccountName, int Total, int Disabled);

/// <summary>One move: the old instance, the attempt that connects the account anew, and what came of it.</summary>
public sealed record LegacyMove
{
    public required Guid InstanceId { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public required string ElementName { get; init; }

    /// <summary>The name of the element that it moves to.</summary>
    public required string NewElementName { get; init; }

    /// <summary>Whether the old element has events that the draft carries over as far as the new one knows them.</summary>
    public required bool HasEvents { get; init; }

    /// <summary>Whether the instance carries a legacy key at all (any more).</summary>
    public required bool HasLegacyKey { get; init; }

    public required InstanceState OldState { get; init; }

    public required MoveState State { get; init; }

    /// <summary>The attempt that creates the new instance; null where none has begun.</summary>
    public required Guid? AttemptId { get; init; }

    /// <summary>The new instance; null while there is none.</summary>
    public required Guid? NewInstanceId { get; init; }

    public required string? NewName { get; init; }

    public required InstanceState? NewState { get; init; }

    /// <summary>The last check of the new instance; null where it was not checked yet.</summary>
    public required InstanceCheck? LastCheck { get; init; }
}

/// <summary>How far a move is. Their words are resources named <c>Move.{name}</c>.</summary>
public enum MoveState
{
    /// <summary>Nothing was done yet.</summary>
    NotBegun,

    /// <summary>The draft of the new instance is being filled in.</summary>
    Draft,

    /// <summary>A person is at the provider's sign-in page.</summary>
    AwaitingConsent,

    /// <summary>The consent is there, and the platform is asked for the instance.</summary>
    UnderWay,

    /// <summary>The last attempt ended without an instance.</summary>
    Stopped,

    /// <summary>The new instance is there: now it has to be checked.</summary>
    Created,

    /// <summary>The new instance is there, and the old one is switched off.</summary>
    Done,
}
