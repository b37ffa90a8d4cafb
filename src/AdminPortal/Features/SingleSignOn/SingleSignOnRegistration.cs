using AdminPortal.Domain.Settings;
using AdminPortal.Hosting.SingleSignOn;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;

namespace AdminPortal.Features.SingleSignOn;

/// <summary>Registers the OpenID Connect handler. Without <c>Portal:SingleSignOn:Authority</c> there is none.</summary>
internal static class SingleSignOnRegistration
{
    private const int MaxResponseBytes = 512 * 1024;

    public static void AddSingleSignOnPages(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHostedService<SingleSignOnWarning>();
        var section = configuration.GetSection(PortalOptions.SectionName).GetSection(nameof(PortalOptions.SingleSignOn));
        if (string.IsNullOrEmpty(section[nameof(SingleSignOnOptions.Authority)])) return;

        services.AddAuthentication().AddOpenIdConnect(SingleSignOnScheme.Name, options => options.EventsType = typeof(SingleSignOnEvents));
        services.AddSingleton<IConfigureOptions<OpenIdConnectOptions>, SingleSignOnScheme>();
        services.AddSingleton<AuthorityMetadata>();
        services.AddSingleton<SingleSignOnEvents>();
        services.AddSingleton<UsedStates>();
        services.AddScoped<SingleSignOnReturn>();
        services.AddTransient<AuthorityBackchannel>();
        services.AddHttpClient(AuthorityBackchannel.ClientName, (provider, http) =>
            {
                http.Timeout = provider.GetRequiredService<IOptions<PortalOptions>>().Value.SingleSignOn.Timeout;
                http.MaxResponseContentBufferSize = MaxResponseBytes;
                http.DefaultRequestHeaders.UserAgent.ParseAdd("AdminPortal");
            })
            .AddHttpMessageHandler<AuthorityBackchannel>()
            // With a redirect the authority would choose where code and secret go.
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers();
    }
}
