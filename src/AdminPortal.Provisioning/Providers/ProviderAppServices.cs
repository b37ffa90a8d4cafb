using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Providers;

internal static class ProviderAppServices
{
    /// <summary>Adds provider apps.</summary>
    public static void AddProviderApps(this IServiceCollection services)
    {
        services.AddSingleton<ProviderAppService>();
    }
}
