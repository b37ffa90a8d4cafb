using System.Security.Cryptography;
using System.Text;
using AdminPortal.Sandbox.Tenancy;

namespace AdminPortal.Sandbox.Api;

/// <summary>
/// Reads <c>Authorization: User ..., Organization ..., Element ...</c>, in any order. Complete are User with Organization and User
/// with Element; whatever else is there must be right too.
/// </summary>
internal sealed class Authenticator(SandboxOptions options, Tenant tenant)
{
    // One text for every cause: it does not say which secret was wrong.
    public static readonly ApiFailure Refusal = new(
        StatusCodes.Status401Unauthorized, "Invalid Organization or User secret, or invalid Element token provided.");

    /// <returns>Null when the secrets are missing, incomplete or wrong.</returns>
    public Credentials? Check(HttpRequest request)
    {
        var given = Parse(request.Headers.Authorization.ToString());
        if (!given.TryGetValue("User", out var user) || !Same(user, options.UserSecret))
            return null;

        var hasOrganization = given.TryGetValue("Organization", out var organization);
        if (hasOrganization && !Same(organization!, options.OrganizationSecret))
            return null;

        var hasElement = given.TryGetValue("Element", out var token);
        var instance = hasElement ? tenant.FindByToken(token!) : null;
        if (hasElement && instance is null)
            return null;

        return hasOrganization || hasElement ? new Credentials(hasOrganization, instance) : null;
    }

    private static Dictionary<string, string> Parse(string header)
    {
        var pairs = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in header.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var space = part.IndexOf(' ', StringComparison.Ordinal);
            if (space > 0)
                pairs[part[..space]] = part[(space + 1)..].Trim();
        }

        return pairs;
    }

    private static bool Same(string given, string known) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(known));
}
