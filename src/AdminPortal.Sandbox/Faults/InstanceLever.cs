using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace AdminPortal.Sandbox.Faults;

/// <summary>What to make of an instance behind everybody's back. What is not said stays.</summary>
internal sealed record InstanceLever
{
    public const string Form =
        """{"element":"infusionsoftrest","name":"...","tags":["..."],"disabled":false,"valid":true,"refreshTime":"2026-01-31T12:00:00Z","configuration":{"key":"value"}}; element is for a new instance, which needs no more; refreshTime may be milliseconds since 1970.""";

    /// <summary>Key or id of the element; only for a new instance.</summary>
    public string? Element { get; init; }

    public string? Name { get; init; }

    public JsonArray? Tags { get; init; }

    public bool? Disabled { get; init; }

    public bool? Valid { get; init; }

    /// <summary>When the token was refreshed last: ISO 8601, or milliseconds since 1970.</summary>
    public JsonElement? RefreshTime { get; init; }

    public JsonObject? Configuration { get; init; }

    /// <summary>The parts that an API body has too, to be read by the same rules.</summary>
    [JsonIgnore]
    public JsonObject Body => new() { ["name"] = Name, ["tags"] = Tags?.DeepClone(), ["configuration"] = Configuration?.DeepClone() };

    /// <returns>False when there is a refresh time and it is no time; the time is null when there is none.</returns>
    public bool TryRefreshTime(out string? milliseconds)
    {
        milliseconds = null;
        if (RefreshTime is not { } given || given.ValueKind == JsonValueKind.Null)
            return true;
        if (given.ValueKind == JsonValueKind.String && given.TryGetDateTimeOffset(out var moment))
            milliseconds = moment.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        else if (given.ValueKind == JsonValueKind.Number && given.TryGetInt64(out var number) && number >= 0)
            milliseconds = number.ToString(CultureInfo.InvariantCulture);
        return milliseconds is not null;
    }
}
