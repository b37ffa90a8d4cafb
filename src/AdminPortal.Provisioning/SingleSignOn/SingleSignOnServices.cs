using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.SingleSignOn;

/// <summary>The slice's face.</summary>
internal static class SingleSignOnServices
{
    public static void AddSingleSignOn(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<PortalOptions>, SingleSignOnOptionsValidator>();
        services.AddSingleton<SignInWays>();
        services.AddSingleton<SingleSignOnPeople>();
        services.AddSingleton<ConsoleLinks>();
        services.AddSingleton<Authority>();
        services.AddSingleton<IdTokenCheck>();
        services.AddSingleton<SpentStates>();
        services.AddSingleton(provider => new SingleSignOnFlow(
            provider.GetRequiredService<Authority>(), provider.GetRequiredService<IdTokenCheck>(), provider.GetRequiredService<SpentStates>(),
            provider.GetRequiredService<IDataProtectionProvider>(), provider.GetRequiredService<IOptions<PortalOptions>>(), provider.GetRequiredService<PortalAddresses>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IStringLocalizer<ProvisioningText>>(), provider.GetRequiredService<ILogger<SingleSignOnFlow>>()));
        services.AddHttpClient(Authority.ClientName, (provider, http) =>
            {
                http.Timeout = provider.GetRequiredService<IOptions<PortalOptions>>().Value.SingleSignOn.Timeout;
                http.MaxResponseContentBufferSize = Authority.MaxResponseBytes;
                http.DefaultRequestHeaders.UserAgent.ParseAdd("AdminPortal");
            })
            // An authority that answers with a redirect would choose where code and secret go.
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers();
    }
}
