using AdminPortal.Domain.Attempts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts.Exchange;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace AdminPortal.Provisioning.Tests.Attempts;

public sealed class ProvisioningWorkerTests
{
    [Fact]
    public async Task Start_CodeLeftByAnotherProcess_IsExchanged()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        await using var restarted = portal.Another();
        var worker = restarted.Get<IEnumerable<IHostedService>>().OfType<DueWorker<Provisioner>>().Single();
        var done = StateReached(restarted, id, AttemptState.Active);

        await worker.StartAsync(Token);
        await done;
        await worker.StopAsync(Token);

        _ = portal.Platform.Created.ShouldHaveSingleItem();
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Active);
    }

    [Fact]
    public async Task Callback_WorkerIsWaiting_WakesIt()
    {
        await using var portal = await TestPortal.StartAsync();
        var worker = portal.Get<IEnumerable<IHostedService>>().OfType<DueWorker<Provisioner>>().Single();
        await worker.StartAsync(Token);
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);
        var done = StateReached(portal, id, AttemptState.Active);

        // The clock stands still: nothing but the callback itself can wake it.
        _ = await portal.Consents.ReceiveAsync(portal.Return(state), Token);
        await done;
        await worker.StopAsync(Token);

        _ = portal.Platform.Created.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Exchange_Ends_WhatWasCreatedIsLookedAtWithoutWaitingForThePoll()
    {
        await using var portal = await TestPortal.StartAsync();
        var worker = portal.Get<IEnumerable<IHostedService>>().OfType<DueWorker<Provisioner>>().Single();
        await worker.StartAsync(Token);

        // The clock stands still. Often the worker looks while the exchange is about to end: that look must not be lost.
        for (var round = 0; round < 20; round++)
        {
            var id = await portal.AddDraftAsync(name: $"number {round}");
            var state = await portal.SendAwayAsync(id);
            var done = Reached(portal, id, attempt => attempt.VerifiedAt is not null);
            _ = await portal.Consents.ReceiveAsync(portal.Return(state), Token);
            await done;
        }

        await worker.StopAsync(Token);
    }

    [Fact]
    public async Task Poll_CodeStoredByAnotherProcess_IsFound()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        var worker = portal.Get<IEnumerable<IHostedService>>().OfType<DueWorker<Provisioner>>().Single();
        await worker.StartAsync(Token);
        var done = Sent(portal, 1);
        _ = await other.AddReceivedAsync();

        await PollUntilAsync(portal, done);

        await worker.StopAsync(Token);

        _ = portal.Platform.Created.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Stop_RequestUnderWay_IsWaitedFor()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        portal.Platform.OnCreate = async _ =>
        {
            sent.SetResult();
            await answer.Task;
            return new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(5), null);
        };
        var worker = portal.Get<IEnumerable<IHostedService>>().OfType<DueWorker<Provisioner>>().Single();
        await worker.StartAsync(Token);
        await sent.Task;

        var stopping = worker.StopAsync(Token);
        stopping.IsCompleted.ShouldBeFalse();
        answer.SetResult();
        await stopping;

        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Active);
    }

    [Fact]
    public async Task Run_OneAttemptBreaks_TheOthersAreWorkedOn()
    {
        await using var portal = await TestPortal.StartAsync();
        var broken = await portal.AddReceivedAsync(name: "broken");
        var good = await portal.AddReceivedAsync(name: "good");
        var answer = portal.Platform.OnCreate;
        portal.Platform.OnCreate = created => created.Name == "broken" ? throw new InvalidOperationException("A bug.") : answer(created);
        var worker = portal.Get<IEnumerable<IHostedService>>().OfType<DueWorker<Provisioner>>().Single();
        var done = StateReached(portal, good, AttemptState.Active);

        await worker.StartAsync(Token);
        await done;
        await worker.StopAsync(Token);

        // It stays claimed: what it sent is not known, so nothing is sent again.
        (await portal.ReadAttemptAsync(broken)).State.ShouldBe(AttemptState.Provisioning);
        portal.Platform.Created.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Run_MoreThanAtOnce_AllAreSentOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        for (var i = 0; i < 20; i++) _ = await portal.AddReceivedAsync(name: $"number {i}");
        var worker = portal.Get<IEnumerable<IHostedService>>().OfType<DueWorker<Provisioner>>().Single();
        var done = Sent(portal, 20);

        await worker.StartAsync(Token);
        await PollUntilAsync(portal, done);

        await worker.StopAsync(Token);

        portal.Platform.Created.Select(created => created.Name).Order().ShouldBe(Enumerable.Range(0, 20).Select(i => $"number {i}").Order());
    }

    // However far the clock runs meanwhile, also past the lease of what is being worked on, everything is sent once.
    private static async Task PollUntilAsync(TestPortal portal, Task done)
    {
        while (!done.IsCompleted)
        {
            portal.Clock.Advance(TimeSpan.FromSeconds(2));
            await using var db = portal.OpenDatabase();
            _ = await db.Attempts.CountAsync(Token);
        }

        await done;
    }

    private static Task Sent(TestPortal portal, int count)
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = portal.Platform.OnCreate;
        portal.Platform.OnCreate = created =>
        {
            if (Interlocked.Decrement(ref count) == 0) sent.SetResult();
            return answer(created);
        };
        return sent.Task;
    }

    private static Task StateReached(TestPortal portal, Guid id, AttemptState state) => Reached(portal, id, attempt => attempt.State == state);

    private static async Task Reached(TestPortal portal, Guid id, Func<ProvisioningAttempt, bool> isReached)
    {
        var changed = new SemaphoreSlim(1);
        using var subscription = portal.Get<ChangeFeed>().Subscribe(ChangeTopic.Attempts, id, () => changed.Release());
        do
        {
            await changed.WaitAsync(Token);
        }
        while (!isReached(await portal.ReadAttemptAsync(id)));
    }
}
