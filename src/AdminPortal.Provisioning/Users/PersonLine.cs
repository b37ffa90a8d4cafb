using AdminPortal.Domain.Access;

namespace AdminPortal.Provisioning.Users;

/// <summary>A person as the list of people shows one.</summary>
/// <param name="Id">The person's id.</param>
/// <param name="Email">The name to sign in with.</param>
/// <param name="Role">What the person may do.</param>
/// <param name="State">Whether the person can sign in.</param>
/// <param name="LastSignInAt">When the person signed in last; null for never.</param>
public sealed record PersonLine(Guid Id, string Email, Role Role, PersonState State, DateTimeOffset? LastSignInAt)
{
    /// <summary>Until when the person's one-time link is good; null where there is none.</summary>
    public DateTimeOffset? LinkExpiresAt { get; init; }

    /// <summary>Whether the person signs in with an authenticator app beside the password.</summary>
    public bool HasAuthenticator { get; init; }

    /// <summary>How many passkeys the person has.</summary>
    public int Passkeys { get; init; }

    /// <summary>Whether the person has anything beside the password.</summary>
    public bool HasFactors => HasAuthenticator || Passkeys > 0;

    /// <summary>Whether nobody else could manage the portal: such a person can be neither demoted, disabled nor removed.</summary>
    public bool IsLastAdministrator { get; init; }

    /// <summary>Whether the person has signed in by single sign-on.</summary>
    public bool ComesBySingleSignOn { get; init; }
}
