using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.People;

/// <summary>The face of sessions.</summary>
internal static class SessionServices
{
    public static void AddSessions(this IServiceCollection services)
    {
        services.AddSingleton<SessionService>();
        services.AddSingleton<PersonProof>();
        services.AddSingleton<AttemptLimiter>();
        services.AddSingleton<KnownBrowsers>();
        services.AddHostedService<SessionCleanupWorker>();
    }
}
