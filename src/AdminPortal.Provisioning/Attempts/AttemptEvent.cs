namespace AdminPortal.Provisioning.Attempts;

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
}
