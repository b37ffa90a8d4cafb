namespace AdminPortal.Sandbox;

/// <summary>Stops the second server together with the host that it was started in.</summary>
internal sealed class SandboxStopper(SandboxServer server) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await server.StopAsync(cancellationToken);
        await server.DisposeAsync();
    }
}
