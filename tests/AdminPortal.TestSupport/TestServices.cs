using AdminPortal.Platform;
using AdminPortal.Provisioning;
using AdminPortal.Provisioning.Attempts.Consent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace AdminPortal.TestSupport;

/// <summary>The library's services as the host registers them, and fakes for everything outside the process.</summary>
public static class TestServices
{
    /// <summary>The settings of a portal on this data directory.</summary>
    /// <param name="dataDirectory">The data directory.</param>
    /// <param name="more">Further settings; they take precedence.</param>
    public static IConfiguration Settings(string dataDirectory, IReadOnlyDictionary<string, string?>? more = null) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Portal:PublicBaseUrl"] = "https://portal.example.com",
                ["Portal:DataDirectory"] = dataDirectory,
                ["Portal:KeyRing:AllowUnwrappedKeys"] = "true",
            })
            .AddInMemoryCollection(more ?? new Dictionary<string, string?>())
            .Build();

    /// <summary>Registers the library with logging and an environment.</summary>
    public static IServiceCollection AddPortal(this IServiceCollection services, IConfiguration configuration, string environment = "Production") =>
        services.AddLogging().AddSingleton<IHostEnvironment>(new TestEnvironment(environment)).AddProvisioning(configuration);

    /// <summary>Replaces the clock, the platform and the network.</summary>
    public static IServiceCollection ReplaceOutside(
        this IServiceCollection services, TimeProvider clock, IElementsPlatform platform, FakeNetwork network) => services
            .Replace(ServiceDescriptor.Singleton(clock))
            .Replace(ServiceDescriptor.Singleton(platform))
            .Replace(ServiceDescriptor.Singleton<INameLookup>(network))
            .Replace(ServiceDescriptor.Singleton<ICallbackProbe>(network))
            .Replace(ServiceDescriptor.Singleton<IHostAddresses>(network));
}
