using AdminPortal.Storage;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Ui;

/// <summary>
/// A component that stays up to date while it is open. A look that fails because of the database is not the last one: the component
/// keeps what it shows, <see cref="TroubleNotice"/> says that it may be old, and the next look that succeeds removes the notice.
/// </summary>
public abstract class LiveComponent : PortalComponent
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private LiveSource? _source;
    private IDisposable? _subscription;
    private PeriodicTimer? _timer;
    private Task _following = Task.CompletedTask;
    private volatile bool _changed;

    [Inject]
    public required TimeProvider Clock { get; set; }

    /// <summary>Why the last look failed; null if it succeeded.</summary>
    protected StorageProblem? Trouble { get; private set; }

    /// <summary>Follows a source until the component is disposed, or until another one is followed.</summary>
    protected void Follow(LiveSource source)
    {
        _subscription?.Dispose();
        (_source, _changed) = (source, false);
        _subscription = source.Subscribe?.Invoke(() => Tell(source));
        if (_timer is not null) return;
        _timer = new PeriodicTimer(Tick, Clock);
        _following = FollowAsync(_timer);
    }

    /// <summary>Looks and draws, from any thread. It never throws: nothing awaits a look that no user asked for.</summary>
    protected Task LookAgainAsync(Func<Task> look) => InvokeAsync(async () =>
    {
        if (Left.IsCancellationRequested) return;
        try
        {
            await look();
            Trouble = null;
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception) when (StorageProblems.Find(exception) is { } problem)
        {
            Trouble = problem;
        }
#pragma warning disable CA1031 // Nothing awaits this: the page's error boundary shows it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await DispatchExceptionAsync(exception);
        }

        StateHasChanged();
    });

    /// <inheritdoc />
    protected override async ValueTask LeaveAsync()
    {
        _subscription?.Dispose();
        _timer?.Dispose();
        await _following;
    }

    private void Tell(LiveSource source)
    {
        if (source.LooksAtOnce) _ = LookAgainAsync(source.Look);
        else _changed = true;
    }

    private async Task FollowAsync(PeriodicTimer timer)
    {
        try
        {
            var lookedAt = Clock.GetTimestamp();
            while (await timer.WaitForNextTickAsync(Left))
            {
                var source = _source!;
                var isLive = Trouble is not null || source.ExpectsChange();
                // By the clock and not by counting ticks, which a busy process misses. Ticks are not exact.
                if (_changed || isLive && Clock.GetElapsedTime(lookedAt) >= source.Interval - Tick / 2)
                {
                    (_changed, lookedAt) = (false, Clock.GetTimestamp());
                    await LookAgainAsync(source.Look);
                }
                else if (isLive && source.DrawsEverySecond)
                {
                    await InvokeAsync(StateHasChanged);
                }
            }
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // The page was left.
        }
    }
}
