using System.Collections.Concurrent;
using AdminPortal.Provisioning.Background;
using Microsoft.Extensions.Logging.Abstractions;

namespace AdminPortal.Provisioning.Tests;

/// <summary>What cannot be worked on keeps nobody else waiting, and is told once.</summary>
public sealed class DueWorkerTests
{
    [Fact]
    public async Task Look_AsManyFailAsFitInAtOnce_TheOthersAreWorkedOnAllTheSame()
    {
        var hint = new WakeUp();
        var clock = new Waits();
        Guid[] bad = [Guid.NewGuid(), Guid.NewGuid()];
        var good = Guid.NewGuid();
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var worker = new Worker(hint, clock, [.. bad, good], id => bad.Contains(id) ? Volatile.Read(ref end).Task : Task.CompletedTask);
        await worker.StartAsync(TestContext.Current.CancellationToken);

        for (var look = 0; look < 3; look++)
        {
            // They fail when the look is over at which they were begun, so that there is no room for another one at it.
            await clock.LookIsOverAsync(hint);
            // Counted before they fail: afterwards both places may be taken by works that wait until the next round.
            var begun = worker.Begun;
            Interlocked.Exchange(ref end, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetException(new FormatException("A damaged row."));
            await worker.LookUntilAsync(hint, begun + 1);
        }

        end.SetResult();
        await worker.StopAsync(TestContext.Current.CancellationToken);
        worker.Worked.ShouldContain(good);
    }

    [Fact]
    public async Task Work_FailsEachTime_IsToldOnceUntilItsTroubleIsAnotherOneOrOver()
    {
        var hint = new WakeUp();
        var id = Guid.NewGuid();
        Exception? trouble = new FormatException("A damaged row.");
        using var worker = new Worker(hint, TimeProvider.System, [id], _ => trouble is null ? Task.CompletedTask : throw trouble);
        await worker.StartAsync(TestContext.Current.CancellationToken);

        await worker.LookAsync(hint, 4);
        worker.Told.ShouldBe([nameof(FormatException)]);

        trouble = new InvalidOperationException("A bug.");
        await worker.LookAsync(hint, 4);
        worker.Told.ShouldBe([nameof(FormatException), nameof(InvalidOperationException)]);

        trouble = null;
        await worker.LookAsync(hint, 4);
        trouble = new InvalidOperationException("The bug again.");
        await worker.LookAsync(hint, 4);
        worker.Told.ShouldBe([nameof(FormatException), nameof(InvalidOperationException), nameof(InvalidOperationException)]);
        await worker.StopAsync(TestContext.Current.CancellationToken);
    }

    private sealed class Worker(WakeUp hint, TimeProvider clock, Guid[] due, Func<Guid, Task> work) : DueWorker(maxAtOnce: 2, hint, clock, NullLogger.Instance)
    {
        private int _begun;

        public ConcurrentQueue<Guid> Worked { get; } = [];

        public ConcurrentQueue<string> Told { get; } = [];

        public int Begun => Volatile.Read(ref _begun);

        /// <summary>Wakes it until it has begun so many pieces of work more.</summary>
        public Task LookAsync(WakeUp hint, int pieces) => LookUntilAsync(hint, Begun + pieces);

        /// <summary>Wakes it until it has begun so many pieces of work since its start.</summary>
        public async Task LookUntilAsync(WakeUp hint, int begun)
        {
            for (; Begun < begun; await Task.Yield())
            {
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
                hint.Wake();
            }
        }

        protected override Task<IEnumerable<(Guid Id, Func<CancellationToken, Task> Work)>> FindDueAsync(CancellationToken stoppingToken) =>
            Task.FromResult(due.Select(id => (id, (Func<CancellationToken, Task>)(_ => BeginAsync(id)))));

        protected override void LookFailed(Exception exception) => Told.Enqueue(exception.ToString());

        protected override void WorkFailed(Guid id, Exception exception) => Told.Enqueue(exception.GetType().Name);

        private Task BeginAsync(Guid id)
        {
            Worked.Enqueue(id);
            try
            {
                return work(id);
            }
            finally
            {
                // After the work has read what it waits for.
                _ = Interlocked.Increment(ref _begun);
            }
        }
    }

    /// <summary>Tells when a look is over: the worker waits then, by a timer.</summary>
    private sealed class Waits : TimeProvider
    {
        private int _timers;

        public async Task LookIsOverAsync(WakeUp hint)
        {
            Volatile.Write(ref _timers, 0);
            while (Volatile.Read(ref _timers) == 0)
            {
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
                hint.Wake();
                await Task.Yield();
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _ = Interlocked.Increment(ref _timers);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
