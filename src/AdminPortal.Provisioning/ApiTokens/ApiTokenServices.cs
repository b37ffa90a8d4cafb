using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.ApiTokens;

/// <summary>The slice's face.</summary>
internal static class ApiTokenServices
{
    public static void AddApiTokens(this IServiceCollection services)
    {
        services.AddSingleton<ApiTokenService>();
        services.AddSingleton<ApiDraftService>();
    }
}
