using System.Collections.Concurrent;
using AdminPortal.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Background;

/// <summary>
/// Does the work that is due in the database, a few pieces at a time. It is woken by a signal and by a slow poll, so that what another
/// process left behind, or this one before it was stopped, is found.
/// </summary>
internal sealed partial class DueWorker<TWork>(TWork dueWork, ChangeFeed feed, TimeProvider clock, ILogger<TWork> logger) : BackgroundService
    where TWork : IDueWork
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Guid, Task> _underWay = new();

    // Due again while they were still worked on.
    private readonly ConcurrentDictionary<Guid, bool> _dueAgain = new();
    // What could not be worked on the last time, with the sort of trouble that was told.
    private readonly ConcurrentDictionary<Guid, string> _failed = new();
    private readonly TroubleLog _looks = new(logger);
    private readonly TroubleLog _works = new(logger);

    private WakeUp Signal => feed.Worker(TWork.Topic);

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        // Requests that have left are waited for: what they came to is written down, and some answers come one time only.
        await Task.WhenAll(_underWay.Values).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await LookAsync(stoppingToken).ConfigureAwait(false);
            await Signal.WaitAsync(Poll, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        // With its hands full it looks when the first one is done.
        if (_underWay.Count >= TWork.MaxAtOnce) return;
        try
        {
            var due = await dueWork.FindDueItemsAsync(stoppingToken).ConfigureAwait(false);
            _looks.Succeeded();
            // What failed is behind the others: however many fail each time, they do not keep them waiting.
            foreach (var (id, work) in due.OrderBy(one => _failed.ContainsKey(one.Id)))
            {
                if (_underWay.Count >= TWork.MaxAtOnce) return;
                if (_underWay.ContainsKey(id)) _dueAgain[id] = true;
                else Begin(id, work, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
#pragma warning disable CA1031 // A database that is locked or full for a moment must not end the worker for good.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (_looks.IsNew(exception)) LookFailed(logger, TWork.Subject, exception);
        }
    }

    // The entry is there before the work can end and remove it: otherwise a quick one would block its id for good.
    private void Begin(Guid id, Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _underWay[id] = WorkAsync(id, work, entered.Task, stoppingToken);
        entered.SetResult();
    }

    private async Task WorkAsync(Guid id, Func<CancellationToken, Task> work, Task entered, CancellationToken stoppingToken)
    {
        await entered.ConfigureAwait(false);
        var succeeded = false;
        try
        {
            await work(stoppingToken).ConfigureAwait(false);
            succeeded = true;
            _ = _failed.TryRemove(id, out _);
            _works.Succeeded();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; what was written stays, and the next process goes on from there.
        }
#pragma warning disable CA1031 // One that cannot be worked on must not stop the others.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // A disk that is full fails each piece of work every few seconds, and a damaged row or a bug the same one.
            var sort = exception.GetType().Name;
            var isToldOfIt = _failed.TryGetValue(id, out var told) && told == sort;
            _failed[id] = sort;
            if (StorageProblems.Find(exception) is null or StorageProblem.Corrupt ? !isToldOfIt : _works.IsNew(exception)) WorkFailed(logger, TWork.Subject, id, exception);
        }
        finally
        {
            var wasFull = _underWay.Count >= TWork.MaxAtOnce;
            _underWay.TryRemove(id, out _);
            // Others may have been passed over meanwhile, and this one itself where its work made it due for the next step.
            var isDueAgain = _dueAgain.TryRemove(id, out _);
            if (succeeded && (wasFull || isDueAgain)) Signal.Wake();
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The {Subject} worker could not read what is due; it looks again in a moment.")]
    private static partial void LookFailed(ILogger logger, string subject, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "The {Subject} {Id} could not be worked on; it is tried again. The same error of it is not logged again until it has worked.")]
    private static partial void WorkFailed(ILogger logger, string subject, Guid id, Exception exception);
}
