using AdminPortal.Domain.Access;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Text;
using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Domain.Users;

/// <summary>A person who can sign in to the portal, or was invited to.</summary>
public sealed class PortalUser : IdentityUser<Guid>
{
    /// <summary>A new user who cannot sign in yet.</summary>
    /// <param name="email">An address that <see cref="EmailAddress.Read"/> gave.</param>
    /// <param name="role">What the user may do.</param>
    /// <param name="now">The time.</param>
    internal static PortalUser Create(string email, Role role, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        UserName = email,
        NormalizedUserName = EmailAddress.NormalizeName(email),
        Email = email,
        NormalizedEmail = EmailAddress.NormalizeName(email),
        EmailConfirmed = true,
        SecurityStamp = Guid.NewGuid().ToString("N"),
        Role = role,
    };

    /// <summary>What the person may do.</summary>
    public Role Role { get; set; }

    /// <summary>Since when the person may not sign in; null for one who may.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    /// <summary>When the person signed in last; null for never.</summary>
    public DateTimeOffset? LastSignInAt { get; set; }

    /// <summary>SHA-256 of the one-time link with which the person sets a password; null where there is none.</summary>
    public byte[]? LinkHash { get; set; }

    /// <summary>Until when the one-time link is good.</summary>
    public DateTimeOffset? LinkExpiresAt { get; set; }

    /// <summary>
    /// The key that the person's authenticator app has; null where there is none. It counts from when a code of it was
    /// entered, which <see cref="IdentityUser{TKey}.TwoFactorEnabled"/> tells.
    /// </summary>
    public Sealed? AuthenticatorKey { get; set; }

    /// <summary>
    /// When the key of an authenticator app that is not confirmed yet was made: it expires, see
    /// <c>FactorService.SetupLifetime</c>. Null where none is being set up.
    /// </summary>
    public DateTimeOffset? AuthenticatorBegunAt { get; set; }

    /// <summary>
    /// The failed sign-in attempts since the last success. Only <c>AttemptLimiter</c> writes it and the next three properties.
    /// </summary>
    public int SignInAttempts { get; set; }

    /// <summary>Until when no attempt to sign in is evaluated; null for now.</summary>
    public DateTimeOffset? SignInLockedUntil { get; set; }

    /// <summary>The attempts at a proof inside a session that were counted since the last success.</summary>
    public int ProofAttempts { get; set; }

    /// <summary>Until when no proof inside a session is evaluated; null for now.</summary>
    public DateTimeOffset? ProofLockedUntil { get; set; }

    /// <summary>
    /// The time step of the last code that was taken: none of it or before it is taken again. Saving the person never
    /// writes it, so that nobody who read the person earlier can put it back.
    /// </summary>
    public long? LastCodeStep { get; set; }

    /// <summary>Whether a password is not enough: the authenticator app was set up to its end.</summary>
    public bool HasAuthenticator => TwoFactorEnabled && AuthenticatorKey is not null;

    /// <summary>The authenticator's key with what is needed to open it.</summary>
    public Secret? AuthenticatorKeyOf => AuthenticatorKey is { } key ? new Secret(SecretKind.AuthenticatorKey, Id, key) : null;

    /// <summary>Whether the one-time link was made on the console: it lets in, also where local sign-in is off.</summary>
    public bool LinkLetsIn { get; set; }

    /// <summary>The authority by which the person signs in; null for one who never did.</summary>
    public string? ExternalIssuer { get; set; }

    /// <summary>What that authority calls the person, for good: the pair of the two is who it is, and not the email address.</summary>
    public string? ExternalSubject { get; set; }
}
