using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Users;
using AdminPortal.Storage;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>What the commands need beside the library's own services.</summary>
public static class MaintenanceServices
{
    /// <summary>Adds backup, restore, doctor and the reset of a second factor to services that are looked through and never started.</summary>
    /// <remarks>Nothing here may write to the key ring: a key that was made because none opened would hide that none opened.</remarks>
    public static IServiceCollection AddMaintenance(this IServiceCollection services)
    {
        services.AddSingleton<RestoreService>();
        services.AddSingleton<Doctor>();
        _ = services.AddPeople(_ => { });
        services.AddSingleton<FactorReset>();
        services.AddSingleton<SecretsForgetting>();
        services.AddSingleton<RecordAcceptance>();
        services.AddSingleton<RecordAnchorCommand>();
        return services.Configure<KeyManagementOptions>(keys => keys.AutoGenerateKeys = false);
    }

    /// <summary>Adds the backup of every night.</summary>
    internal static void AddBackups(this IServiceCollection services)
    {
        services.AddSingleton<PlatformDoctor>();
        services.AddSingleton<BackupService>();
        services.AddSingleton<SecretResealing>();
        services.AddSingleton<FileRights>();
        services.AddScheduledTask<NightlyBackups>();
    }
}
