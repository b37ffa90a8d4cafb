using AdminPortal.Provisioning.Storage;
using FluentValidation;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.People;

/// <summary>The slice's face.</summary>
public static class PeopleServices
{
    /// <summary>Adds ASP.NET Core Identity over the portal's database.</summary>
    public static IdentityBuilder AddPeople(this IServiceCollection services, Action<IdentityOptions> configure)
    {
        services.AddSingleton<IValidator<PersonInput>, PersonInputValidator>();
        services.AddSingleton<PeopleService>();
        return services.AddIdentityCore<PortalUser>(configure).AddEntityFrameworkStores<PortalDb>()
            .AddTokenProvider<AuthenticatorTokenProvider<PortalUser>>(TokenOptions.DefaultAuthenticatorProvider);
    }
}
