namespace AdminPortal.Domain.Attempts;

/// <summary>The events of an attempt's state machine. The names are stored in the history.</summary>
public enum AttemptEvent
{
    Created,
    Reopened,
    PreflightPassed,
    OAuthUrlObtained,
    Left,
    CodeReturned,
    ErrorReturned,
    OtherAccountReturned,
    Accepted,
    Declined,
    TimeRanOut,
    Claimed,
    Answered,
    PutBack,
    Refused,
    AnswerLost,
    Adopted,
    ProvedAbsent,
    CodeLapsed,
    OrphanFound,
    Verified,
    OrphanRemoved,

    /// <summary>The answer of a process that had lost the attempt: the instance exists.</summary>
    AnsweredLate,

    /// <summary>The refusal that a process received which had lost the attempt.</summary>
    RefusedLate,

    /// <summary>A process that had lost the attempt sent the request and received no clear answer.</summary>
    AnswerLostLate,

    /// <summary>The instance appeared on the platform after the search had ended without it.</summary>
    FoundLate,
}
