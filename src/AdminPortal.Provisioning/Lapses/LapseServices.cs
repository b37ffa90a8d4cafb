using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Lapses;

internal static class LapseServices
{
    /// <summary>Adds the list of lapses and the calendar feed.</summary>
    public static void AddLapses(this IServiceCollection services)
    {
        services.AddSingleton<LapseService>();
        services.AddSingleton<CalendarFeedService>();
    }
}
