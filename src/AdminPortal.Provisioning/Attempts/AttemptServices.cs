using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Attempts.Exchange;
using AdminPortal.Provisioning.Attempts.Search;
using AdminPortal.Provisioning.Background;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Attempts;

internal static class AttemptServices
{
    /// <summary>Adds drafts, consent, exchange, search, and the list of attempts.</summary>
    public static void AddAttempts(this IServiceCollection services)
    {
        services.AddSingleton<AttemptService>();
        services.AddSingleton<DraftService>();
        services.AddSingleton<DraftCheck>();
        services.AddSingleton<INameLookup, DnsNameLookup>();
        services.AddSingleton<ICallbackProbe, HttpCallbackProbe>();
        services.AddSingleton<Preflight>();
        services.AddSingleton<CallbackDesk>();
        services.AddSingleton<ConsentService>();
        services.AddSingleton<AttemptListService>();
        services.AddScheduledTask<AttemptCleanup>();
        services.AddSingleton<OrphanService>();
        services.AddSingleton<UnansweredAttempts>();
        services.AddSingleton<SupportBundle>();
        services.AddSingleton<RequestPreview>();
        services.AddSingleton<ReauthenticationService>();
        services.AddSingleton<CloneService>();
        services.AddSingleton<AttemptTransitions>();
        services.AddSingleton<AttemptInstances>();
        services.AddSingleton<PlatformSearch>();
        services.AddSingleton<UnansweredSearch>();
        services.AddSingleton<LateSearch>();
        services.AddSingleton<AttemptVerification>();
        services.AddSingleton<ExchangeOutcomes>();
        services.AddSingleton<CodeExchange>();
        services.AddSingleton<DueAttempts>();
        services.AddDueWork<Provisioner>();
        services.AddHttpClient(HttpCallbackProbe.ClientName, http =>
            {
                http.Timeout = HttpCallbackProbe.Limit;
                http.DefaultRequestHeaders.UserAgent.ParseAdd("AdminPortal");
            })
            .ConfigurePrimaryHttpMessageHandler(HttpCallbackProbe.CreateHandler)
            .RemoveAllLoggers();
    }
}
