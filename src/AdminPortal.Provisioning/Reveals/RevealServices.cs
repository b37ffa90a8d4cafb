using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Reveals;

/// <summary>The slice's face.</summary>
internal static class RevealServices
{
    public static void AddReveals(this IServiceCollection services) => services.AddSingleton<RevealService>().AddSingleton<ApprovalService>();
}
