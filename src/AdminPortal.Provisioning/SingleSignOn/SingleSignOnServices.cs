using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.SingleSignOn;

/// <summary>Registers the services that decide about roles and users. The web host registers the protocol.</summary>
internal static class SingleSignOnServices
{
    public static void AddSingleSignOn(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<PortalOptions>, SingleSignOnOptionsValidator>();
        services.AddSingleton<SignInWays>();
        services.AddSingleton<SingleSignOnPeople>();
        services.AddSingleton<ConsoleLinks>();
    }
}
