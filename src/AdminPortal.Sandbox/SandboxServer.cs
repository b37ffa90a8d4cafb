using System.Net.Sockets;
using AdminPortal.Sandbox.Api;
using AdminPortal.Sandbox.Faults;
using AdminPortal.Sandbox.Journal;
using AdminPortal.Sandbox.Pages;
using AdminPortal.Sandbox.SignIn;
using AdminPortal.Sandbox.Tenancy;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Console;

namespace AdminPortal.Sandbox;

/// <summary>The sandbox's web server, the same whether it runs alone or inside another host.</summary>
internal sealed class SandboxServer : IAsyncDisposable
{
    private const long LargestBody = 1024 * 1024;

    private readonly WebApplication _app;

    private SandboxServer(WebApplication app, SandboxOptions options)
    {
        _app = app;
        Options = options;
    }

    public SandboxOptions Options { get; }

    /// <summary>Origin of the running server, with the real port, without a trailing slash.</summary>
    public string Address => _app.Urls.First().TrimEnd('/');

    /// <summary>Host name, without port, of the address that <c>oauthUrl</c> points to.</summary>
    public string SignInHost => new Uri(Options.PublicUrl ?? Address).Host;

    public static SandboxServer Build(SandboxOptions options, bool standAlone)
    {
        // The empty builder reads no environment, no appsettings.json and no hosting startups. Inside a host those are the host's,
        // and the last of them would start the sandbox again from within itself.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(SandboxServer).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
        });
        builder.WebHost.UseUrls([.. options.Urls]);
        builder.Services.AddSingleton<FrontDoor>();
        builder.Services.AddSingleton<IConnectionListenerFactory>(services => services.GetRequiredService<FrontDoor>());

        // Nothing below Warning from the framework: its request log would print codes and client secrets in query strings.
        builder.Logging.AddSimpleConsole(console => console.ColorBehavior = LoggerColorBehavior.Default);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);

        // A start that failed is told by the exception below, in one sentence instead of a page of stack.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        if (standAlone)
            builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        else
            builder.Services.AddSingleton<IHostLifetime, HostedLifetime>();

        // A call that a fault holds back must not hold up the end of the process.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));

        AddServices(builder.Services, options);
        var app = builder.Build();
        Use(app);
        return new SandboxServer(app, options);
    }

    private static void AddServices(IServiceCollection services, SandboxOptions options)
    {
        services.AddRouting();
        services.AddSingleton(options);
        services.AddSingleton<SandboxClock>();
        services.AddSingleton(new Identifiers(options.Seed));
        services.AddSingleton<TenantFile>();
        services.AddSingleton<Tenant>();
        services.AddSingleton<InstanceOperations>();
        services.AddSingleton<RecordStore>();
        services.AddSingleton<Authenticator>();
        services.AddSingleton<SecretMask>();
        services.AddSingleton<RequestJournal>();
        services.AddSingleton<FaultQueue>();
        services.AddSingleton<KnownWords>();
        services.AddSingleton<OwnAddress>();
    }

    private static void Use(WebApplication app)
    {
        app.UseMiddleware<HostGuard>();
        app.UseMiddleware<ClockHeader>();
        app.UseMiddleware<JournalMiddleware>();
        app.UseMiddleware<FaultMiddleware>();
        app.UseMiddleware<ApiErrorMiddleware>();
        app.UseRouting();
        app.MapElementsApi();
        app.MapSignIn();
        app.MapJournal();
        app.MapFaults();
        app.MapRehearsal();
        app.MapClock();
        app.MapInstanceLevers();
        app.MapHomePages();
    }

    /// <exception cref="SandboxSettingException">The port is taken or may not be used; the message names the key to change.</exception>
    public void Start()
    {
        try
        {
            // Read the state file now: a damaged one is worth a warning at the start, not at the first call.
            _ = _app.Services.GetRequiredService<Tenant>();
            _app.Start();
        }
        catch (Exception refused) when (refused is IOException or SocketException)
        {
            throw new SandboxSettingException(
                $"The sandbox cannot listen on {string.Join(", ", Options.Urls)}: {refused.Message} "
                + "Stop the program that holds the port, or set Sandbox__Url (when the sandbox runs alone: --urls) to another loopback "
                + "address; http://127.0.0.1:0 takes any free port.",
                refused);
        }
    }

    public Task WaitForShutdownAsync() => _app.WaitForShutdownAsync();

    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
