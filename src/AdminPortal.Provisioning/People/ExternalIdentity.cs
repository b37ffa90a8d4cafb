namespace AdminPortal.Provisioning.People;

/// <summary>Who somebody is, as an authority has told in a token that was checked.</summary>
/// <param name="Issuer">The authority.</param>
/// <param name="Subject">What it calls the person, for good.</param>
/// <param name="Email">The email address.</param>
/// <param name="IsEmailVerified">Whether the authority says that the address was verified; null where it says nothing.</param>
/// <param name="Role">The role that its word gives; null for none.</param>
public sealed record ExternalIdentity(string Issuer, string Subject, string Email, bool? IsEmailVerified, Role? Role)
{
    public const int MaxIssuerLength = 400;
    public const int MaxSubjectLength = 255;
}
