using System.Collections.Concurrent;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>
/// Processes callbacks in batches. Each batch is one transaction.
/// Callbacks that arrive while a batch is written are the next batch; a batch does not wait for further callbacks. Each callback has
/// its own outcome, and is answered only when its change is durable.
/// </summary>
/// <remarks>
/// A process that dies leaves all of a batch or none of it, and either is as if the callbacks had come one after the other:
/// they are for different attempts, or the second one for the same attempt finds its state spent.
/// </remarks>
public sealed class CallbackDesk(IDbContextFactory<PortalDb> databases, ISecretBox secrets, WriteTurns writes, IOptions<PortalOptions> options, TimeProvider clock, ILogger<CallbackDesk> logger)
{
    private const int MaxAtOnce = 64;

    // Each time somebody else has to be quicker; a damaged row would never be found.
    private const int MaxSaves = 10;

    private readonly ConcurrentQueue<Waiting> _waiting = new();
    private int _isServed;
    private int _batches;
    private int _decided;

    /// <summary>How many batches there have been.</summary>
    internal int Batches => Volatile.Read(ref _batches);

    /// <summary>How many of them have been decided on: those that something is changed by are written next.</summary>
    internal int Decided => Volatile.Read(ref _decided);

    /// <summary>Queues a callback. The caller has checked the format of <c>state</c>.</summary>
    /// <returns>What it comes to, and the attempt where this callback has moved it on.</returns>
    /// <remarks>Cancelling counts as long as it is not decided on. Then it is written whoever has gone away: a code is good for one try only.</remarks>
    internal Task<(CallbackOutcome Outcome, ProvisioningAttempt? Moved)> TakeAsync(Callback callback, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(callback, cancellationToken);
        _waiting.Enqueue(waiting);
        Serve();
        return waiting.Answer.Task;
    }

    private void Serve()
    {
        if (Interlocked.Exchange(ref _isServed, 1) == 0) _ = ServeAsync();
    }

