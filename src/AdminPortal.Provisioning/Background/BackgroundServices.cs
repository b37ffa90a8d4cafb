using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Background;

internal static class BackgroundServices
{
    /// <summary>Adds work that is found in the database, and its worker.</summary>
    public static void AddDueWork<TWork>(this IServiceCollection services)
        where TWork : class, IDueWork
    {
        services.AddSingleton<TWork>();
        services.AddHostedService<DueWorker<TWork>>();
    }

    /// <summary>Adds a scheduled task and its worker.</summary>
    public static void AddScheduledTask<TTask>(this IServiceCollection services)
        where TTask : class, IScheduledTask
    {
        services.AddSingleton<TTask>();
        services.AddHostedService<ScheduledWorker<TTask>>();
    }
}
