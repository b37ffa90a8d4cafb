using AdminPortal.Provisioning.Shared;

namespace AdminPortal.Features.SignIn;

/// <summary>Prints the portal's address and, while there is nobody who can sign in, the one-time setup link.</summary>
internal sealed class SetupLink(FirstAdministrator firstAdministrator, PortalAddresses addresses) : IHostedLifecycleService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Written to the console itself and not to the log: logs are shipped and kept, and the link is a key.
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        var code = await firstAdministrator.OpenAsync(cancellationToken);
        await Console.Out.WriteLineAsync($"\n  AdminPortal is at {addresses.PublicBaseUrl}");
        if (code is not null)
            await Console.Out.WriteLineAsync($"  Nobody can sign in yet. Create the administrator with this link, which works once:\n  {addresses.PublicBaseUrl}/setup?code={code}");
        await Console.Out.WriteLineAsync();
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
