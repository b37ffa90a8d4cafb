using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Keys;

internal static class KeysServices
{
    /// <summary>Adds the key ring that everything is sealed with, its rotation and its watch. To be called behind AddDataProtection.</summary>
    public static void AddKeys(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(new KeyRingSettings(() => configuration.GetSection($"{PortalOptions.SectionName}:KeyRing").Get<KeyRingOptions>() ?? new KeyRingOptions()));
        services.AddSingleton<PortalKeyRing>();
        // In place of the framework's: cookies and forgery tokens follow the ring as well.
        services.AddSingleton<IDataProtectionProvider>(provider => provider.GetRequiredService<PortalKeyRing>());
        services.AddSingleton(provider => new KeyWrapping(
            provider.GetRequiredService<IDbContextFactory<PortalDb>>(), provider.GetRequiredService<PortalKeyRing>(), provider.GetRequiredService<KeyRingSettings>(),
            provider.GetRequiredService<Gate>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IStringLocalizer<ProvisioningText>>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(provider => new KeyService(
            provider.GetRequiredService<IDbContextFactory<PortalDb>>(), provider.GetRequiredService<PortalKeyRing>(), provider.GetRequiredService<KeyRingSettings>(),
            provider.GetRequiredService<KeyWrapping>(), provider.GetRequiredService<ChangeFeed>(), provider.GetRequiredService<Gate>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IStringLocalizer<ProvisioningText>>()));
        services.AddDueWork<RotationRunner>();
        services.AddHostedService<KeyRingWatch>();
    }
}
