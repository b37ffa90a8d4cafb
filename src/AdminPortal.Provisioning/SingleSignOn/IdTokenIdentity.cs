using System.Security.Claims;
using System.Text.Json;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Domain.Users;

namespace AdminPortal.Provisioning.SingleSignOn;

/// <summary>Reads the user and the role from the claims of a validated ID token.</summary>
public static class IdTokenIdentity
{
    /// <summary>Reads the claims under their names in the token.</summary>
    /// <returns>Null if issuer or subject are missing or too long.</returns>
    public static ExternalIdentity? Read(IReadOnlyCollection<Claim> claims, SingleSignOnOptions settings)
    {
        if (Find(claims, "sub") is not { Length: > 0 and <= ExternalIdentity.MaxSubjectLength } subject
            || Find(claims, "iss") is not { Length: > 0 and <= ExternalIdentity.MaxIssuerLength } issuer) return null;

        // Whether it is an address, and verified, matters for new users only: see SingleSignOnPeople.
        var said = Find(claims, settings.EmailClaim)?.Trim();
        var email = !string.IsNullOrEmpty(said) && OutsideText.Clean(said, EmailAddress.MaxBytes) == said ? said : null;
        // Some authorities send a string instead of a boolean.
        bool? isVerified = Find(claims, "email_verified") is { } verified
            ? string.Equals(verified, "true", StringComparison.OrdinalIgnoreCase)
            : null;

        // A list is read as several claims of the same name.
        var groups = claims.Where(claim => claim.Type == settings.RoleClaim).Select(claim => claim.Value).ToArray();
        return new ExternalIdentity(issuer, subject, email, isVerified, settings.RoleOf(groups))
        {
            AreGroupsKnown = groups.Length > 0 || !LeavesOutGroups(claims, settings.RoleClaim),
        };
    }

    // Microsoft Entra leaves out the claim of a user who is in more than 200 groups. It says so with "hasgroups", or with the claim's
    // name in "_claim_names": a distributed claim (OpenID Connect Core 1.0, 5.6.2), which this portal does not fetch.
    private static bool LeavesOutGroups(IReadOnlyCollection<Claim> claims, string roleClaim)
    {
        if (roleClaim == "groups" && Find(claims, "hasgroups") is not null) return true;
        if (Find(claims, "_claim_names") is not { } names) return false;
        try
        {
            using var read = JsonDocument.Parse(names);
            return read.RootElement.ValueKind == JsonValueKind.Object && read.RootElement.TryGetProperty(roleClaim, out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string? Find(IReadOnlyCollection<Claim> claims, string type) =>
        claims.FirstOrDefault(claim => claim.Type == type)?.Value;
}
