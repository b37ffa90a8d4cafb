using System.Data.Common;
using System.Security.Cryptography;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Tests.Attempts;

/// <summary>Callbacks that come while another one is written, and so are written together.</summary>
public sealed class CallbackDeskTests
{
    private const string OtherServer = "zt119.infusionsoft.com";

    [Fact]
    public async Task Receive_ManyAtOnce_AreOneTransactionAndEachHasItsOwnAnswer()
    {
        var commits = new Commits();
        var box = new OneThatDoesNotSeal();
        await using var portal = await StartAsync(services =>
        {
            commits.Register(services);
            _ = services.Replace(ServiceDescriptor.Singleton<ISecretBox>(box));
        });
        var (first, firstState) = await AwaitAsync(portal, "First");
        var (code, codeState) = await AwaitAsync(portal, "Code");
        var (denied, deniedState) = await AwaitAsync(portal, "Denied");
        var (held, heldState) = await AwaitAsync(portal, "Held");
        var (foreign, foreignState) = await AwaitAsync(portal, "Foreign");
        var (incomplete, incompleteState) = await AwaitAsync(portal, "Incomplete");
        var (unreadable, unreadableState) = await AwaitAsync(portal, "Unreadable");
        var (damaged, damagedState) = await AwaitAsync(portal, "Damaged");
        var (gone, goneState) = await AwaitAsync(portal, "Gone");
        DamageRow(portal, unreadable, "\"State\" = 'Nonsense'");
        box.Owner = damaged;
        using var left = new CancellationTokenSource();

        Task<CallbackOutcome>[] answers;
        await using (var pending = await HoldAsync(portal, firstState))
        {
            answers =
            [
                .. new[]
                {
                    portal.Return(codeState),
                    portal.Return(deniedState, null) with { Error = "access_denied" },
                    portal.Return(codeState) with { Error = "access_denied" },
                    portal.Return(heldState) with { Scope = $"full|{OtherServer}" },
                    portal.Return(OneTimeValue.Create()),
                    portal.Return(codeState),
                    portal.Return(foreignState) with { BrowserValue = OneTimeValue.Create() },
                    portal.Return(incompleteState, null),
                    portal.Return(unreadableState),
                    portal.Return(damagedState),
                }.Select(callback => portal.Consents.ReceiveAsync(callback, Token)),
                portal.Consents.ReceiveAsync(portal.Return(goneState), left.Token),
            ];
            await left.CancelAsync();
            commits.OnCommitting = () => answers[0].IsCompleted || answers[1].IsCompleted || answers[2].IsCompleted || answers[3].IsCompleted || answers[5].IsCompleted;
            commits.Count = 0;
            (await pending.ReleaseAsync()).ShouldBe(new CallbackOutcome.Attempt(first, Again: false));
        }

        (await answers[0]).ShouldBe(new CallbackOutcome.Attempt(code, Again: false));
        (await answers[1]).ShouldBe(new CallbackOutcome.Attempt(denied, Again: false));
        (await answers[2]).ShouldBe(new CallbackOutcome.Attempt(code, Again: true));
        (await answers[3]).ShouldBe(new CallbackOutcome.Attempt(held, Again: false));
        _ = (await answers[4]).ShouldBeOfType<CallbackOutcome.UnknownState>();
        (await answers[5]).ShouldBe(new CallbackOutcome.Attempt(code, Again: true));
        (await answers[6]).ShouldBe(new CallbackOutcome.OtherBrowser(foreign));
        _ = (await answers[7]).ShouldBeOfType<CallbackOutcome.Incomplete>();
        (await answers[8]).ShouldBe(new CallbackOutcome.Attempt(unreadable, Again: true));
        _ = await Should.ThrowAsync<CryptographicException>(() => answers[9]);
        _ = await Should.ThrowAsync<OperationCanceledException>(() => answers[10]);
        // The first one's, and one for all the others; no answer was given before it. The other deliveries of what it stored were read once more.
        commits.Count.ShouldBe(2);
        commits.WasEarly.ShouldBeFalse();
        portal.Get<CallbackDesk>().Batches.ShouldBe(3);

        var stored = await portal.ReadAttemptAsync(code);
        (stored.State, portal.Secrets.Open(stored.CodeOf!)).ShouldBe((AttemptState.CodeReceived, TestPortal.Code));
        stored.History.Count(line => line.Event is AttemptEvent.CodeReturned or AttemptEvent.ErrorReturned).ShouldBe(1);
        (await portal.ReadAttemptAsync(denied)).State.ShouldBe(AttemptState.Denied);
        (await portal.ReadAttemptAsync(held)).State.ShouldBe(AttemptState.AwaitingDecision);
        foreach (var untouched in new[] { foreign, incomplete, gone }) (await portal.ReadAttemptAsync(untouched)).State.ShouldBe(AttemptState.AwaitingConsent);
        // Who went away before it was looked at may come back.
        (await portal.Consents.ReceiveAsync(portal.Return(goneState), Token)).ShouldBe(new CallbackOutcome.Attempt(gone, Again: false));
    }

