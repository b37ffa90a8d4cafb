using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Storage;

namespace AdminPortal.Provisioning.Providers;

/// <summary>The OAuth client registered at Infusionsoft/Keap; many instances share one.</summary>
public sealed class ProviderApp : IVersioned
{
    public const int MaxNameLength = 100;

    public required Guid Id { get; init; }

    public required string Name { get; set; }

    public required string ClientId { get; set; }

    public required Sealed ClientSecret { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public int Version { get; set; }

    internal Secret ClientSecretOf => new(SecretKind.ClientSecret, Id, ClientSecret);
}
