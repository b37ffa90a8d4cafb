using System.Globalization;
using AdminPortal.Domain.Attempts;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>Which attempts are wanted, and from where on.</summary>
public sealed record AttemptListQuery
{
    public const int MaxSearchLength = 100;

    public AttemptGroup Group { get; init; } = AttemptGroup.Open;

    /// <summary>A part of the name, in any case and without regard to accents; empty for all.</summary>
    public string Search { get; init; } = "";

    /// <summary>The page begins behind this place: attempts that changed longer ago.</summary>
    public AttemptEdge? After { get; init; }

    /// <summary>The page ends before this place.</summary>
    public AttemptEdge? Before { get; init; }

    public int PageSize { get; init; } = 25;
}

/// <summary>Attempts by what is left to do.</summary>
public enum AttemptGroup
{
    /// <summary>Under way, or waiting for somebody.</summary>
    Open,

    /// <summary>Ended without an instance.</summary>
    Ended,

    /// <summary>Ended with one.</summary>
    Created,

    All,
}

/// <summary>A place in the list: between two attempts, whatever is added or removed elsewhere.</summary>
/// <param name="ChangedAt">When the attempt at it changed last.</param>
/// <param name="Id">Its id.</param>
public sealed record AttemptEdge(DateTimeOffset ChangedAt, Guid Id)
{
    /// <summary>As it stands in an address.</summary>
    public string Write() => string.Create(CultureInfo.InvariantCulture, $"{ChangedAt.UtcTicks}-{Id:N}");

    /// <summary>Reads it; null for anything else.</summary>
    public static AttemptEdge? TryRead(string? text) =>
        text?.Split('-') is [var ticks, var id]
        && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.UtcTicks
        && Guid.TryParseExact(id, "N", out var guid)
            ? new AttemptEdge(new DateTimeOffset(at, TimeSpan.Zero), guid)
            : null;
}

/// <summary>One page of the list.</summary>
/// <param name="Lines">Its attempts, what changed last first.</param>
/// <param name="HasNewer">Whether there are attempts above them.</param>
/// <param name="HasOlder">Whether there are attempts below them.</param>
public sealed record AttemptListPage(IReadOnlyList<AttemptLine> Lines, bool HasNewer, bool HasOlder);

/// <summary>An attempt as a line of the list.</summary>
public sealed record AttemptLine
{
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public required string ElementName { get; init; }

    /// <summary>Null when the account is gone.</summary>
    public required string? AccountName { get; init; }

    public required AttemptState State { get; init; }

    public required WizardStep Step { get; init; }

    /// <summary>Who began it; null where that is not known any more.</summary>
    public required string? PersonName { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>When the portal removes it, if nobody touches it before; null where it does not.</summary>
    public required DateTimeOffset? RemovedAt { get; init; }

    /// <summary>The instance that came of it, where the portal has it.</summary>
    public required Guid? InstanceId { get; init; }

    /// <summary>Whether it authorizes an instance anew instead of creating one.</summary>
    public required bool IsReauthentication { get; init; }

    /// <summary>Whether the instance that it authorizes anew is not there any more.</summary>
    public required bool IsTargetGone { get; init; }

    /// <summary>The attempt by which it was tried again; null where there is none.</summary>
    public required Guid? TriedAgainBy { get; init; }

    /// <summary>Whether a part of what is stored cannot be read.</summary>
    public bool IsUnreadable { get; init; }

    /// <summary>What to call it where it has no name yet.</summary>
    public string Title => Name.Length > 0 ? Name : ElementName;

    /// <summary>The place in the list.</summary>
    public AttemptEdge Edge => new(ChangedAt, Id);
}

/// <summary>How many attempts there are.</summary>
public sealed record AttemptCounts(int Open, int Ended, int Created)
{
    public int All => Open + Ended + Created;

    /// <summary>How many are in the group.</summary>
    public int Of(AttemptGroup group) => group switch
    {
        AttemptGroup.Open => Open,
        AttemptGroup.Ended => Ended,
        AttemptGroup.Created => Created,
        _ => All,
    };
}
