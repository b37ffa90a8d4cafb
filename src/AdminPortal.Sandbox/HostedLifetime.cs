namespace AdminPortal.Sandbox;

/// <summary>Leaves Ctrl+C and the other signals to the outer host when the sandbox runs inside it.</summary>
internal sealed class HostedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
