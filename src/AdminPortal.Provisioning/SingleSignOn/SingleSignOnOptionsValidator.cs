using AdminPortal.Domain.Access;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.SingleSignOn;

/// <summary>Checks the settings of signing in at start; every failure names the key to mend, and none the secret.</summary>
internal sealed class SingleSignOnOptionsValidator(IHostEnvironment environment) : IValidateOptions<PortalOptions>
{
    private const string Section = "Portal:SingleSignOn";
    private const int MaxNameLength = 40;
    private static readonly TimeSpan MinTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(1);

    public ValidateOptionsResult Validate(string? name, PortalOptions options)
    {
        List<string> failures = [.. options.SingleSignOn.IsConfigured ? Check(options.SingleSignOn) : CheckAbsent(options)];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> CheckAbsent(PortalOptions options)
    {
        if (!options.LocalSignIn.Enabled)
            yield return $"Portal:LocalSignIn:Enabled is false, and {Section}:Authority is not set: nobody could sign in. Set up single sign-on, or leave local sign-in on.";
        if (options.SingleSignOn.ClientId.Length > 0 || options.SingleSignOn.ClientSecret.Length > 0)
            yield return $"{Section}:Authority is not set, and other settings of {Section} are. Set it to the authority's issuer, for example https://login.example.com/realms/staff.";
    }

    private IEnumerable<string> Check(SingleSignOnOptions options)
    {
        var isDevelopment = environment.IsDevelopment();
        if (!WebAddress.TryParse(options.Authority, isDevelopment, out var authority, out var problem))
            yield return $"{Section}:Authority is \"{options.Authority}\". {(problem == WebAddressProblem.NotHttps ? isDevelopment ? "Use https, or http on a loopback address in Development." : "Use https." : "Use the authority's issuer, for example https://login.example.com/realms/staff.")}";
        else if (authority.Query.Length > 0)
            yield return $"{Section}:Authority is \"{options.Authority}\". Leave out the query.";
        if (string.IsNullOrWhiteSpace(options.ClientId)) yield return $"{Section}:ClientId is not set. Set it to the name that the portal has at the authority.";
        if (string.IsNullOrWhiteSpace(options.ClientSecret))
            yield return $"{Section}:ClientSecret is not set. Register the portal as a confidential client at the authority, and set its secret here, best by the environment (Portal__SingleSignOn__ClientSecret).";
        if (OutsideText.Clean(options.DisplayName, MaxNameLength) != options.DisplayName) yield return $"{Section}:DisplayName has to be a name of 1 to {MaxNameLength} characters.";
        if (!options.Scopes.Split(' ').Contains("openid")) yield return $"{Section}:Scopes is \"{options.Scopes}\". One of them has to be openid.";
        if (string.IsNullOrWhiteSpace(options.EmailClaim)) yield return $"{Section}:EmailClaim is empty. Name the claim that holds the email address.";
        if (string.IsNullOrWhiteSpace(options.RoleClaim)) yield return $"{Section}:RoleClaim is empty. Name the claim that holds the groups or roles.";
        if (options.Timeout < MinTimeout || options.Timeout > MaxTimeout) yield return $"{Section}:Timeout is {options.Timeout}. Set it between {MinTimeout} and {MaxTimeout}.";

        var roles = string.Join(", ", Enum.GetNames<Role>());
        foreach (var role in options.Roles.Keys.Where(role => SingleSignOnOptions.ReadRole(role) is null))
            yield return $"{Section}:Roles has \"{role}\", which is no role. The roles are {roles}.";
        if (options.DefaultRole is { Length: > 0 } defaultRole && SingleSignOnOptions.ReadRole(defaultRole) is null)
            yield return $"{Section}:DefaultRole is \"{defaultRole}\". Set it to one of {roles}, or leave it out.";
        if (!options.MapsRoles && SingleSignOnOptions.ReadRole(options.DefaultRole) is null)
            yield return $"{Section}:Roles names no value of the claim \"{options.RoleClaim}\": nobody would be let in. Set {Section}:Roles:Administrator:0 to the group of the administrators, or {Section}:DefaultRole.";
    }
}
