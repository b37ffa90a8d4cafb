using AdminPortal.Sandbox;

[assembly: HostingStartup(typeof(SandboxHostingStartup))]

namespace AdminPortal.Sandbox;

/// <summary>
/// Runs the sandbox as a second server in the process of a host that names this assembly in
/// <c>ASPNETCORE_HOSTINGSTARTUPASSEMBLIES</c>, and offers it to that host by configuration alone.
/// </summary>
internal sealed class SandboxHostingStartup : IHostingStartup
{
    public void Configure(IWebHostBuilder builder)
    {
        SandboxServer? server = null;

        // Not in this method itself: the framework only logs what a hosting startup throws and goes on without it, and here it does
        // not yet see the host's configuration. What this callback throws stops the host, with the sentence that says what to mend.
        builder.ConfigureAppConfiguration((_, configuration) =>
        {
            if (server is null)
            {
                var settings = configuration as IConfiguration ?? new ConfigurationBuilder().AddEnvironmentVariables().Build();
                server = SandboxServer.Build(SandboxOptions.ForHost(settings), standAlone: false);
                server.Start();
            }

            configuration.AddInMemoryCollection(Offer(server));
        });

        builder.ConfigureServices(services =>
        {
            if (server is not null)
                services.AddHostedService(_ => new SandboxStopper(server));
        });
    }

    private static Dictionary<string, string?> Offer(SandboxServer server) => new()
    {
        ["Portal:OfferedAccounts:0:Name"] = "Built-in sandbox",
        ["Portal:OfferedAccounts:0:BaseUrl"] = server.Address,
        ["Portal:OfferedAccounts:0:OrganizationSecret"] = server.Options.OrganizationSecret,
        ["Portal:OfferedAccounts:0:UserSecret"] = server.Options.UserSecret,
        ["Portal:OfferedAccounts:0:SignInHosts:0"] = server.SignInHost,
        ["Portal:OfferedAccounts:0:Description"] =
            "A simulated platform with a simulated Infusionsoft sign-in, on this machine only: nothing leaves it and no real account is touched. "
            + "You need no application at Keap for it: any client ID and client secret will do.",

        // The servers that are entered for it are made up: nobody is warned that the internet does not know them.
        ["Portal:Preflight:LookUpNames"] = "false",
    };
}
