using AdminPortal.Provisioning.Background;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Sync;

internal static class SyncServices
{
    /// <summary>Adds syncs and the settling of differences.</summary>
    public static void AddSync(this IServiceCollection services)
    {
        services.AddSingleton<SyncService>();
        services.AddSingleton<PlatformAdoption>();
        services.AddSingleton<DriftService>();
        services.AddSingleton<SyncPageWriter>();
        services.AddSingleton<SyncComparison>();
        services.AddDueWork<SyncRunner>();
    }
}
