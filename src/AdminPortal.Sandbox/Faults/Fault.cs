using System.Globalization;
using System.Text.Json.Serialization;

namespace AdminPortal.Sandbox.Faults;

/// <summary>Something to go wrong with the next calls that match.</summary>
internal sealed record Fault
{
    public const string Form =
        """
        {"match":"POST /instances","only":"...","times":1,"status":500,"message":"...","providerMessage":"...","retryAfterSeconds":1,"echo":false,"delayMilliseconds":0,"delayFirst":false,"drop":"none|before|after","body":"malformed|truncated|cut|html|empty","slowBodySeconds":5,"kind":"createTwice","value":"...","seconds":5}; match or kind is required, times may be "always", and a kind is one of
        """ + " " + Kinds;

    private const string Kinds =
        "urlOtherRedirectUri, urlOtherState, urlOtherClientId, urlOtherHost, urlPlainHttp, urlNotAnUrl, consentDeny, consentError, "
        + "callbackNoQuery, callbackTwice, callbackOtherState, callbackNoState, callbackNoCode, callbackCodeAndError, callbackNoScope, callbackOtherTenant, "
        + "codeExpired, codeReused, platformGone, createTwice, appearLate, listEmptyPage, listRepeatedToken, listIgnoreTags, listByOffset.";

    private const int LongestText = 2_000;

    /// <summary>Given by the queue, whatever is said here.</summary>
    public long Id { get; init; }

    /// <summary>
    /// Method and path, such as <c>POST /instances</c>; <c>*</c> stands for any run of characters. Paths of the API are those below its
    /// base path, paths of the sign-in begin with <c>/app/oauth</c>. A kind knows its place without.
    /// </summary>
    public string? Match { get; init; }

    /// <summary>
    /// Only for requests that have this text in their path, query or body, or in what the platform knows of them: see <see cref="KnownWords"/>.
    /// </summary>
    public string? Only { get; init; }

    /// <summary>For how many calls; 0 until it is removed.</summary>
    [JsonConverter(typeof(FaultTimes))]
    public int Times { get; init; } = 1;

    public FaultKind? Kind { get; init; }

    /// <summary>What the kind puts in the place of the right thing, where that can be chosen.</summary>
    public string? Value { get; init; }

    /// <summary>How long the kind lasts, where it does.</summary>
    public int? Seconds { get; init; }

    /// <summary>Answer this instead of carrying the call out.</summary>
    public int? Status { get; init; }

    public string? Message { get; init; }

    public string? ProviderMessage { get; init; }

    public int? RetryAfterSeconds { get; init; }

    /// <summary>The refusal repeats what was sent, secrets and all.</summary>
    public bool Echo { get; init; }

    /// <summary>Hold the answer back so long. A call that is carried out is carried out first, unless <see cref="DelayFirst"/>.</summary>
    public int DelayMilliseconds { get; init; }

    public bool DelayFirst { get; init; }

    [JsonConverter(typeof(JsonStringEnumConverter<FaultDrop>))]
    public FaultDrop Drop { get; init; }

    public FaultShape? Body { get; init; }

    /// <summary>The answer begins with one byte a second for so long.</summary>
    public int? SlowBodySeconds { get; init; }

    /// <returns>What is wrong with the fault itself, as a sentence; null for nothing.</returns>
    public string? Problem() => this switch
    {
        { Match: null, Kind: null } => "A fault needs a match or a kind.",
        { Match: { } match } when !match.Contains(" /", StringComparison.Ordinal) && !match.Contains('*', StringComparison.Ordinal) =>
            "match must be a method and a path such as 'POST /instances'; '*' stands for any characters.",
        { Only: { Length: 0 or > LongestText } } => $"only must be a text of 1 to {LongestText} characters.",
        { Times: < 0 or > 10_000 } => "times must be from 1 to 10000, or \"always\".",
        { Status: < 200 or > 599 } => "status must be from 200 to 599.",
        { DelayMilliseconds: < 0 or > 600_000 } => "delayMilliseconds must be from 0 to 600000.",
        { DelayFirst: true, DelayMilliseconds: 0 } => "delayFirst needs delayMilliseconds.",
        { RetryAfterSeconds: < 0 } => "retryAfterSeconds must not be negative.",
        { SlowBodySeconds: < 1 or > 600 } => "slowBodySeconds must be from 1 to 600.",
        { Status: not null, Drop: not FaultDrop.None } => "A fault has a status or a drop, not both.",
        { Status: not null, Kind: not null } => "A fault has a status or a kind, not both.",
        { Echo: true, Status: null } => "echo needs a status.",
        { Drop: not FaultDrop.None, Body: not null } or { Drop: not FaultDrop.None, SlowBodySeconds: not null } =>
            "A fault that drops the connection has no body.",
        { Body: FaultShape.Cut or FaultShape.Empty, SlowBodySeconds: not null } => "A body that is cut or empty cannot be slow.",
        { Kind: FaultKind.AppearLate or FaultKind.PlatformGone, Seconds: not (>= 1 and <= 86_400) } =>
            "appearLate and platformGone need seconds from 1 to 86400.",
        { Kind: not (FaultKind.AppearLate or FaultKind.PlatformGone), Seconds: not null } => "seconds belongs to the kinds appearLate and platformGone.",
        { Value: { Length: 0 or > LongestText } } => $"value must be a text of 1 to {LongestText} characters.",
        { Value: not null, Kind: null } => "value belongs to a kind.",
        { Value: { } value, Kind: FaultKind.UrlOtherHost or FaultKind.UrlPlainHttp or FaultKind.CallbackOtherTenant }
            when Uri.CheckHostName(value) != UriHostNameType.Dns => "value must be a host name such as dt123.infusionsoft.com.",
        { Status: null, Kind: null, Drop: FaultDrop.None, DelayMilliseconds: 0, Body: null, SlowBodySeconds: null } =>
            "A fault needs a status, a drop, a delay, a body or a kind.",
        _ => null,
    };

    public string Describe() => string.Join(", ", Parts());

    private IEnumerable<string> Parts()
    {
        if (DelayMilliseconds > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"delay {DelayMilliseconds} ms{(DelayFirst ? " first" : string.Empty)}");
        if (Kind is { } kind)
        {
            var detail = Seconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $" {seconds} s") : Value is null ? string.Empty : $" {Value}";
            yield return CamelCaseOf(kind) + detail;
        }

        if (Status is { } status)
            yield return string.Create(CultureInfo.InvariantCulture, $"status {status}");
        if (Echo)
            yield return "echo";
        if (Drop is not FaultDrop.None)
            yield return $"drop {(Drop is FaultDrop.Before ? "before" : "after")}";
        if (Body is { } body)
            yield return $"body {CamelCaseOf(body)}";
        if (SlowBodySeconds is { } slow)
            yield return string.Create(CultureInfo.InvariantCulture, $"slow body {slow} s");
    }

    private static string CamelCaseOf<T>(T value) where T : struct, Enum =>
        System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
