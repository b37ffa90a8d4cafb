using AdminPortal.Domain.Users;
using AdminPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Users;

/// <summary>The slice's face.</summary>
public static class PeopleServices
{
    /// <summary>Adds ASP.NET Core Identity over the portal's database.</summary>
    public static IdentityBuilder AddPeople(this IServiceCollection services, Action<IdentityOptions> configure)
    {
        services.AddSingleton<PeopleService>();
        services.AddSingleton<WayIn>();
        services.AddSingleton<FactorService>();
        services.AddScoped<PasswordVerifier>();
        services.AddScoped<SignInSteps>();
        return services.AddIdentityCore<PortalUser>(identity =>
            {
                // EmailAddress is the rule. Identity's own would refuse to save users with other letters than a to z.
                identity.User.AllowedUserNameCharacters = "";
                identity.User.RequireUniqueEmail = false;
                configure(identity);
            })
            .AddPasswordValidator<PasswordBlocklist>()
            .AddEntityFrameworkStores<PortalDb>()
            .AddUserStore<PortalUserStore>();
    }
}
