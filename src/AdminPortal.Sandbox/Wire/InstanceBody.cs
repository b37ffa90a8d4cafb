using System.Text.Json.Serialization;
using AdminPortal.Sandbox.Tenancy;

namespace AdminPortal.Sandbox.Wire;

/// <summary>An instance as create, get, update and list return it. Members are in the documented order.</summary>
internal sealed record InstanceBody
{
    private static readonly Dictionary<string, string?> Nothing = [];

    public required long Id { get; init; }

    public required string Name { get; init; }

    public required string CreatedDate { get; init; }

    /// <summary>Milliseconds since 1970: a number here, although the other date is text.</summary>
    public required long UpdatedDate { get; init; }

    public required string Token { get; init; }

    public required ElementBody Element { get; init; }

    public required int ElementId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Tags { get; init; }

    public IReadOnlyList<string> ProvisionInteractions { get; init; } = [];

    public required bool Valid { get; init; }

    public required bool Disabled { get; init; }

    public int MaxCacheSize { get; init; }

    public int CacheTimeToLive { get; init; }

    public required IReadOnlyDictionary<string, string?> Configuration { get; init; }

    public required bool EventsEnabled { get; init; }

    public required bool TraceLoggingEnabled { get; init; }

    public bool CachingEnabled { get; init; }

    public string ExternalAuthentication { get; init; } = "none";

    public UserBody User { get; init; } = UserBody.Sandbox;

    /// <param name="instance">The instance.</param>
    /// <param name="now">The sandbox's time, which decides whether traces are still logged.</param>
    /// <param name="hydrate">False leaves configuration and tags out, as lists do unless asked.</param>
    public static InstanceBody From(Instance instance, DateTimeOffset now, bool hydrate = true)
    {
        var element = ElementBody.Of(instance.ElementKey);
        return new InstanceBody
        {
            Id = instance.Id,
            Name = instance.Name,
            CreatedDate = WireFormat.Date(instance.CreatedDate),
            UpdatedDate = instance.UpdatedDate.ToUnixTimeMilliseconds(),
            Token = instance.Token,
            Element = element,
            ElementId = element.Id,
            Tags = hydrate ? instance.Tags : null,
            Valid = instance.Valid,
            Disabled = instance.Disabled,
            Configuration = hydrate
                ? instance.Configuration.ToDictionary(entry => entry.Key, InstanceConfigurationBody.Shown, StringComparer.Ordinal)
                : Nothing,
            EventsEnabled = instance.EventsEnabled,
            TraceLoggingEnabled = instance.TracedUntil > now,
        };
    }
}
