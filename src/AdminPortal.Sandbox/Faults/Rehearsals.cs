namespace AdminPortal.Sandbox.Faults;

/// <summary>Every switch of the rehearsal page, in the order in which a connection goes.</summary>
internal static class Rehearsals
{
    private const string Creation = "POST /instances";
    private const string Consent = "POST /app/oauth/consent";
    private const string OAuthUrl = "* /elements/*/oauth/url";
    private const string Listing = "GET /instances";

    private const string StaysOnReview = "“Review and authorize”, with the check that stops it";
    private const string NoAttempt = "“This answer belongs to no attempt”";
    private const string ProviderError = "“Infusionsoft reported an error”";
    private const string Refused = "“The platform refused”";
    private const string FoundLater = "“No clear answer yet”, then “Instance created”: it is found by its tag";
    private const string NotFoundLater = "“No clear answer yet”, then “Nothing was created”";

    public static readonly IReadOnlyList<RehearsalGroup> Groups =
    [
        new("leaving", "Before leaving", "The address of the sign-in, which the portal gets from the platform and checks before it sends anybody there.",
        [
            new("url-redirect", "Another callback address", "The address would bring people back to somebody else.", StaysOnReview,
                new Fault { Kind = FaultKind.UrlOtherRedirectUri }) { Choice = RehearsalChoice.Value("Callback address", "https://elsewhere.example/oauth/callback") },
            new("url-state", "Another state", "The answer would belong to somebody else's attempt.", StaysOnReview, new Fault { Kind = FaultKind.UrlOtherState }),
            new("url-client", "Another client ID", "People would grant access to another application.", StaysOnReview,
                new Fault { Kind = FaultKind.UrlOtherClientId }) { Choice = RehearsalChoice.Value("Client ID", "another-client") },
            new("url-host", "Another host", "The sign-in lies on a host that the platform account does not name.", StaysOnReview,
                new Fault { Kind = FaultKind.UrlOtherHost }) { Choice = RehearsalChoice.Value("Host", "signin.elsewhere.example") },
            new("url-http", "http instead of https", "A password would travel in the open.", StaysOnReview,
                new Fault { Kind = FaultKind.UrlPlainHttp }) { Choice = RehearsalChoice.Value("Host", "signin.infusionsoft.com") },
            new("url-none", "Not an address", "The platform answers something that leads nowhere.", StaysOnReview,
                new Fault { Kind = FaultKind.UrlNotAnUrl }) { Choice = RehearsalChoice.Value("Text", "not an address") },
            new("url-refused", "The platform refuses", "It gives no address at all, and says why.", StaysOnReview,
                new Fault { Match = OAuthUrl, Status = 401, Message = "Invalid Organization or User secret." })
            { Choice = RehearsalChoice.Number("Status", 401, (fault, number) => fault with { Status = number }) },
        ]),
        new("sign-in", "Sign-in", "What a person decides, and how Infusionsoft itself fails. Here an attempt is told by its client ID or its state, not by its tag.",
        [
            new("deny", "Consent is denied", "As if “Deny” had been pressed, or the user had no account to grant.", "“Access was not granted”", new Fault { Kind = FaultKind.ConsentDeny }),
            new("error", "Infusionsoft reports an error", "It sends the person back with an error of its own.", ProviderError,
                new Fault { Kind = FaultKind.ConsentError }) { Choice = RehearsalChoice.Value("Error", "server_error") },
            new("sign-in-slow", "Slow consent", "The answer to “Allow” takes its time.", "“Instance created”, unless the consent's time runs out meanwhile",
                new Fault { Match = Consent, DelayMilliseconds = 5_000 })
            { Choice = RehearsalChoice.Number("Seconds", 5, (fault, number) => fault with { DelayMilliseconds = number * 1_000 }) },
            new("sign-in-down", "The sign-in is down", "It answers 503 and sends nobody back.", "None: the portal waits at “Waiting for consent”; coming again works",
                new Fault { Match = "* /app/oauth/*", Status = 503, Message = "Please try again later." }),
            new("sign-in-cut", "The connection breaks at “Allow”", "The consent may or may not have counted; nobody is sent back.",
                "None: the portal waits at “Waiting for consent”; going back and allowing again works", new Fault { Match = Consent, Drop = FaultDrop.After }),
        ]),
        new("callback", "Callback", "What the browser brings back from a consent that was given.",
        [
            new("callback-bare", "The query is lost", "A proxy drops everything behind the question mark.", NoAttempt, new Fault { Kind = FaultKind.CallbackNoQuery }),
            new("callback-no-state", "Without the state", "A code that belongs to nobody.", NoAttempt, new Fault { Kind = FaultKind.CallbackNoState }),
            new("callback-no-code", "Without the code", "The state is right, but nothing came with it; coming again works.", "“This answer is not complete”", new Fault { Kind = FaultKind.CallbackNoCode }),
            new("callback-state", "Another state", "A forged answer, or one of another portal.", NoAttempt, new Fault { Kind = FaultKind.CallbackOtherState }),
            new("callback-twice", "Delivered twice", "One browser calls the callback twice with the same code.", "“Already completed”, with one instance and one request for it",
                new Fault { Kind = FaultKind.CallbackTwice }),
            new("callback-both", "A code and an error", "An answer that contradicts itself.", ProviderError,
                new Fault { Kind = FaultKind.CallbackCodeAndError }) { Choice = RehearsalChoice.Value("Error", "server_error") },
            new("code-old", "A code that is too old", "The platform cannot exchange it any more.", Refused, new Fault { Kind = FaultKind.CodeExpired }),
            new("code-used", "A code that was used already", "The platform exchanged it for somebody else.", Refused, new Fault { Kind = FaultKind.CodeReused }),
            new("other-account", "Another account in the scope", "Consent was given for another Infusionsoft account than the one that was entered.",
                "The page asks which of the two was meant; without a server in the draft: “Instance created”", new Fault { Kind = FaultKind.CallbackOtherTenant })
            { Choice = RehearsalChoice.Value("Account", "zt119.infusionsoft.com") },
            new("no-scope", "Without a scope", "It is not said which account the consent is for.",
                "“The answer does not say which account it is for”, where a server was entered; without one: “Instance created”", new Fault { Kind = FaultKind.CallbackNoScope }),
        ]),
        new("creating", "Creating", "The one request that makes the instance, POST /instances. A re-authentication sends PUT /instances/{id} instead, without a tag of its own: see “Anything else”.",
        [
            new("create-refused", "Refused", "400 with a reason, or 401, 403, 404, 409.", Refused,
                new Fault { Match = Creation, Status = 400, Message = "The instance cannot be created." })
            { Choice = RehearsalChoice.Number("Status", 400, (fault, number) => fault with { Status = number }) },
            new("create-echo", "Refused, with the secrets in the refusal", "The message repeats the whole request: nothing of it may be shown or kept.", Refused + ", without the secrets",
                new Fault { Match = Creation, Status = 400, Message = "Cannot read the request", Echo = true }),
            new("create-busy", "Busy", "429, and when to come again.", "“Creating the instance”, then “Instance created” with the same code",
                new Fault { Match = Creation, Status = 429, Message = "Too many requests", RetryAfterSeconds = 5 })
            { Choice = RehearsalChoice.Number("Retry after seconds", 5, (fault, number) => fault with { RetryAfterSeconds = number }) },
            new("create-gone", "Nobody listens", "From “Allow” on the platform is not there, so that no request leaves: the whole sandbox, this page included. “Allow” sets it off, so an attempt is told by its client ID or its state.",
                "“Creating the instance”, then “Instance created” with the same code, or “The platform could not be reached” when that is longer than Portal:CodeLifetime",
                new Fault { Kind = FaultKind.PlatformGone, Seconds = 60 })
            { Choice = RehearsalChoice.Number("Seconds", 60, (fault, number) => fault with { Seconds = number }) },
            new("create-error", "Server error", "500, 502 or 503: nobody knows whether it was carried out. It was not.", NotFoundLater,
                new Fault { Match = Creation, Status = 500, Message = "Internal server error" })
            { Choice = RehearsalChoice.Number("Status", 500, (fault, number) => fault with { Status = number }) },
            new("create-slow", "Slow", "Held back, then carried out and answered.", "“Instance created”, or as below when it is longer than the portal waits",
                new Fault { Match = Creation, DelayMilliseconds = 10_000, DelayFirst = true })
            { Choice = RehearsalChoice.Number("Seconds", 10, (fault, number) => fault with { DelayMilliseconds = number * 1_000 }) },
            new("create-late-answer", "Answered too late", "Carried out at once, answered when the portal has given up.", FoundLater,
                new Fault { Match = Creation, DelayMilliseconds = 40_000 })
            { Choice = RehearsalChoice.Number("Seconds", 40, (fault, number) => fault with { DelayMilliseconds = number * 1_000 }) },
            new("create-drop-before", "The connection breaks before", "Nothing was carried out, and nobody knows.", NotFoundLater, new Fault { Match = Creation, Drop = FaultDrop.Before }),
            new("create-drop-after", "The connection breaks after", "The instance is there, and nobody knows.", FoundLater, new Fault { Match = Creation, Drop = FaultDrop.After }),
            new("create-malformed", "An answer that is no JSON", "Carried out, but the answer cannot be read.", FoundLater, new Fault { Match = Creation, Body = FaultShape.Malformed }),
            new("create-truncated", "Half an answer", "Carried out; the JSON ends in the middle.", FoundLater, new Fault { Match = Creation, Body = FaultShape.Truncated }),
            new("create-cut", "The connection breaks in the answer", "Carried out; the answer begins and does not end.", FoundLater, new Fault { Match = Creation, Body = FaultShape.Cut }),
            new("create-html", "A page instead of an answer", "Carried out; a gateway answers with its own page.", FoundLater, new Fault { Match = Creation, Body = FaultShape.Html }),
            new("create-empty", "An empty answer", "Carried out; 200 and nothing else.", FoundLater, new Fault { Match = Creation, Body = FaultShape.Empty }),
            new("create-drip", "An answer in drops", "One byte a second, for so long.", "“Instance created”, or as above when it is longer than the portal waits",
                new Fault { Match = Creation, SlowBodySeconds = 10 })
            { Choice = RehearsalChoice.Number("Seconds", 10, (fault, number) => fault with { SlowBodySeconds = number }) },
            new("create-twice", "Created twice", "The platform makes two instances of one request and answers the first.", "“Instance created”, and the second one is named there",
                new Fault { Kind = FaultKind.CreateTwice }),
            new("create-unseen", "Created, answered never, found late", "The connection breaks after, and the platform shows the instance only some time later.", FoundLater,
                new Fault { Kind = FaultKind.AppearLate, Seconds = 30, Drop = FaultDrop.After })
            { Choice = RehearsalChoice.Number("Seconds", 30, (fault, number) => fault with { Seconds = number }) },
            new("create-executed-late", "Answered never, carried out late", "A gateway gives the answer up and carries the request out minutes later.",
                "“No clear answer yet”, then “Nothing was created” with “Still searching”, then “Instance created”, found late",
                new Fault { Match = Creation, DelayMilliseconds = 200_000, DelayFirst = true })
            { Choice = RehearsalChoice.Number("Seconds", 200, (fault, number) => fault with { DelayMilliseconds = number * 1_000 }) },
        ]),
        new("searching", "Searching", "The lists in which the portal looks for what was not answered, checks and syncs; best together with a broken connection above.",
        [
            new("list-empty", "An empty page in between", "A page without rows that has a next one.", "As without it: the search goes on to the next page", new Fault { Kind = FaultKind.ListEmptyPage }),
            new("list-repeat", "The same page again and again", "The token of the next page leads back to the page itself. Stays until it is removed.",
                "The search breaks off and proves nothing: “No clear answer yet”, until it is removed", new Fault { Kind = FaultKind.ListRepeatedToken, Times = 0 }),
            new("list-tags", "The filter is ignored", "Every instance is answered, whatever tag was asked for.", "As without it: the portal compares the tags itself", new Fault { Kind = FaultKind.ListIgnoreTags }),
            new("list-offset", "Paged by offset", "Instances that are deleted while a list is read shift the others to pages that were read already. Stays until it is removed.",
                "A sync reads the list again and calls only those missing that are gone", new Fault { Kind = FaultKind.ListByOffset, Times = 0 }),
            new("list-error", "Server error", "The search itself fails.", "“No clear answer yet”, until it works again",
                new Fault { Match = Listing, Status = 503, Message = "Service unavailable" })
            { Choice = RehearsalChoice.Number("Status", 503, (fault, number) => fault with { Status = number }) },
            new("list-cut", "The connection breaks in the answer", "Half a page and no more.", "“No clear answer yet”, until it works again", new Fault { Match = Listing, Body = FaultShape.Cut }),
            new("all-down", "The whole API is down", "Every call is dropped before it is carried out. Stays until it is removed.",
                "“Review and authorize” cannot go on; an attempt under way keeps trying", new Fault { Match = "*", Drop = FaultDrop.Before, Times = 0 }),
        ]),
    ];

    public static Rehearsal? Find(string id) => Groups.SelectMany(group => group.Switches).FirstOrDefault(one => one.Id == id);
}
