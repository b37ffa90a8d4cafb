using System.Globalization;
using AdminPortal.Domain.Elements;

namespace AdminPortal.Platform;

/// <summary>An instance as the platform tells it; everything but id may be missing from an answer.</summary>
/// <param name="Id">The platform's id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Token">The element token: a credential.</param>
/// <param name="ElementKey">The element's key.</param>
/// <param name="Tags">Its tags, the portal's own among them; null when the answer had none.</param>
/// <param name="IsValid">The platform's own idea of its health.</param>
/// <param name="IsDisabled">Whether it is switched off.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="Configuration">Its configuration; values are strings whatever their type, secrets are masked.</param>
public sealed record PlatformInstance(
    long Id,
    string? Name,
    string? Token,
    string? ElementKey,
    IReadOnlyList<string>? Tags,
    bool? IsValid,
    bool? IsDisabled,
    DateTimeOffset? CreatedAt,
    IReadOnlyDictionary<string, string?> Configuration)
{
    /// <summary>Whether the platform keeps a trace of its calls; null when the answer did not say.</summary>
    public bool? IsTraced { get; init; }

    /// <summary>The tenant host in its configuration, in its one form; null where it has none.</summary>
    public string? AccountServer =>
        Domain.Elements.AccountServer.TryParse(Configuration.GetValueOrDefault(ElementCatalog.ServerKey), out var server, out _) ? server.Host : null;

    /// <summary>When the provider's token was refreshed last: <c>oauth.user.refresh_time</c>, in milliseconds since 1970 (platform contract, trap 6).</summary>
    public DateTimeOffset? RefreshedAt =>
        long.TryParse(Configuration.GetValueOrDefault("oauth.user.refresh_time"), NumberStyles.None, CultureInfo.InvariantCulture, out var time)
        && time is > 0 and < 253_402_300_800_000
            ? DateTimeOffset.FromUnixTimeMilliseconds(time)
            : null;

    /// <summary>How long an access token holds, in seconds: <c>oauth.user.refresh_interval</c>.</summary>
    public long? RefreshIntervalSeconds =>
        long.TryParse(Configuration.GetValueOrDefault("oauth.user.refresh_interval"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? seconds
            : null;

    /// <summary>Whether it carries Keap's legacy key: by its configuration, or by an element that cannot be without.</summary>
    public bool HasLegacyKey(ElementCatalog catalog) =>
        !string.IsNullOrEmpty(Configuration.GetValueOrDefault(ElementCatalog.EncryptedKeyKey))
        || (ElementKey is not null && catalog.Find(ElementKey)?.Field(ElementCatalog.EncryptedKeyKey) is { Required: true });

    /// <summary>Never prints the token or the configuration.</summary>
    public override string ToString() => $"PlatformInstance {Id} ({ElementKey})";
}

/// <summary>One page of a listing.</summary>
/// <param name="Instances">The page's instances.</param>
/// <param name="NextPage">The cursor of the next page; null on the last one.</param>
public sealed record PlatformInstancePage(IReadOnlyList<PlatformInstance> Instances, string? NextPage);

/// <summary>One configuration entry of an element (platform contract, section 5.7).</summary>
public sealed record PlatformConfigurationEntry(string Key, string? Name, string? Type, bool Required, bool Internal)
{
    /// <summary>Whether the platform has a value of its own where none is sent.</summary>
    public bool HasDefault { get; init; }

    /// <summary>Whether the platform said at all whether it is required; where it did not, <see cref="Required"/> is false.</summary>
    public bool SaysWhetherRequired { get; init; } = true;
}

/// <summary>An element as the platform describes it, as far as the portal needs it.</summary>
/// <param name="IsActive">Whether the platform offers it; null where it does not say.</param>
/// <param name="IsDeleted">Whether it has been taken away; null where it does not say.</param>
public sealed record PlatformElement(bool? IsActive, bool? IsDeleted);
