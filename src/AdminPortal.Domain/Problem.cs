namespace AdminPortal.Domain;

/// <summary>One thing that stood in the way of a service call, as a sentence that says what to do.</summary>
/// <param name="Kind">What sort of thing it is.</param>
/// <param name="Message">The sentence, ready to be shown; it never holds a secret.</param>
/// <param name="Field">The input's property it points at; null where it points at none.</param>
public sealed record Problem(ProblemKind Kind, string Message, string? Field = null);

/// <summary>The sorts of <see cref="Problem"/>.</summary>
public enum ProblemKind
{
    /// <summary>The input breaks a rule.</summary>
    Invalid,

    /// <summary>The person's role does not allow it.</summary>
    NotAllowed,

    /// <summary>The person has not proved lately who they are; once they have, it can be done.</summary>
    ConfirmationNeeded,

    /// <summary>A second person has to approve it first; once somebody has, it can be done.</summary>
    ApprovalNeeded,

    /// <summary>The row is not there (any more).</summary>
    NotFound,

    /// <summary>The row is in a state in which this cannot be done.</summary>
    NotNow,

    /// <summary>Somebody else saved the row meanwhile.</summary>
    Stale,

    /// <summary>The platform understood and refused.</summary>
    Refused,

    /// <summary>The platform was not reached; nothing was sent.</summary>
    Unreachable,

    /// <summary>The platform may or may not have acted.</summary>
    Unknown,
}
