using AdminPortal.Domain.Access;

namespace AdminPortal.Domain.Settings;

/// <summary>Signing in by an authority that speaks OpenID Connect: the configuration section <c>Portal:SingleSignOn</c>. Without an authority there is none.</summary>
public sealed class SingleSignOnOptions
{
    /// <summary>The issuer, as the authority's discovery document names it, for example <c>https://login.example.com/realms/staff</c>.</summary>
    public string Authority { get; set; } = "";

    /// <summary>The portal's name at the authority.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>The portal's secret at the authority.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>What people call it: the button says "Sign in with {this}".</summary>
    public string DisplayName { get; set; } = "single sign-on";

    /// <summary>What is asked for, separated by blanks.</summary>
    public string Scopes { get; set; } = "openid profile email";

    /// <summary>The claim with the person's email address, which is the name here.</summary>
    public string EmailClaim { get; set; } = "email";

    /// <summary>Whether the authority has to say that the address was verified; otherwise it only must not say that it was not.</summary>
    public bool RequireVerifiedEmail { get; set; }

    /// <summary>The claim that roles are read from: a text, or a list of them.</summary>
    public string RoleClaim { get; set; } = "groups";

    /// <summary>For each role the values of the claim that give it. Where none are named, roles are given in the portal.</summary>
    public Dictionary<string, List<string>> Roles { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The role of whoever has none of these values; null: such a person is not let in.</summary>
    public string? DefaultRole { get; set; }

    /// <summary>How long the authority may take for an answer.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether there is single sign-on at all.</summary>
    public bool IsConfigured => Authority.Length > 0;

    /// <summary>Whether the authority decides about roles.</summary>
    public bool MapsRoles => Roles.Values.Any(values => values.Count > 0);

    /// <summary>The highest role that one of the values gives, the role for everybody else, or null for none.</summary>
    public Role? RoleOf(IReadOnlyCollection<string> values)
    {
        foreach (var role in Enum.GetValues<Role>().OrderDescending())
        {
            if (Roles.TryGetValue(role.ToString(), out var giving) && giving.Any(values.Contains)) return role;
        }

        return ReadRole(DefaultRole);
    }

    /// <summary>Reads the name of a role; null for anything else.</summary>
    internal static Role? ReadRole(string? name)
    {
        foreach (var role in Enum.GetValues<Role>())
        {
            if (string.Equals(role.ToString(), name, StringComparison.OrdinalIgnoreCase)) return role;
        }

        return null;
    }
}
