using Microsoft.AspNetCore.Components;

namespace AdminPortal.Ui;

/// <summary>A component that knows when it was left.</summary>
public abstract class PortalComponent : ComponentBase, IAsyncDisposable
{
    private readonly CancellationTokenSource _left = new();

    /// <summary>Prepares the component.</summary>
    protected PortalComponent() => Left = _left.Token;

    /// <summary>Cancelled when the component is disposed.</summary>
    protected CancellationToken Left { get; }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _left.CancelAsync();
        await LeaveAsync();
        _left.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the component holds. Called once, when it is disposed; <see cref="Left"/> is cancelled by then.</summary>
    protected virtual ValueTask LeaveAsync() => ValueTask.CompletedTask;
}
