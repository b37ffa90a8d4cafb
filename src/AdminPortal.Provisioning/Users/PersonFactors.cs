using AdminPortal.Domain.Access;

namespace AdminPortal.Provisioning.Users;

/// <summary>How a person signs in, as the person's own page shows it; nothing of it is secret.</summary>
/// <param name="Email">The name to sign in with.</param>
/// <param name="Role">What the person may do.</param>
public sealed record PersonFactors(string Email, Role Role)
{
    /// <summary>Whether there is a password; without one, somebody else answers for who the person is.</summary>
    public bool HasPassword { get; init; }

    /// <summary>Whether the authenticator app was set up to its end.</summary>
    public bool HasAuthenticator { get; init; }

    /// <summary>How many recovery codes were not used yet.</summary>
    public int RecoveryCodesLeft { get; init; }

    /// <summary>The person's passkeys, oldest first.</summary>
    public IReadOnlyList<PasskeyLine> Passkeys { get; init; } = [];
}
