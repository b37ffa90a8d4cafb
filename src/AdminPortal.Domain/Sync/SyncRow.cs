using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;

namespace AdminPortal.Domain.Sync;

/// <summary>One instance as the platform listed it during a sync.</summary>
public sealed class SyncRow
{
    public required Guid RunId { get; init; }

    /// <summary>The platform's id: with <see cref="RunId"/> the key.</summary>
    public required long PlatformId { get; init; }

    /// <summary>The portal's id: of the instance that is known, or the one it will get when it is adopted; the token is sealed for it.</summary>
    public required Guid InstanceId { get; init; }

    public required string ElementKey { get; init; }

    /// <summary>Empty where the listing did not tell it.</summary>
    public required string Name { get; init; }

    /// <summary>The person's tags; null where the listing did not tell them.</summary>
    public List<string>? Tags { get; init; }

    public string? PortalTag { get; init; }

    public string? AccountServer { get; init; }

    /// <summary>Null where the listing had none: it cannot be adopted then.</summary>
    public Sealed? Token { get; init; }

    public required InstanceState State { get; init; }

    public required bool HasLegacyKey { get; init; }

    public DateTimeOffset? RefreshedAt { get; init; }

    public long? RefreshIntervalSeconds { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>
    /// The instance's version when the row was read; null where the portal did not know it. What was changed or removed
    /// here since then is newer than this row.
    /// </summary>
    public int? KnownVersion { get; init; }
}
