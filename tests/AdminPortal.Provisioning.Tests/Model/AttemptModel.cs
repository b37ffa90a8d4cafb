namespace AdminPortal.Provisioning.Tests.Model;

/// <summary>
/// What an attempt may do, written down a second time and plainly: names and lists, nothing of the portal's own code.
/// </summary>
internal static class AttemptModel
{
    public const string Draft = "Draft";
    public const string AwaitingConsent = "AwaitingConsent";
    public const string AwaitingDecision = "AwaitingDecision";
    public const string CodeReceived = "CodeReceived";
    public const string Provisioning = "Provisioning";
    public const string Ambiguous = "Ambiguous";
    public const string Active = "Active";
    public const string Denied = "Denied";
    public const string Expired = "Expired";
    public const string Failed = "Failed";

    public static readonly TimeSpan ConsentLifetime = TimeSpan.FromMinutes(15);
    public static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(4);

    /// <summary>What the platform shows of an authorization may be as much older than the request and still count as its doing.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>Every line that a history may have: in which state, what, and the state that it leads to.</summary>
    public static readonly IReadOnlyList<(string From, string Event, string To)> Lines =
    [
        ("", "Created", Draft),
        (Draft, "OAuthUrlObtained", AwaitingConsent),
        (AwaitingConsent, "OAuthUrlObtained", AwaitingConsent),
        (Draft, "PreflightPassed", Draft),
        (AwaitingConsent, "PreflightPassed", AwaitingConsent),
        (AwaitingConsent, "Reopened", Draft),
        (AwaitingConsent, "Left", AwaitingConsent),
        (AwaitingConsent, "CodeReturned", CodeReceived),
        (AwaitingConsent, "OtherAccountReturned", AwaitingDecision),
        (AwaitingConsent, "ErrorReturned", Denied),
        (AwaitingConsent, "TimeRanOut", Expired),
        (AwaitingDecision, "Accepted", CodeReceived),
        (AwaitingDecision, "Declined", Failed),
        (AwaitingDecision, "TimeRanOut", Failed),
        (CodeReceived, "Claimed", Provisioning),
        (CodeReceived, "CodeLapsed", Failed),
        (Provisioning, "Answered", Active),
        (Provisioning, "PutBack", CodeReceived),
        (Provisioning, "Refused", Failed),
        (Provisioning, "AnswerLost", Ambiguous),
        (Ambiguous, "Adopted", Active),
        // A process that was paused, or whose clock jumped, has lost the attempt and reports what its request came to.
        (Ambiguous, "AnsweredLate", Active),
        (Failed, "AnsweredLate", Active),
        (Ambiguous, "RefusedLate", Failed),
        (Failed, "RefusedLate", Failed),
        (Ambiguous, "AnswerLostLate", Ambiguous),
        (Failed, "AnswerLostLate", Ambiguous),
        (Ambiguous, "ProvedAbsent", Failed),
        (Failed, "FoundLate", Active),
        (Active, "OrphanFound", Active),
        (Active, "Verified", Active),
        (Active, "OrphanRemoved", Active),
    ];

    /// <summary>What the worker may write.</summary>
    public static readonly IReadOnlyList<string> WorkersEvents =
        ["TimeRanOut", "Claimed", "CodeLapsed", "Answered", "PutBack", "Refused", "AnswerLost", "Adopted", "ProvedAbsent", "OrphanFound", "Verified",
            "AnsweredLate", "RefusedLate", "AnswerLostLate", "FoundLate"];

    /// <summary>The reasons with which each event may end an attempt.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Reasons = new Dictionary<string, string[]>
    {
        ["ErrorReturned"] = ["AccessDenied", "ProviderError"],
        ["Declined"] = ["OtherAccount"],
        ["TimeRanOut"] = ["TimeRanOut", "OtherAccount"],
        ["CodeLapsed"] = ["Busy", "Unreachable"],
        ["Refused"] = ["Refused", "Busy", "Unreachable", "TargetGone"],
        ["RefusedLate"] = ["Refused", "Busy", "TargetGone"],
        ["ProvedAbsent"] = ["NothingCreated", "NothingChanged", "TargetGone"],
    };
}

/// <summary>One attempt as the model sees it.</summary>
internal sealed class ModelAttempt
{
    public required Guid Id { get; init; }

    public Guid? Previous { get; init; }

    public Guid? Target { get; init; }

    public string State { get; set; } = "";

    /// <summary>What led to the state.</summary>
    public string Last { get; set; } = "";

    public int Seen { get; set; }

    public int Version { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Every state that was sent to the provider for it.</summary>
    public List<string> Sent { get; } = [];

    /// <summary>The one that counts now or was the last to count; null after the draft was reopened.</summary>
    public string? Live { get; set; }

    /// <summary>The browser that left.</summary>
    public string? Browser { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>When its code came back.</summary>
    public DateTimeOffset ReceivedAt { get; set; }

    /// <summary>Whether its code was put back: it may be tried again, but not when it is too old.</summary>
    public bool WasPutBack { get; set; }

    /// <summary>The account that was entered or that the target is known to belong to.</summary>
    public string? Server { get; set; }

    public string Element { get; init; } = "";

    /// <summary>Whether every step is filled in.</summary>
    public bool IsFilledIn { get; set; }

    public bool IsEditable => State is AttemptModel.Draft or AttemptModel.AwaitingConsent;

    public string[] Edit() => State == AttemptModel.AwaitingConsent ? ["Reopened"] : [];

    public string[] Authorize(bool answered) => IsEditable && IsFilledIn && answered ? ["PreflightPassed", "OAuthUrlObtained"] : [];

    public string[] Leave(DateTimeOffset now) => State == AttemptModel.AwaitingConsent && now < ExpiresAt ? ["Left"] : [];

    public string[] Decide(bool accept, DateTimeOffset now) => State != AttemptModel.AwaitingDecision ? []
        : now >= ReceivedAt + AttemptModel.CodeLifetime ? ["TimeRanOut"]
        : accept ? ["Accepted"]
        : ["Declined"];

    /// <summary>What a return from the provider leads to: the answer's name and the lines of history.</summary>
    public (string Answer, string[] Events) Return(string state, string? browser, string? code, string? error, string? server, DateTimeOffset now)
    {
        if (state != Live) return ("UnknownState", []);
        if (State != AttemptModel.AwaitingConsent) return ("Again", []);
        if (now >= ExpiresAt) return ("Attempt", ["TimeRanOut"]);
        if (browser is null || browser != Browser) return ("OtherBrowser", []);
        if (error is not null) return ("Attempt", ["ErrorReturned"]);
        if (code is null) return ("Incomplete", []);
        return ("Attempt", Server is not null && server != Server ? ["OtherAccountReturned"] : ["CodeReturned"]);
    }
}