    [Fact]
    public async Task Receive_GoneAwayWhenItIsBeingWritten_IsStoredAllTheSame()
    {
        await using var portal = await StartAsync();
        var (id, state) = await AwaitAsync(portal, "Gone");
        using var left = new CancellationTokenSource();

        await using var held = await HoldAsync(portal, state, left.Token);
        await left.CancelAsync();

        (await held.ReleaseAsync()).ShouldBe(new CallbackOutcome.Attempt(id, Again: false));
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.CodeReceived);
    }

    [Fact]
    public async Task Receive_SavedBySomebodyElseMeanwhile_IsDecidedOnAgainAndItsCodeKept()
    {
        await using var portal = await StartAsync();
        var (_, firstState) = await AwaitAsync(portal, "First");
        var (edited, editedState) = await AwaitAsync(portal, "Edited");

        // Decided on, and not written yet.
        using var left = new CancellationTokenSource();
        await using var held = await HoldAsync(portal, editedState, left.Token);
        var others = portal.Consents.ReceiveAsync(portal.Return(firstState), Token);
        // A second tab shows another step of the wizard: that does not end the consent.
        DamageRow(portal, edited, "\"Version\" = \"Version\" + 1");
        await left.CancelAsync();

        (await held.ReleaseAsync()).ShouldBe(new CallbackOutcome.Attempt(edited, Again: false));
        _ = (await others).ShouldBeOfType<CallbackOutcome.Attempt>();
        var attempt = await portal.ReadAttemptAsync(edited);
        attempt.State.ShouldBe(AttemptState.CodeReceived);
        attempt.History.Count(line => line.Event == AttemptEvent.CodeReturned).ShouldBe(1);
    }

    [Fact]
    public async Task Receive_TakenBackToTheDraftMeanwhile_ChangesNothing()
    {
        await using var portal = await StartAsync();
        var (edited, state) = await AwaitAsync(portal, "Edited");

        await using var held = await HoldAsync(portal, state);
        DamageRow(portal, edited, "\"Version\" = \"Version\" + 1, \"State\" = 'Draft', \"StateHash\" = NULL");

        _ = (await held.ReleaseAsync()).ShouldBeOfType<CallbackOutcome.UnknownState>();
        var attempt = await portal.ReadAttemptAsync(edited);
        attempt.State.ShouldBe(AttemptState.Draft);
        attempt.Code.ShouldBeNull();
        attempt.History.ShouldNotContain(line => line.Event == AttemptEvent.CodeReturned);
    }

    [Fact]
    public async Task Receive_RowIsNotFoundByItsOwnId_IsToldAndTheOthersAreStored()
    {
        await using var portal = await StartAsync();
        var (damaged, state) = await AwaitAsync(portal, "Damaged");
        var (_, otherState) = await AwaitAsync(portal, "Other");
        _ = RawDatabase.Run(RawDatabase.FileOf(portal.DataDirectory), $"PRAGMA foreign_keys = OFF; UPDATE \"Attempts\" SET \"Id\" = lower(\"Id\") WHERE \"Id\" = '{Text(damaged)}'");

        var refused = await Should.ThrowAsync<InvalidOperationException>(() => portal.Consents.ReceiveAsync(portal.Return(state), Token).WaitAsync(TestContext.Current.CancellationToken));
        refused.Message.ShouldContain(damaged.ToString());

        _ = (await portal.Consents.ReceiveAsync(portal.Return(otherState), Token)).ShouldBeOfType<CallbackOutcome.Attempt>();
    }

    [Fact]
    public async Task Receive_OneOfThemCannotBeWritten_TheOthersAre()
    {
        await using var portal = await StartAsync();
        var (_, firstState) = await AwaitAsync(portal, "First");
        var attempts = new List<(Guid Id, string State)>();
        for (var number = 0; number < 5; number++) attempts.Add(await AwaitAsync(portal, $"Attempt {number}"));
        var file = RawDatabase.FileOf(portal.DataDirectory);
        _ = RawDatabase.Run(
            file, $"CREATE TRIGGER \"Refused\" BEFORE UPDATE ON \"Attempts\" WHEN NEW.\"Id\" = '{Text(attempts[2].Id)}' BEGIN SELECT RAISE(ABORT, 'refused'); END");

        Task<CallbackOutcome>[] answers;
        await using (var held = await HoldAsync(portal, firstState))
        {
            answers = [.. attempts.Select(attempt => portal.Consents.ReceiveAsync(portal.Return(attempt.State), Token))];
            _ = await held.ReleaseAsync();
        }

        for (var number = 0; number < answers.Length; number++)
        {
            if (number == 2) (await Should.ThrowAsync<DbUpdateException>(() => answers[number])).GetBaseException().Message.ShouldContain("refused");
            else (await answers[number]).ShouldBe(new CallbackOutcome.Attempt(attempts[number].Id, Again: false));
            var attempt = await portal.ReadAttemptAsync(attempts[number].Id);
            attempt.State.ShouldBe(number == 2 ? AttemptState.AwaitingConsent : AttemptState.CodeReceived);
            attempt.History.Count(line => line.Event == AttemptEvent.CodeReturned).ShouldBe(number == 2 ? 0 : 1);
        }

        _ = RawDatabase.Run(file, "DROP TRIGGER \"Refused\"");
        (await portal.Consents.ReceiveAsync(portal.Return(attempts[2].State), Token)).ShouldBe(new CallbackOutcome.Attempt(attempts[2].Id, Again: false));
    }

    [Theory]
    [InlineData(StorageProblem.Full)]
    [InlineData(StorageProblem.ReadOnly)]
    [InlineData(StorageProblem.Locked)]
    [InlineData(StorageProblem.NotOpened)]
    public async Task Receive_DatabaseInTrouble_IsToldToAllOfThemAndAllCountAfterwards(StorageProblem trouble)
    {
        var connections = new TroubledConnections();
        await using var portal = await StartAsync(connections.Register);
        var (_, firstState) = await AwaitAsync(portal, "First");
        var attempts = new List<(Guid Id, string State)>();
        for (var number = 0; number < 4; number++) attempts.Add(await AwaitAsync(portal, $"Attempt {number}"));
        var file = RawDatabase.FileOf(portal.DataDirectory);
        _ = RawDatabase.Run(file, "VACUUM");

        Task<CallbackOutcome>[] answers;
        using (var other = trouble == StorageProblem.Locked ? RawDatabase.Open(file) : null)
        {
            // What comes while others are written needs no connection of its own: without one, nobody is before them.
            connections.IsOutOfReach = trouble == StorageProblem.NotOpened;
            await using var held = connections.IsOutOfReach ? null : await HoldAsync(portal, firstState);
            answers = [.. attempts.Select(attempt => portal.Consents.ReceiveAsync(portal.Return(attempt.State), Token))];
            _ = other?.Run("BEGIN EXCLUSIVE");
            connections.IsFull = trouble == StorageProblem.Full;
            connections.IsReadOnly = trouble == StorageProblem.ReadOnly;
            // Its connection was open already: whether it is stored depends on the trouble.
            if (held is not null) _ = await Task.WhenAny(held.ReleaseAsync());
            foreach (var answer in answers) StorageProblems.Find(await Should.ThrowAsync<Exception>(() => answer)).ShouldBe(trouble);
        }

        connections.IsFull = connections.IsReadOnly = connections.IsOutOfReach = false;
        foreach (var (id, state) in attempts)
        {
            (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.AwaitingConsent);
            (await portal.Consents.ReceiveAsync(portal.Return(state), Token)).ShouldBe(new CallbackOutcome.Attempt(id, Again: false));
        }
    }

    [Fact]
    public async Task Receive_ConnectionDoesNotClose_TheNextOneIsServedAllTheSame()
    {
        var stuck = new StuckConnections();
        await using var portal = await StartAsync(stuck.Register);
        var (first, firstState) = await AwaitAsync(portal, "First");
        var (second, secondState) = await AwaitAsync(portal, "Second");

        stuck.IsOn = true;
        (await portal.Consents.ReceiveAsync(portal.Return(firstState), Token)).ShouldBe(new CallbackOutcome.Attempt(first, Again: false));
        while (stuck.Count == 0) await Task.Delay(10, Token);
        (await portal.Consents.ReceiveAsync(portal.Return(secondState), Token).WaitAsync(TimeSpan.FromMinutes(1), Token)).ShouldBe(new CallbackOutcome.Attempt(second, Again: false));
        stuck.IsOn = false;
    }

    [Theory]
    [InlineData(AttemptEvent.CodeReturned)]
    [InlineData(AttemptEvent.OtherAccountReturned)]
    [InlineData(AttemptEvent.ErrorReturned)]
    [InlineData(AttemptEvent.TimeRanOut)]
    public async Task Receive_WhateverComes_AllThatTheAttemptChangesIsInItsRow(AttemptEvent comes)
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, state) = await AwaitAsync(portal, "Attempt");
        var expected = await portal.ReadAttemptAsync(id);
        if (comes == AttemptEvent.TimeRanOut) portal.Clock.Advance(TimeSpan.FromMinutes(15));
        var callback = portal.Return(state) with { Error = comes == AttemptEvent.ErrorReturned ? "access_denied" : null };
        if (comes == AttemptEvent.OtherAccountReturned) callback = callback with { Scope = $"full|{OtherServer}" };

        _ = await portal.Consents.ReceiveAsync(callback, Token);

        var stored = await portal.ReadAttemptAsync(id);
        var now = portal.Clock.GetUtcNow();
        // The same, done to a row that was read as a whole.
        switch (comes)
        {
            case AttemptEvent.CodeReturned: expected.ReceiveCode(stored.Code!, TestPortal.Server, now); break;
            case AttemptEvent.OtherAccountReturned: expected.HoldCode(stored.Code!, OtherServer, TestPortal.Server, now, portal.Get<IOptions<PortalOptions>>().Value.CodeLifetime); break;
            case AttemptEvent.ErrorReturned: expected.ReceiveError(new AttemptEnding(EndingReason.AccessDenied, Message: "access_denied"), now); break;
            default: expected.Expire(now); break;
        }

        expected.Version++;
        await using var db = portal.OpenDatabase();
        foreach (var property in db.Model.FindEntityType(typeof(ProvisioningAttempt))!.GetProperties())
        {
            property.GetValueComparer().Equals(property.PropertyInfo!.GetValue(stored), property.PropertyInfo.GetValue(expected)).ShouldBeTrue(property.Name);
        }

        var (line, wanted) = (stored.History.Single(line => line.Event == comes), expected.History.Single(line => line.Event == comes));
        (line.At, line.State, line.Detail, line.AttemptId).ShouldBe((wanted.At, wanted.State, wanted.Detail, id));
        stored.History.Count.ShouldBe(expected.History.Count);
    }

    // Without patience for itself: a callback that waits for its turn waits until the test lets it go.
    private static Task<TestPortal> StartAsync(Action<IServiceCollection>? configure = null) => TestPortal.StartAsync(services =>
    {
        _ = services.Replace(ServiceDescriptor.Singleton(new WriteTurns { Patience = Timeout.InfiniteTimeSpan }));
        configure?.Invoke(services);
    });

    private static async Task<(Guid Id, string State)> AwaitAsync(TestPortal portal, string name)
    {
        var id = await portal.AddDraftAsync(ElementKey.Crm, name);
        return (id, await portal.SendAwayAsync(id));
    }

    /// <summary>Sends a callback that is decided on and then cannot be written until it is released; what comes meanwhile is a batch.</summary>
    private static async Task<Held> HoldAsync(TestPortal portal, string state, CancellationToken? gone = null)
    {
        var turns = portal.Get<WriteTurns>();
        var turn = await turns.TakeTurnAsync(Token);
        var desk = portal.Get<CallbackDesk>();
        var answer = portal.Consents.ReceiveAsync(portal.Return(state), gone ?? Token);
        while (desk.Decided == 0) await Task.Yield();
        return new Held(turn, answer);
    }

    private static void DamageRow(TestPortal portal, Guid id, string how) =>
        RawDatabase.Run(RawDatabase.FileOf(portal.DataDirectory), $"UPDATE \"Attempts\" SET {how} WHERE \"Id\" = '{Text(id)}'");

    private static string Text(Guid id) => id.ToString().ToUpperInvariant();

    private sealed class Held(IDisposable turn, Task<CallbackOutcome> answer) : IAsyncDisposable
    {
        public Task<CallbackOutcome> ReleaseAsync()
        {
            turn.Dispose();
            return answer;
        }

        public async ValueTask DisposeAsync()
        {
            turn.Dispose();
            _ = await Task.WhenAny(answer);
        }
    }

    /// <summary>Connections whose closing fails.</summary>
    private sealed class StuckConnections : DbConnectionInterceptor
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public bool IsOn { get; set; }

        public void Register(IServiceCollection services) => services.ConfigureDbContext<PortalDb>(builder => builder.AddInterceptors(this));

        public override ValueTask<InterceptionResult> ConnectionClosingAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
        {
            if (!IsOn) return new ValueTask<InterceptionResult>(result);
            _ = Interlocked.Increment(ref _count);
            throw new SqliteException("SQLite Error 10: 'disk I/O error'.", 10, 10);
        }
    }

    /// <summary>Seals for everybody but one.</summary>
    private sealed class OneThatDoesNotSeal : ISecretBox
    {
        private readonly PlainSecretBox _box = new();

        public Guid Owner { get; set; }

        public Sealed Seal(SecretKind kind, Guid row, SecretOrigin destination, string value) =>
            row == Owner ? throw new CryptographicException("It cannot be sealed.") : _box.Seal(kind, row, destination, value);

        public string Open(Secret secret, SecretOrigin destination) => _box.Open(secret, destination);
    }

    private sealed class Commits : DbTransactionInterceptor
    {
        public int Count { get; set; }

        public bool WasEarly { get; private set; }

        public Func<bool>? OnCommitting { get; set; }

        public void Register(IServiceCollection services) => services.ConfigureDbContext<PortalDb>(builder => builder.AddInterceptors(this));

        public override ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            Count++;
            WasEarly |= OnCommitting?.Invoke() == true;
            return new ValueTask<InterceptionResult>(result);
        }
    }
}
