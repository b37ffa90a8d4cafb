using AdminPortal.Provisioning.Background;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Activity;

internal static class ActivityServices
{
    /// <summary>Adds the list of the activity record, its export and its retention.</summary>
    public static void AddActivity(this IServiceCollection services)
    {
        services.AddSingleton<ActivityExport>();
        services.AddSingleton<ActivityService>();
        services.AddScheduledTask<ActivityRetention>();
    }
}
