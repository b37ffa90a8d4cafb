namespace AdminPortal.Domain.Instances;

/// <summary>One look at whether an instance works; the last <see cref="Kept"/> of each instance are kept.</summary>
public sealed class InstanceCheck
{
    /// <summary>How many are kept for each instance.</summary>
    public const int Kept = 30;

    public long Id { get; init; }

    public required long InstanceNumber { get; init; }

    public required DateTimeOffset At { get; init; }

    public required CheckOutcome Outcome { get; init; }

    /// <summary>How long the platform took to answer, in milliseconds.</summary>
    public required int Milliseconds { get; init; }

    /// <summary>What the platform said, bounded; null where all was well.</summary>
    public string? Message { get; init; }

    public string? RequestId { get; init; }

    /// <summary>Whether the background looked, and not a person.</summary>
    public required bool Scheduled { get; init; }
}

/// <summary>What a check found. The names are stored; their words are resources named <c>Check.{name}</c>.</summary>
public enum CheckOutcome
{
    /// <summary>It answered.</summary>
    Alive,

    /// <summary>The platform refused: the instance needs a person.</summary>
    Refused,

    /// <summary>It is switched off.</summary>
    Disabled,

    /// <summary>The platform does not know it.</summary>
    Missing,

    /// <summary>The platform was not reached: nothing is known.</summary>
    Unreachable,

    /// <summary>No clear answer: nothing is known.</summary>
    Unclear,
}
