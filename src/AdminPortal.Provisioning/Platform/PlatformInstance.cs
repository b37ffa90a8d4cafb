namespace AdminPortal.Provisioning.Platform;

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
    /// <summary>Never prints the token or the configuration.</summary>
    public override string ToString() => $"PlatformInstance {Id} ({ElementKey})";
}

/// <summary>One page of a listing.</summary>
/// <param name="Instances">The page's instances.</param>
/// <param name="NextPage">The cursor of the next page; null on the last one.</param>
public sealed record PlatformInstancePage(IReadOnlyList<PlatformInstance> Instances, string? NextPage);

/// <summary>One configuration entry of an element (platform contract, section 5.7).</summary>
public sealed record PlatformConfigurationEntry(string Key, string? Name, string? Type, bool Required, bool Internal);
