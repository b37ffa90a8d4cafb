using System.Collections.Concurrent;
using AdminPortal.Provisioning.Background;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Tests;

/// <summary>What cannot be worked on keeps nobody else waiting, and is told once.</summary>
public sealed class DueWorkerTests
{
    [Fact]
    public async Task Look_AsManyFailAsFitInAtOnce_TheOthersAreWorkedOnAllTheSame()
    {
        var feed = new ChangeFeed();
        var hint = feed.Worker(Work.Topic);
        var clock = new Waits();
        Guid[] bad = [Guid.NewGuid(), Guid.NewGuid()];
        var good = Guid.NewGuid();
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var work = new Work([.. bad, good], id => bad.Contains(id) ? Volatile.Read(ref end).Task : Task.CompletedTask);
        using var worker = new DueWorker<Work>(work, feed, clock, work);
        await worker.StartAsync(TestContext.Current.CancellationToken);

        for (var look = 0; look < 3; look++)
        {
            // They fail when the look is over at which they were begun, so that there is no room for another one at it.
            await clock.LookIsOverAsync(hint);
            // Counted before they fail: afterwards both places may be taken by works that wait until the next round.
            var begun = work.Begun;
            Interlocked.Exchange(ref end, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetException(new FormatException("A damaged row."));
            await work.LookUntilAsync(hint, begun + 1);
        }

        end.SetResult();
        await worker.StopAsync(TestContext.Current.CancellationToken);
        work.Worked.ShouldContain(good);
    }

    [Fact]
    public async Task Work_FailsEachTime_IsToldOnceUntilItsTroubleIsAnotherOneOrOver()
    {
        var feed = new ChangeFeed();
        var hint = feed.Worker(Work.Topic);
        var id = Guid.NewGuid();
        Exception? trouble = new FormatException("A damaged row.");
        var work = new Work([id], _ => trouble is null ? Task.CompletedTask : throw trouble);
        using var worker = new DueWorker<Work>(work, feed, TimeProvider.System, work);
        await worker.StartAsync(TestContext.Current.CancellationToken);

        await work.LookAsync(hint, 4);
        work.Told.ShouldBe([nameof(FormatException)]);

        trouble = new InvalidOperationException("A bug.");
        await work.LookAsync(hint, 4);
        work.Told.ShouldBe([nameof(FormatException), nameof(InvalidOperationException)]);

        trouble = null;
        await work.LookAsync(hint, 4);
        trouble = new InvalidOperationException("The bug again.");
        await work.LookAsync(hint, 4);
        work.Told.ShouldBe([nameof(FormatException), nameof(InvalidOperationException), nameof(InvalidOperationException)]);
        await worker.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Work that is always due, and the log of its worker.</summary>
    private sealed class Work(Guid[] due, Func<Guid, Task> work) : IDueWork, ILogger<Work>
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

        public static string Subject => "work";

        public static ChangeTopic Topic => ChangeTopic.Attempts;

        public static int MaxAtOnce => 2;

        public Task<IEnumerable<DueItem>> FindDueItemsAsync(CancellationToken stoppingToken) =>
            Task.FromResult(due.Select(id => new DueItem(id, _ => BeginAsync(id))));

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is not null) Told.Enqueue(exception.GetType().Name);
        }

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
