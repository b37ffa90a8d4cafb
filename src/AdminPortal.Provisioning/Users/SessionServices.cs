using AdminPortal.Provisioning.Background;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Users;

/// <summary>The face of sessions.</summary>
internal static class SessionServices
{
    public static void AddSessions(this IServiceCollection services)
    {
        services.AddSingleton<AccessRecord>();
        services.AddScheduledTask<SessionService>();
        services.AddSingleton<PersonProof>();
        services.AddSingleton<AttemptLimiter>();
        services.AddSingleton<KnownBrowsers>();
    }
}