    private async Task ServeAsync()
    {
        // One connection and its statements serve as long as callbacks come without a pause.
        CallbackSql? rows = null;
        do
        {
            // Behind the work that the pool has been given already: other callbacks among it come along.
            await Task.Yield();
            List<Waiting> batch = [];
            while (batch.Count < MaxAtOnce && _waiting.TryDequeue(out var waiting)) batch.Add(waiting);
            _ = Interlocked.Increment(ref _batches);
            try
            {
                rows ??= await CallbackSql.OpenAsync(databases).ConfigureAwait(false);
                await ServeAsync(rows, batch).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // It is thrown to each of those who wait for an answer.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                // Fail queued callbacks too: the lock would time out again.
                if (StorageProblems.Find(exception) == StorageProblem.Locked) while (_waiting.TryDequeue(out var late)) batch.Add(late);
                foreach (var waiting in batch) _ = waiting.Answer.TrySetException(exception);
                // The next ones may find the file well again, by a connection that knows nothing of this.
                await CloseAsync().ConfigureAwait(false);
            }
        }
        while (!_waiting.IsEmpty);
        await CloseAsync().ConfigureAwait(false);
        Volatile.Write(ref _isServed, 0);
        if (!_waiting.IsEmpty) Serve();

        async ValueTask CloseAsync()
        {
            try
            {
                if (rows is not null) await rows.DisposeAsync().ConfigureAwait(false);
            }
#pragma warning disable CA1031 // In a file that is in trouble closing may fail, too. Whoever comes next must not wait for a desk that is not served.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                AttemptLog.DeskNotClosed(logger, exception);
            }

            rows = null;
        }
    }

    private async Task ServeAsync(CallbackSql rows, List<Waiting> batch)
    {
        List<Waiting> changes = [];
        foreach (var waiting in batch)
        {
            try
            {
                if (waiting is { Attempt: null, Gone.IsCancellationRequested: true }) _ = waiting.Answer.TrySetCanceled(waiting.Gone);
                else if (await DecideAsync(rows, waiting).ConfigureAwait(false) is { } outcome) _ = waiting.Answer.TrySetResult((outcome, null));
                else changes.Add(waiting);
            }
            catch (Exception exception) when (IsItsOwn(exception))
            {
                _ = waiting.Answer.TrySetException(exception);
            }
        }

        _ = Interlocked.Increment(ref _decided);
        if (changes.Count == 0) return;
        using var turn = await writes.TakeTurnAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await SaveAsync(rows, changes).ConfigureAwait(false);
        }
        catch (Exception exception) when (changes.Count > 1 && IsItsOwn(exception))
        {
            // One of them cannot be written; the others must not suffer from it.
            foreach (var change in changes)
            {
                try
                {
                    await SaveAsync(rows, [change]).ConfigureAwait(false);
                }
                catch (Exception own) when (IsItsOwn(own))
                {
                    _ = change.Answer.TrySetException(own);
                }
            }
        }
    }

    // A trouble of the whole file is everybody's. A damaged page or row may be one attempt's alone.
    private static bool IsItsOwn(Exception exception) => StorageProblems.Find(exception) is null or StorageProblem.Corrupt;

    private async Task SaveAsync(CallbackSql rows, List<Waiting> changes)
    {
        var isSaved = new bool[changes.Count];
        var transaction = await rows.BeginAsync().ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            for (var number = 0; number < changes.Count; number++)
                isSaved[number] = await rows.SaveAsync(changes[number].Attempt!, CancellationToken.None).ConfigureAwait(false);
            await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        }

        for (var number = 0; number < changes.Count; number++)
        {
            var attempt = changes[number].Attempt!;
            if (isSaved[number]) _ = changes[number].Answer.TrySetResult((new CallbackOutcome.Attempt(attempt.Id, Again: false), attempt));
            // Somebody else has saved it since it was read: another delivery, or a person in another tab. It is read and decided on again.
            else if (++changes[number].Saves < MaxSaves) _waiting.Enqueue(changes[number]);
            else _ = changes[number].Answer.TrySetException(new InvalidOperationException($"Attempt {attempt.Id} cannot be written: its row is not found by what was read of it."));
        }
    }

    /// <summary>Moves the attempt on that a callback belongs to.</summary>
    /// <returns>The answer, where there is nothing to be changed; null where the attempt is to be saved.</returns>
    private async Task<CallbackOutcome?> DecideAsync(CallbackSql rows, Waiting waiting)
    {
        var callback = waiting.Callback;
        if (await rows.FindAsync(OneTimeValue.Hash(callback.State!), CancellationToken.None).ConfigureAwait(false) is not var (attempt, destination))
            return new CallbackOutcome.UnknownState();
        if (attempt.State != AttemptState.AwaitingConsent) return new CallbackOutcome.Attempt(attempt.Id, Again: true);

        var now = clock.GetUtcNow();
        if (attempt.ConsentExpiresAt <= now)
        {
            attempt.Expire(now);
        }
        else if (!OneTimeValue.Matches(callback.BrowserValue, attempt.BrowserHash))
        {
            return new CallbackOutcome.OtherBrowser(attempt.Id);
        }
        else if (!string.IsNullOrEmpty(callback.Error))
        {
            attempt.ReceiveError(ReadError(callback), now);
        }
        else if (callback.Code is { Length: > 0 and <= Callback.MaxCodeLength } code && Rules.IsPrintable(code))
        {
            // Without its account the attempt fails when its code is due, and the code is not needed.
            var sealedCode = destination is null ? new Sealed("") : secrets.Seal(SecretKind.OAuthCode, attempt.Id, destination, code);
            var consented = ReadServer(callback.Scope);
            var expected = await ExpectedServerAsync(rows, attempt).ConfigureAwait(false);
            // A callback without a scope, or with one that cannot be read, does not say which account it is for: that is not taken for the right one.
            if (expected is not null && consented != expected)
                attempt.HoldCode(sealedCode, consented, expected, now, options.Value.CodeLifetime);
            else
                attempt.ReceiveCode(sealedCode, consented, now);
        }
        else
        {
            return new CallbackOutcome.Incomplete();
        }

        waiting.Attempt = attempt;
        return null;
    }

    // What was entered in the wizard; for an instance that exists, what it belongs to.
    private static async Task<string?> ExpectedServerAsync(CallbackSql rows, ProvisioningAttempt attempt)
    {
        var expected = attempt.Configuration.GetValueOrDefault(ElementCatalog.ServerKey);
        if (expected is null && attempt.IsReauthentication) expected = await rows.FindServerAsync(attempt.TargetInstanceId, CancellationToken.None).ConfigureAwait(false);
        return AccountServer.TryParse(expected, out var server, out _) ? server.Host : null;
    }

    private static AttemptEnding ReadError(Callback callback)
    {
        var isDenial = callback.Error == "access_denied";
        var text = string.IsNullOrWhiteSpace(callback.ErrorDescription) ? callback.Error : $"{callback.Error}: {callback.ErrorDescription}";
        return new AttemptEnding(isDenial ? EndingReason.AccessDenied : EndingReason.ProviderError, Message: text);
    }

    // "full|tv265.infusionsoft.com" (platform contract, section 7). Anything else does not say which account granted access.
    private static string? ReadServer(string? scope) =>
        scope?.Split('|') is [_, var host] && AccountServer.TryParse(host, out var server, out _) ? server.Host : null;

    private sealed class Waiting(Callback callback, CancellationToken gone)
    {
        public Callback Callback { get; } = callback;

        public CancellationToken Gone { get; } = gone;

        /// <summary>The attempt, moved on and to be saved; from then on the callback counts whoever has gone away.</summary>
        public ProvisioningAttempt? Attempt { get; set; }

        /// <summary>How often it could not be saved because somebody else had been quicker.</summary>
        public int Saves { get; set; }

        public TaskCompletionSource<(CallbackOutcome Outcome, ProvisioningAttempt? Moved)> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
