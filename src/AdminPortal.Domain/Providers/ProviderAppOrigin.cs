using AdminPortal.Domain.Secrets;

namespace AdminPortal.Domain.Providers;

/// <summary>A platform origin that a provider app's client secret may be sent to, with the copy that opens for it alone.</summary>
public sealed class ProviderAppOrigin
{
    public required Guid ProviderAppId { get; init; }

    /// <summary>The origin: <see cref="SecretOrigin.Text"/>.</summary>
    public required string Origin { get; init; }

    /// <summary>The client secret, sealed for the app's id and this origin.</summary>
    public required Sealed ClientSecret { get; set; }

    public required DateTimeOffset AllowedAt { get; init; }

    /// <summary>Who allowed it; null where the upgrade from the first release did.</summary>
    public Guid? AllowedBy { get; init; }

    public string? AllowedByName { get; init; }
}

/// <summary>A provider app as one request sends it.</summary>
/// <param name="ClientId">The client id.</param>
/// <param name="ClientSecret">The copy of the client secret that opens for the request's origin.</param>
public sealed record ProviderAppCredentials(string ClientId, Secret ClientSecret);
