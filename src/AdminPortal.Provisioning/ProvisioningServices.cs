using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Settings;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.ApiTokens;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Keys;
using AdminPortal.Provisioning.Lapses;
using AdminPortal.Provisioning.LegacyKeys;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Requests;
using AdminPortal.Provisioning.Reveals;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Settings;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.SingleSignOn;
using AdminPortal.Provisioning.Sync;
using AdminPortal.Storage;
using FluentValidation;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning;

/// <summary>The library's face.</summary>
public static class ProvisioningServices
{
    /// <summary>Adds the slices, the platform client, the database, the key ring and the worker.</summary>
    public static IServiceCollection AddProvisioning(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<PortalOptions>().Bind(configuration.GetSection(PortalOptions.SectionName)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PortalOptions>, PortalOptionsValidator>();
        services.AddLocalization();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<PortalAddresses>();

        // Its worker is stopped after all that write to the record.
        services.AddRecord();
        AddStorage(services, configuration);
        AddPlatform(services);
        services.AddValidatorsFromAssembly(typeof(ProvisioningServices).Assembly, ServiceLifetime.Singleton, includeInternalTypes: true);

        services.TryAddSingleton(ElementCatalog.Infusionsoft);
        services.AddSingleton<FieldCheck>();
        services.AddSingleton<ChangeFeed>();
        services.AddSingleton<Gate>();
        services.AddAccounts();
        services.AddProviderApps();
        services.AddAttempts();
        services.AddInstances();
        services.AddSingleton<LegacyKeyService>();
        services.AddSingleton<RequestService>();
        services.AddLapses();
        services.AddSessions();
        services.AddReveals();
        services.AddBackups();
        services.AddSingleSignOn();
        services.AddApiTokens();
        services.AddActivity();
        services.AddJobs();
        services.AddSync();
        return services;
    }

    private static void AddStorage(IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<WriteTurns>();
        services.AddPooledDbContextFactory<PortalDb>((provider, builder) => builder.UsePortalSqlite(
            PortalDatabase.ConnectionString(PortalDatabase.DataDirectory(
                provider.GetRequiredService<IOptions<PortalOptions>>().Value, provider.GetRequiredService<IHostEnvironment>())),
            provider.GetRequiredService<DamageWatch>()));
        services.AddSingleton<DamageWatch>();
        services.AddSingleton<DamageChecks>();
        services.AddHostedService<DamageCheckWorker>();

        services.AddSingleton<ISecretBox, SecretBox>();
        services.AddSingleton<KeyRingStore>();
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider =>
            new ConfigureOptions<KeyManagementOptions>(keys => keys.XmlRepository = provider.GetRequiredService<KeyRingStore>()));

        // The name is part of what every secret is sealed with: changing it makes all of them unreadable.
        var protection = services.AddDataProtection().SetApplicationName(KeyRingProbe.ApplicationName);
        // What cannot be loaded stops the start later on, with a sentence: see PortalOptionsValidator.
        protection.ProtectWith(KeyRingCertificates.Load(configuration.GetSection($"{PortalOptions.SectionName}:KeyRing").Get<KeyRingOptions>() ?? new KeyRingOptions()));
        services.AddKeys(configuration);
        services.AddSingleton<KeyRingGuard>();
        services.AddSingleton<StorageProbe>();
    }

    private static void AddPlatform(IServiceCollection services)
    {
        services.AddSingleton<PlatformProblems>();
        services.AddSingleton<IHostAddresses, SystemHostAddresses>();
        services.AddSingleton<OutgoingAddresses>();
        services.AddSingleton<ISuspendAwareClock, SystemSuspendAwareClock>();
        services.AddSingleton<IElementsPlatform, ElementsPlatformClient>();
        services.AddHttpClient(PlatformTransport.ClientName, http =>
            {
                http.Timeout = PlatformTransport.AnswerTimeout;
                http.MaxResponseContentBufferSize = PlatformTransport.MaxResponseBytes;
                http.DefaultRequestHeaders.UserAgent.ParseAdd("AdminPortal");
            })
            .ConfigurePrimaryHttpMessageHandler(provider => PlatformTransport.CreateHandler(provider.GetRequiredService<OutgoingAddresses>()))
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            // The factory's own loggers write request addresses; the GET form of the OAuth URL has the client secret in it.
            .RemoveAllLoggers();
    }
}
