using AdminPortal.Domain.Secrets;

namespace AdminPortal.Domain.Accounts;

/// <summary>One tenant of Cloud Elements or SAP Open Connectors.</summary>
public sealed class PlatformAccount : IVersioned
{
    public const int MaxNameLength = 100;
    public const int MinCheckMinutes = 5;

    /// <summary>A week.</summary>
    public const int MaxCheckMinutes = 10_080;

    public required Guid Id { get; init; }

    public required string Name { get; set; }

    /// <summary>Scheme, host and port, without a trailing slash; the API lies under <c>/elements/api-v2</c>.</summary>
    public required string BaseUrl { get; set; }

    public required Sealed OrganizationSecret { get; set; }

    public required Sealed UserSecret { get; set; }

    /// <summary>Hosts that this account may send a person to for signing in at the provider.</summary>
    public required List<string> SignInHosts { get; set; }

    /// <summary>How often each instance is checked in the background, in minutes; null: never.</summary>
    public int? CheckEveryMinutes { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public int Version { get; set; }

    /// <summary>Where requests with this account's secrets go.</summary>
    /// <exception cref="SecretUnreadableException">The base URL is not an address.</exception>
    internal SecretOrigin Origin => SecretOrigin.Of(BaseUrl);

    internal Secret OrganizationSecretOf => new(SecretKind.OrganizationSecret, Id, OrganizationSecret);

    internal Secret UserSecretOf => new(SecretKind.UserSecret, Id, UserSecret);
}
