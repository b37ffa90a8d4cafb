using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Record;

internal static class RecordServices
{
    /// <summary>Adds the record's key, its start step, its anchors and its verification.</summary>
    public static void AddRecord(this IServiceCollection services)
    {
        services.AddSingleton<RecordStatus>();
        services.AddSingleton<RecordReports>();
        services.AddSingleton<RecordAnchors>();
        services.AddSingleton(provider => new ActivityKey(
            provider.GetRequiredService<ISecretBox>(), provider.GetRequiredService<KeyRingSettings>(), provider.GetRequiredService<RecordStatus>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IStringLocalizer<ProvisioningText>>(), provider.GetRequiredService<ILogger<ActivityKey>>()));
        services.AddSingleton(provider => new ActivityKeeper(
            provider.GetRequiredService<IDbContextFactory<PortalDb>>(), provider.GetRequiredService<ActivityKey>(), provider.GetRequiredService<ISecretBox>(),
            provider.GetRequiredService<IDataProtectionProvider>(), provider.GetRequiredService<KeyRingSettings>(), provider.GetRequiredService<RecordAnchors>(),
            provider.GetRequiredService<RecordReports>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IStringLocalizer<ProvisioningText>>(),
            provider.GetRequiredService<ILogger<ActivityKeeper>>()));
        services.AddSingleton<IRecordChain, RecordChain>();
        services.AddSingleton<AnchorWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<AnchorWriter>());
        services.AddHostedService<RecordWatch>();
    }
}
