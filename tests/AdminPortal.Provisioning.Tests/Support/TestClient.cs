using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>The platform client as the library registers it, with another far end. Waits are over at once.</summary>
internal sealed class TestClient : IDisposable
{
    private readonly ServiceProvider _services;

    public TestClient(HttpMessageHandler? far = null, TimeSpan? timeout = null)
    {
        Handler = far as ScriptedHandler ?? new ScriptedHandler();
        far ??= Handler;
        _services = TestPortal.BuildServices(Path.GetTempPath(), services =>
        {
            services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock));
            services.Replace(ServiceDescriptor.Singleton<ISecretBox, PlainSecretBox>());
            services.Replace(ServiceDescriptor.Singleton<IElementsPlatform, ElementsPlatformClient>());
            var http = services.AddHttpClient(PlatformTransport.ClientName).ConfigurePrimaryHttpMessageHandler(() => far);
            if (timeout is { } shorter) http.ConfigureHttpClient(client => client.Timeout = shorter);
        });
        Platform = _services.GetRequiredService<IElementsPlatform>();
    }

    public ScriptedHandler Handler { get; }

    public TestClock Clock { get; } = new() { FiresAtOnce = true };

    public IElementsPlatform Platform { get; }

    public PlatformAccount Account { get; set; } = NewAccount("https://api.cloud-elements.com");

    public static PlatformAccount NewAccount(string baseUrl, string userSecret = "user+secret/=") => new()
    {
        Id = Guid.NewGuid(),
        Name = "Production",
        BaseUrl = baseUrl,
        OrganizationSecret = new Sealed("0123abcd"),
        UserSecret = new Sealed(userSecret),
        SignInHosts = [],
        CreatedAt = default,
    };

    public static ProviderAppCredentials NewApp(string clientSecret = "client & secret") =>
        new("client+id", new Secret(SecretKind.ClientSecret, Guid.NewGuid(), new Sealed(clientSecret)));

    public static NewInstance NewInstance(string elementKey = ElementKey.Rest, EventSettings? events = null) => new()
    {
        Element = ElementCatalog.Infusionsoft.Find(elementKey)!,
        Name = "API Instance",
        Tags = ["docs", "portal:1"],
        CallbackUrl = "https://portal.example.com/oauth/callback",
        ProviderApp = NewApp(),
        Code = new Secret(SecretKind.OAuthCode, Guid.NewGuid(), new Sealed("evcfr8vfne4smad3nbnw652e")),
        // Values of another element's fields are there on purpose: they must not be sent.
        Configuration = new Dictionary<string, string> { [ElementCatalog.ServerKey] = "dt123.infusionsoft.com" },
        SecretConfiguration = new Dictionary<string, Secret>
        {
            [ElementCatalog.EncryptedKeyKey] = new(SecretKind.ConfigurationValue, Guid.NewGuid(), new Sealed("47d-key")),
        },
        Events = events,
    };

    public static OAuthUrlRequest UrlRequest(string? server = "dt123.infusionsoft.com", string clientSecret = "client & secret") =>
        new(ElementKey.Crm, NewApp(clientSecret), "https://portal.example.com/oauth/callback", "the-state", server);

    public void Dispose() => _services.Dispose();
}
