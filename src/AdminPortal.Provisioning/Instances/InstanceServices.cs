using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Instances;

internal static class InstanceServices
{
    /// <summary>Adds instances: list, edits, checks, configuration, events, saved views.</summary>
    public static void AddInstances(this IServiceCollection services)
    {
        services.AddSingleton<InstanceActions>();
        services.AddSingleton<InstanceWork>();
        services.AddSingleton<InstanceService>();
        services.AddSingleton<InstanceConfigurationService>();
        services.AddSingleton<InstanceEventsService>();
        services.AddSingleton<InstanceChecker>();
        services.AddSingleton<SavedViewService>();
        services.AddSingleton<ScheduledChecks>();
        services.AddHostedService<InstanceCheckWorker>();
    }
}
