using System.Text.Json.Serialization;

namespace AdminPortal.Sandbox.Tenancy;

/// <summary>One element instance. Immutable: a change is a new one in its place.</summary>
internal sealed record Instance
{
    public required long Id { get; init; }

    public required string ElementKey { get; init; }

    public required string Name { get; init; }

    public required string Token { get; init; }

    public required DateTimeOffset CreatedDate { get; init; }

    public required DateTimeOffset UpdatedDate { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public required IReadOnlyList<ConfigurationEntry> Configuration { get; init; }

    public bool Disabled { get; init; }

    /// <summary>Whether the platform thinks that the instance works. Apart from <see cref="Disabled"/>: either may be without the other.</summary>
    public bool Valid { get; init; } = true;

    /// <summary>Calls that failed since the token was good last, because it could not be refreshed.</summary>
    public int FailedRefreshes { get; init; }

    /// <summary>Traces are logged until then; null when nobody asked for them.</summary>
    public DateTimeOffset? TracedUntil { get; init; }

    /// <summary>Until then it is there and nobody finds it; null for always found.</summary>
    public DateTimeOffset? AppearsAt { get; init; }

    /// <summary>Since when events are on; null while they are off.</summary>
    public DateTimeOffset? EventsSince { get; init; }

    /// <summary>The code that it was authorized with last; null where no consent was needed.</summary>
    public IssuedCode? AuthorizedBy { get; init; }

    [JsonIgnore]
    public bool EventsEnabled => Value(ConfigurationKeys.EventsEnabled) == "true";

    public bool IsHidden(DateTimeOffset now) => AppearsAt > now;

    public string? Value(string key)
    {
        for (var i = 0; i < Configuration.Count; i++)
        {
            if (Configuration[i].Key == key)
                return Configuration[i].Value;
        }

        return null;
    }
}
