using System.Text.Json.Serialization;

namespace AdminPortal.Sandbox.Faults;

/// <summary>Something to go wrong with the next API calls that match.</summary>
internal sealed record Fault
{
    public const string Form =
        """{"match":"POST /instances","status":500,"message":"...","providerMessage":"...","retryAfterSeconds":1,"delayMilliseconds":0,"drop":"none|before|after","times":1}; only match is required.""";

    /// <summary>Method and path below the base path, such as <c>POST /instances</c>; <c>*</c> stands for any run of characters.</summary>
    public required string Match { get; init; }

    /// <summary>Answer this instead of carrying the call out.</summary>
    public int? Status { get; init; }

    public string? Message { get; init; }

    public string? ProviderMessage { get; init; }

    public int? RetryAfterSeconds { get; init; }

    /// <summary>Hold the answer back so long. A call that is carried out is carried out first.</summary>
    public int DelayMilliseconds { get; init; }

    [JsonConverter(typeof(JsonStringEnumConverter<FaultDrop>))]
    public FaultDrop Drop { get; init; }

    /// <summary>For how many calls.</summary>
    public int Times { get; init; } = 1;

    /// <returns>What is wrong with the fault itself, as a sentence; null for nothing.</returns>
    public string? Problem() => this switch
    {
        { Match: var match } when !match.Contains(" /", StringComparison.Ordinal) && !match.Contains('*', StringComparison.Ordinal) =>
            "match must be a method and a path such as 'POST /instances'; '*' stands for any characters.",
        { Status: < 200 or > 599 } => "status must be from 200 to 599.",
        { DelayMilliseconds: < 0 or > 600_000 } => "delayMilliseconds must be from 0 to 600000.",
        { RetryAfterSeconds: < 0 } => "retryAfterSeconds must not be negative.",
        { Times: < 1 or > 10_000 } => "times must be from 1 to 10000.",
        { Status: not null, Drop: not FaultDrop.None } => "A fault has a status or a drop, not both.",
        { Status: null, Drop: FaultDrop.None, DelayMilliseconds: 0 } => "A fault needs a status, a drop or a delay.",
        _ => null,
    };

    public string Describe()
    {
        var delay = DelayMilliseconds > 0 ? $"delay {DelayMilliseconds} ms" : null;
        var rest = Status is { } status ? $"status {status}" : Drop is FaultDrop.None ? null : $"drop {(Drop is FaultDrop.Before ? "before" : "after")}";
        return string.Join(", ", new[] { delay, rest }.OfType<string>());
    }
}
