using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Text;

namespace AdminPortal.Domain.Providers;

/// <summary>The OAuth client registered at Infusionsoft/Keap; many instances share one.</summary>
public sealed class ProviderApp : IVersioned
{
    public const int MaxNameLength = 100;

    public required Guid Id { get; init; }

    public required string Name { get; set; }

    public required string ClientId { get; set; }

    /// <summary>The client secret, sealed for nowhere: never sent, and what the copies of <see cref="Origins"/> are sealed from.</summary>
    public required Sealed ClientSecret { get; set; }

    /// <summary>The platform origins that the client secret may be sent to.</summary>
    public List<ProviderAppOrigin> Origins { get; } = [];

    public required DateTimeOffset CreatedAt { get; init; }

    public int Version { get; set; }

    internal Secret ClientSecretOf => new(SecretKind.ClientSecret, Id, ClientSecret);

    /// <summary>Allows an origin, with a copy of the secret that opens for it alone.</summary>
    /// <exception cref="SecretUnreadableException">The stored secret does not open.</exception>
    internal void Allow(SecretOrigin origin, ISecretBox secrets, Actor actor, DateTimeOffset now) => Origins.Add(new ProviderAppOrigin
    {
        ProviderAppId = Id,
        Origin = origin.Text,
        ClientSecret = secrets.Seal(SecretKind.ClientSecret, Id, origin, secrets.Open(ClientSecretOf, SecretOrigin.Nowhere)),
        AllowedAt = now,
        AllowedBy = actor.PersonId,
        AllowedByName = OutsideText.Clean(actor.Name, ActivityEntry.MaxSubjectLength),
    });

    /// <summary>What a request to an origin sends; null where the app is not allowed for it.</summary>
    internal ProviderAppCredentials? CredentialsFor(SecretOrigin origin) => Origins.Find(allowed => allowed.Origin == origin.Text) is { } copy
        ? new ProviderAppCredentials(ClientId, new Secret(SecretKind.ClientSecret, Id, copy.ClientSecret))
        : null;
}
