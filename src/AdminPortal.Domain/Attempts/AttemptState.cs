namespace AdminPortal.Domain.Attempts;

/// <summary>Where an attempt is. The names are stored.</summary>
public enum AttemptState
{
    /// <summary>The wizard is being filled in.</summary>
    Draft,

    /// <summary>A person is at the provider's sign-in page.</summary>
    AwaitingConsent,

    /// <summary>The code came back and waits for a worker.</summary>
    CodeReceived,

    /// <summary>The code came back for another Infusionsoft account than the one that was entered, or for one that was not named; a person decides.</summary>
    AwaitingDecision,

    /// <summary>A worker has the code; the request to create or to authorize the instance leaves or has left.</summary>
    Provisioning,

    /// <summary>The instance exists, with its new authorization, and is stored.</summary>
    Active,

    /// <summary>The provider sent an error instead of a code.</summary>
    Denied,

    /// <summary>Nobody came back in time.</summary>
    Expired,

    /// <summary>The platform refused, or the request could not be sent while the code was good, or nothing came of it.</summary>
    Failed,

    /// <summary>The request was sent and not clearly answered: an instance may exist, or may be authorized anew.</summary>
    Ambiguous,
}
