using AdminPortal.Domain.Attempts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Exchange;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Tests.Storage;

/// <summary>The file in trouble while attempts are under way: told as what it is, and nothing is lost.</summary>
public sealed class StorageTroubleTests
{
    public static TheoryData<StorageProblem> Troubles => [StorageProblem.Full, StorageProblem.ReadOnly, StorageProblem.Locked, StorageProblem.NotOpened];

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task Callback_CannotBeStored_ThrowsTheTroubleAndCountsAfterwards(StorageProblem trouble)
    {
        var connections = new TroubledConnections();
        await using var portal = await TestPortal.StartAsync(connections.Register);
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);
        await FillAsync(portal);

        using (Begin(trouble, connections, portal))
        {
            var thrown = await Should.ThrowAsync<Exception>(() => portal.Consents.ReceiveAsync(portal.Return(state), Token));
            StorageProblems.Find(thrown).ShouldBe(trouble);
        }

        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.AwaitingConsent);
        // The person reloads the tab.
        (await portal.Consents.ReceiveAsync(portal.Return(state), Token)).ShouldBe(new CallbackOutcome.Attempt(id, Again: false));
        await portal.Provisioner.ExchangeAsync(id);
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Active);
        _ = portal.Platform.Created.ShouldHaveSingleItem();
    }

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task Departure_CannotBeStored_ThrowsTheTroubleAndWorksAfterwards(StorageProblem trouble)
    {
        var connections = new TroubledConnections();
        await using var portal = await TestPortal.StartAsync(connections.Register);
        var id = await portal.AddDraftAsync();
        (await portal.Consents.AuthorizeAsync(id, Token)).ShouldAllBe(line => line.Level == CheckLevel.Passed);
        await FillAsync(portal);

        using (Begin(trouble, connections, portal))
            StorageProblems.Find(await Should.ThrowAsync<Exception>(() => portal.Consents.LeaveAsync(id, OneTimeValue.Hash(portal.Browser), Token))).ShouldBe(trouble);

        (await portal.Consents.LeaveAsync(id, OneTimeValue.Hash(portal.Browser), Token)).Url.ShouldNotBeNull();
    }

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task Claim_CannotBeStored_SendsNothingAndGoesOnAfterwards(StorageProblem trouble)
    {
        var connections = new TroubledConnections();
        await using var portal = await TestPortal.StartAsync(connections.Register);
        var id = await portal.AddReceivedAsync();
        await FillAsync(portal);

        using (Begin(trouble, connections, portal))
            StorageProblems.Find(await Should.ThrowAsync<Exception>(() => portal.Provisioner.ExchangeAsync(id))).ShouldBe(trouble);

        portal.Platform.Created.ShouldBeEmpty();
        await portal.Provisioner.ExchangeAsync(id);
        _ = portal.Platform.Created.ShouldHaveSingleItem();
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Active);
    }

    [Fact]
    public async Task Exchange_DatabaseIsGoneBeforeTheRequest_LeavesTheCodeForTheNextLook()
    {
        var connections = new TroubledConnections();
        await using var portal = await TestPortal.StartAsync(connections.Register);
        var id = await portal.AddReceivedAsync();

        // Gone from the first opening on, then from the second, until it holds as long as the request.
        var opening = 0;
        while (true)
        {
            connections.OutOfReachFrom = ++opening;
            var exception = await Xunit.Record.ExceptionAsync(() => portal.Provisioner.ExchangeAsync(id));
            connections.OutOfReachFrom = null;
            // What comes behind the request is not this test's: something else may have been counted, and all gone well.
            if (portal.Platform.Created.Count > 0) break;
            StorageProblems.Find(exception.ShouldNotBeNull($"Opening {opening} was out of reach.")).ShouldBe(StorageProblem.NotOpened);
            (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.CodeReceived);
        }

        opening.ShouldBeGreaterThan(3);
    }

    [Theory]
    [InlineData(StorageProblem.Full)]
    [InlineData(StorageProblem.ReadOnly)]
    public async Task Answer_CannotBeStored_IsFoundOnThePlatformAfterTheLease(StorageProblem trouble)
    {
        var connections = new TroubledConnections();
        await using var portal = await TestPortal.StartAsync(connections.Register);
        var id = await portal.AddReceivedAsync();
        await FillAsync(portal);
        IDisposable? under = null;
        PlatformInstance? made = null;
        portal.Platform.OnCreate = async created =>
        {
            // The connection is closed between the two transactions; the trouble is there when the answer is written.
            under = Begin(trouble, connections, portal);
            made = FakePlatform.Instance(4711, created.Name, created.Tags, "token-4711");
            await Task.Yield();
            return new PlatformOutcome<PlatformInstance>.Success(made, "create-1");
        };
        portal.Platform.OnList = (tag, _) => new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage([made!], null), "list-1");

        StorageProblems.Find(await Should.ThrowAsync<Exception>(() => portal.Provisioner.ExchangeAsync(id))).ShouldBe(trouble);
        under!.Dispose();
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Provisioning);

        portal.Clock.Advance(AttemptLease.Length + TimeSpan.FromSeconds(1));
        await portal.SweepAsync(Token);
        await portal.Provisioner.SearchAsync(id, Token);

        var attempt = await portal.ReadAttemptAsync(id);
        (attempt.State, attempt.PlatformInstanceId).ShouldBe((AttemptState.Active, 4711L));
        _ = portal.Platform.Created.ShouldHaveSingleItem();
        await using var db = portal.OpenDatabase();
        portal.Secrets.Open((await db.Instances.SingleAsync(Token)).TokenOf).ShouldBe("token-4711");
    }

    [Fact]
    public async Task Probe_Database_IsWrittenAndItsTroubleToldUntilItIsOver()
    {
        var connections = new TroubledConnections();
        await using var portal = await TestPortal.StartAsync(connections.Register);
        var probe = portal.Get<StorageProbe>();
        (await probe.LookAsync(Token)).ShouldBeNull();

        connections.IsReadOnly = true;
        // Within some seconds the answer is given again.
        (await probe.LookAsync(Token)).ShouldBeNull();
        portal.Clock.Advance(StorageProbe.Freshness);
        (await probe.LookAsync(Token)).ShouldBe(StorageProblem.ReadOnly);

        connections.IsReadOnly = false;
        connections.IsOutOfReach = true;
        portal.Clock.Advance(StorageProbe.Freshness);
        (await probe.LookAsync(Token)).ShouldBe(StorageProblem.NotOpened);

        connections.IsOutOfReach = false;
        portal.Clock.Advance(StorageProbe.Freshness);
        (await probe.LookAsync(Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Corrupt_Pages_AreToldAsWhatTheyAre()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        RawDatabase.Release(portal.DataDirectory);
        Damage(RawDatabase.FileOf(portal.DataDirectory));

        StorageProblems.Find(await Should.ThrowAsync<Exception>(() => portal.Get<AttemptService>().FindAsync(id, Token))).ShouldBe(StorageProblem.Corrupt);
    }

    [Fact]
    public async Task Worker_LooksThatFail_AreLoggedOnceUntilItIsOver()
    {
        var connections = new TroubledConnections();
        var log = new Lines();
        await using var portal = await TestPortal.StartAsync(services =>
        {
            connections.Register(services);
            services.AddSingleton<ILoggerProvider>(log);
        });
        var id = await portal.AddReceivedAsync();
        connections.IsOutOfReach = true;
        var worker = portal.Get<IEnumerable<IHostedService>>().OfType<DueWorker<Provisioner>>().Single();
        var feed = portal.Get<ChangeFeed>();

        await worker.StartAsync(Token);
        await log.WaitForAsync(1);
        for (var looks = connections.Openings; connections.Openings < looks + 4; await Task.Yield()) feed.Worker(ChangeTopic.Attempts).Wake();

        connections.IsOutOfReach = false;
        while ((await portal.ReadAttemptAsync(id)).State != AttemptState.Active) feed.Worker(ChangeTopic.Attempts).Wake();
        await worker.StopAsync(Token);

        log.Of("could not read what is due").ShouldBe(1);
        log.Of("The trouble is over").ShouldBe(1);
    }

    [Fact]
    public async Task Clock_JumpsAnHourAheadUnderTheRequest_TheInstanceIsMadeOnceAndKept()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        PlatformInstance? made = null;
        portal.Platform.OnCreate = async created =>
        {
            portal.Clock.Advance(TimeSpan.FromHours(1));
            // By this clock the lease has run out, and another look takes the process for dead.
            await portal.SweepAsync(Token);
            made = FakePlatform.Instance(4711, created.Name, created.Tags);
            return new PlatformOutcome<PlatformInstance>.Success(made, "create-1");
        };
        portal.Platform.OnList = (_, _) => new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage([made!], null), "list-1");

        await portal.Provisioner.ExchangeAsync(id);
        if ((await portal.ReadAttemptAsync(id)).State == AttemptState.Ambiguous) await portal.Provisioner.SearchAsync(id, Token);

        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Active);
        _ = portal.Platform.Created.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Clock_IsSetBackAnHour_WhatWaitsDoesNotWaitForIt()
    {
        await using var portal = await TestPortal.StartAsync();
        var waiting = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = _ => Task.FromResult(FakePlatform.Refuse<PlatformInstance>(429, retryAfter: TimeSpan.FromSeconds(10)));
        await portal.Provisioner.ExchangeAsync(waiting);
        (await portal.ReadAttemptAsync(waiting)).State.ShouldBe(AttemptState.CodeReceived);

        portal.Clock.AdjustTime(portal.Clock.GetUtcNow() - TimeSpan.FromHours(1));

        (await portal.Provisioner.FindDueAsync(Token)).ShouldHaveSingleItem().Id.ShouldBe(waiting);
        // Nor does the page wait for somebody who comes back by the former clock.
        var id = await portal.AddDraftAsync(name: "Second");
        portal.Clock.Advance(TimeSpan.FromHours(1));
        var state = await portal.SendAwayAsync(id);
        portal.Clock.AdjustTime(portal.Clock.GetUtcNow() - TimeSpan.FromHours(1));
        _ = (await portal.Consents.ReceiveAsync(portal.Return(state), Token)).ShouldBeOfType<CallbackOutcome.Attempt>();
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.CodeReceived);
    }

    [Fact]
    public async Task Clock_IsSetBackUnderADeadProcess_ItsLeaseEndsAllTheSame()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = _ => throw new InvalidOperationException("The process dies here.");
        _ = await Should.ThrowAsync<InvalidOperationException>(() => portal.Provisioner.ExchangeAsync(id));
        portal.Clock.AdjustTime(portal.Clock.GetUtcNow() - TimeSpan.FromHours(1));

        await portal.SweepAsync(Token);

        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Ambiguous);
    }

    private static IDisposable Begin(StorageProblem trouble, TroubledConnections connections, TestPortal portal)
    {
        switch (trouble)
        {
            case StorageProblem.Full:
                connections.IsFull = true;
                break;
            case StorageProblem.ReadOnly:
                connections.IsReadOnly = true;
                break;
            case StorageProblem.NotOpened:
                connections.IsOutOfReach = true;
                break;
            case StorageProblem.Locked:
                var other = RawDatabase.Open(RawDatabase.FileOf(portal.DataDirectory));
                _ = other.Run("BEGIN EXCLUSIVE");
                return other;
        }

        return new After(() => connections.IsFull = connections.IsReadOnly = connections.IsOutOfReach = false);
    }

    // SQLite fills up what is free before it asks for another page.
    private static Task FillAsync(TestPortal portal)
    {
        using var connection = RawDatabase.Open(RawDatabase.FileOf(portal.DataDirectory));
        _ = connection.Run("VACUUM");
        return Task.CompletedTask;
    }

    private static void Damage(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Write);
        for (var page = 1; page * 4096 < stream.Length; page++)
        {
            stream.Position = page * 4096;
            stream.Write(new byte[512]);
        }
    }

    private sealed class After(Action act) : IDisposable
    {
        public void Dispose() => act();
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly List<string> _lines = [];
        private readonly SemaphoreSlim _written = new(0);

        public int Of(string text)
        {
            lock (_lines) return _lines.Count(line => line.Contains(text, StringComparison.Ordinal));
        }

        public async Task WaitForAsync(int count)
        {
            while (true)
            {
                lock (_lines)
                {
                    if (_lines.Count >= count) return;
                }

                await _written.WaitAsync(Token);
            }
        }

        public ILogger CreateLogger(string categoryName) => categoryName.EndsWith("." + nameof(Provisioner), StringComparison.Ordinal) ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines) _lines.Add(formatter(state, exception));
            _ = _written.Release();
        }

        public void Dispose()
        {
        }
    }
}
