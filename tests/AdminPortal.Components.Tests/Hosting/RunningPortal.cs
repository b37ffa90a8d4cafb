using System.Net;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Users;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Storage;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>The portal as <c>Program</c> starts it, on Kestrel and a database of its own, with a platform that is not asked for anything.</summary>
public class RunningPortal : WebApplicationFactory<Program>, IAsyncLifetime
{
    public const string Host = "portal.example.com";
    public const string Email = "ada@example.com";
    public const string Password = "correct horse battery";

    private readonly TemporaryFolder _folder = new();
    private readonly CollectedLog _lines = new();
    private readonly string _environment;
    private readonly bool _withSomebody;
    private readonly ILoggerProvider? _log;
    private readonly TimeProvider? _clock;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private IReadOnlyDictionary<string, string> _signedIn = new Dictionary<string, string>();

    public RunningPortal()
        : this("Production")
    {
    }

    internal RunningPortal(string environment, IReadOnlyDictionary<string, string>? settings = null, bool withSomebody = true, ILoggerProvider? log = null, TimeProvider? clock = null)
    {
        _environment = environment;
        _withSomebody = withSomebody;
        _log = log;
        _clock = clock;
        _settings = settings ?? new Dictionary<string, string>();
        UseKestrel(0);
    }

    /// <summary>What was hashed, as often as it was.</summary>
    internal CountingHasher Hasher { get; } = new();

    /// <summary>What was logged so far.</summary>
    internal IReadOnlyCollection<string> LogLines => _lines.Lines;

    private string PublicHost => _settings.TryGetValue("Portal:PublicBaseUrl", out var url) ? new Uri(url).Authority : Host;

    /// <summary>Where the database lies.</summary>
    internal string Folder => _folder.Path;

    internal Uri Address => new(new Uri(ClientOptions.BaseAddress.AbsoluteUri).GetLeftPart(UriPartial.Authority));

    public async ValueTask InitializeAsync()
    {
        await TemplateDatabase.CopyToAsync(_folder.Path);
        StartServer();
        if (!_withSomebody) return;
        await AddPersonAsync(Email);
        using var client = NewClient();
        using var answer = await client.SubmitAsync("/sign-in", Email, Password);
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        _signedIn = client.Cookies;
    }

    /// <summary>Somebody with the usual password.</summary>
    internal async Task AddPersonAsync(string email, Role role = Role.Administrator)
    {
        await using var scope = Services.CreateAsyncScope();
        var person = new PortalUser { Id = Guid.CreateVersion7(), UserName = email, Email = email, EmailConfirmed = true, Role = role };
        (await scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>().CreateAsync(person, Password)).Succeeded.ShouldBeTrue();
    }

    /// <summary>A client that follows nothing. It asks for the public host unless a request says otherwise.</summary>
    internal PortalClient NewClient() => new(Address, PublicHost);

    /// <summary>The same, with the session of the one who is there from the start.</summary>
    internal PortalClient NewSignedInClient() => new(Address, PublicHost, _signedIn);

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(_environment);
        builder.UseSetting("Portal:PublicBaseUrl", $"https://{Host}");
        builder.UseSetting("Portal:DataDirectory", _folder.Path);
        builder.UseSetting("Portal:KeyRing:AllowUnwrappedKeys", "true");
        foreach (var (name, value) in _settings) builder.UseSetting(name, value);
        builder.ConfigureLogging(logging =>
        {
            logging.ClearProviders().AddProvider(_lines);
            if (_log is not null) logging.AddProvider(_log).SetMinimumLevel(LogLevel.Trace);
        });
        builder.ConfigureTestServices(services =>
        {
            var network = new FakeNetwork();
            if (_clock is not null) services.Replace(ServiceDescriptor.Singleton(_clock));
            services.Replace(ServiceDescriptor.Singleton<IElementsPlatform>(new FakePlatform()));
            services.Replace(ServiceDescriptor.Singleton<INameLookup>(network));
            services.Replace(ServiceDescriptor.Singleton<ICallbackProbe>(network));
            services.Replace(ServiceDescriptor.Singleton<IHostAddresses>(network));
            services.Replace(ServiceDescriptor.Singleton<IPasswordHasher<PortalUser>>(Hasher));
        });
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        using (var connection = new SqliteConnection(PortalDatabase.ConnectionString(_folder.Path))) SqliteConnection.ClearPool(connection);
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>A browser as far as HTTP goes: it keeps cookies, the secure ones too, and follows nothing.</summary>
internal sealed class PortalClient(Uri address, string host, IReadOnlyDictionary<string, string>? cookies = null) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = address };
    private readonly Dictionary<string, string> _cookies = new(cookies ?? new Dictionary<string, string>());

    public IReadOnlyDictionary<string, string> Cookies => _cookies;

    /// <summary>The address that it says it comes from: this machine is a trusted proxy.</summary>
    public string From { get; set; } = "203.0.113.1";

    public Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Host = host;
        request.Headers.Add("X-Forwarded-For", From);
        request.Headers.Add("Accept", "text/html");
        foreach (var (name, value) in headers)
        {
            _ = request.Headers.Remove(name);
            _ = request.Headers.TryAddWithoutValidation(name, value);
        }

        if (_cookies.Count > 0) request.Headers.Add("Cookie", string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        var answer = await _http.SendAsync(request, Token);
        foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var all) ? all : [])
        {
            var pair = cookie.Split(';')[0].Split('=', 2);
            _cookies[pair[0]] = pair[1];
        }

        return answer;
    }

    /// <summary>Reads a page's form and sends it filled in.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(string path, string email, string password, params (string Name, string Value)[] headers)
    {
        using var page = await GetAsync(path);
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        var form = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await page.Content.ReadAsStringAsync(Token)).QuerySelector("main form").ShouldNotBeNull();
        var fields = form.QuerySelectorAll("input[name]").Select(input => KeyValuePair.Create(
            input.GetAttribute("name")!,
            input.GetAttribute("name") switch
            {
                var name when name!.EndsWith("Email", StringComparison.Ordinal) => email,
                var name when name!.EndsWith("Password", StringComparison.Ordinal) => password,
                _ => input.GetAttribute("value") ?? "",
            }));
        return await SendAsync(HttpMethod.Post, path, new FormUrlEncodedContent(fields), headers);
    }

    public void Dispose() => _http.Dispose();
}
