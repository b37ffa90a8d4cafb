using AdminPortal.Domain.Access;

namespace AdminPortal.Domain.Users;

/// <summary>The identity in a checked token of an authority.</summary>
/// <param name="Issuer">The authority.</param>
/// <param name="Subject">The authority's permanent id for the user. Issuer and subject identify a user who has signed in before.</param>
/// <param name="Email">The email address, without any check but of its length and of control characters; null for none.</param>
/// <param name="IsEmailVerified">Whether the authority says that the address was verified; null where it says nothing.</param>
/// <param name="Role">The role that the token's groups give; null for none.</param>
public sealed record ExternalIdentity(string Issuer, string Subject, string? Email, bool? IsEmailVerified, Role? Role)
{
    public const int MaxIssuerLength = 400;
    public const int MaxSubjectLength = 255;

    /// <summary>False if the authority left out the groups, because the user is in too many: <see cref="Role"/> is unknown then.</summary>
    public bool AreGroupsKnown { get; init; } = true;

    /// <summary>The name in messages and in the activity record.</summary>
    public string Name => Email ?? Subject;
}
