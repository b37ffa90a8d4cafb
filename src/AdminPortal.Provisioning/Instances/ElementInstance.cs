using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Storage;

namespace AdminPortal.Provisioning.Instances;

/// <summary>An element instance: the platform's id and token, and what the portal knows of it.</summary>
public sealed class ElementInstance : IVersioned
{
    public required Guid Id { get; init; }

    public required Guid PlatformAccountId { get; init; }

    /// <summary>The platform's id of the instance.</summary>
    public required long PlatformId { get; init; }

    public required string ElementKey { get; init; }

    public required string Name { get; set; }

    /// <summary><see cref="Name"/> folded for searching and sorting; see <see cref="SearchText"/>.</summary>
    public required string NameKey { get; set; }

    /// <summary>The person's tags; the portal's own tag is kept apart, in <see cref="PortalTag"/>.</summary>
    public required List<string> Tags { get; set; }

    /// <summary>The tag by which the attempt that made this instance is known on the platform.</summary>
    public string? PortalTag { get; init; }

    /// <summary>The Infusionsoft tenant host: as given, or as the consent named it.</summary>
    public string? AccountServer { get; set; }

    /// <summary>The element token: the credential for calls to this instance.</summary>
    public required Sealed Token { get; set; }

    public required InstanceState State { get; set; }

    /// <summary>The attempt that created it.</summary>
    public Guid? AttemptId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the platform last told something about this instance.</summary>
    public required DateTimeOffset LastCheckedAt { get; set; }

    public int Version { get; set; }

    internal Secret TokenOf => new(SecretKind.InstanceToken, Id, Token);
}
