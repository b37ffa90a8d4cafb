namespace AdminPortal.Provisioning.Attempts;

/// <summary>The events of an attempt's state machine. The names are stored in the history.</summary>
public enum AttemptEvent
{
    Created,
    Reopened,
    OAuthUrlObtained,
    Left,
    CodeReturned,
    ErrorReturned,
    TimeRanOut,
    Claimed,
    Answered,
    PutBack,
    Refused,
    AnswerLost,
    Adopted,
    ProvedAbsent,
}
