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

namespace AdminPortal.Provisioning.Attempts.Consent;

/// <summary>
/// Processes callbacks in batches. Each batch is one transaction.
/// Callbacks that arrive while a batch is written are the next batch; a batch does not wait for further callbacks. Each callback has
/// its own outcome, and is answered only when its change is durable.
/// </summary>
/// <remarks>
/// A process that dies leaves all of a batch or none of it, and either is as if the callbacks had come one after the other:
/// they are for different attempts, because a second callback for the same attempt is left to the next batch.
/// </remarks>
public sealed class CallbackDesk(
    IDbContextFactory<PortalDb> databases,
    ISecretBox secrets,
    WriteTurns writes,
    IOptions<PortalOptions> options,
    TimeProvider clock,
    ILogger<CallbackDesk> logger)
{
    private const int MaxAtOnce = 64;

    // Each time another process has saved the attempt first; a damaged row would never be saved.
    private const int MaxSaves = 10;

    private readonly ConcurrentQueue<Waiting> _waiting = new();
    private int _isServed;
    private int _batches;
    private int _decided;

    /// <summary>How many batches there have been.</summary>
    internal int Batches => Volatile.Read(ref _batches);

    /// <summary>How many of them have been decided on: the changed attempts are written next.</summary>
    internal int Decided => Volatile.Read(ref _decided);

    /// <summary>Queues a callback. The caller has checked the format of <c>state</c>.</summary>
    /// <returns>Its outcome, and the attempt if this callback has changed it.</returns>
    /// <remarks>
    /// Cancelling has an effect until the callback is decided on. From then on it is written even if the browser has gone: a code can
    /// be used only once.
    /// </remarks>
    internal Task<(CallbackOutcome Outcome, ProvisioningAttempt? Moved)> TakeAsync(Callback callback, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(callback, cancellationToken);
        _waiting.Enqueue(waiting);
        Serve();
        return waiting.Answer.Task;
    }

    private void Serve()
    {
        if (Interlocked.Exchange(ref _isServed, 1) == 0) _ = ServeAllAsync();
    }

    private async Task ServeAllAsync()
    {
        do
        {
            // Behind the work that the thread pool already has: other callbacks may be among it and join the batch.
            await Task.Yield();
            List<Waiting> batch = [];
            while (batch.Count < MaxAtOnce && _waiting.TryDequeue(out var waiting)) batch.Add(waiting);
            _ = Interlocked.Increment(ref _batches);
            try
            {
                await UseDatabaseAsync(db => ServeAsync(db, batch)).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // It is thrown to each caller that waits for an answer, or logged.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                // Fail queued callbacks too: the lock would time out again.
                if (StorageProblems.Find(exception) == StorageProblem.Locked) while (_waiting.TryDequeue(out var late)) batch.Add(late);
                var told = 0;
                foreach (var waiting in batch) told += waiting.Answer.TrySetException(exception) ? 1 : 0;
                // If all had their answer before, only closing the connection has failed.
                if (told == 0) AttemptLog.DeskNotClosed(logger, exception);
            }
        }
        while (!_waiting.IsEmpty);
        Volatile.Write(ref _isServed, 0);
        if (!_waiting.IsEmpty) Serve();
    }

    private async Task ServeAsync(PortalDb db, List<Waiting> batch)
    {
        var changes = new Dictionary<Guid, (Waiting Waiting, ProvisioningAttempt Attempt)>();
        foreach (var waiting in batch)
        {
            if (waiting is { IsDecided: false, Gone.IsCancellationRequested: true })
            {
                _ = waiting.Answer.TrySetCanceled(waiting.Gone);
                continue;
            }

            try
            {
                var found = await FindAsync(db, waiting.Callback).ConfigureAwait(false);
                if (found is not null && changes.ContainsKey(found.Attempt.Id)) _waiting.Enqueue(waiting);
                else if (await DecideAsync(db, found, waiting.Callback).ConfigureAwait(false) is { } outcome) _ = waiting.Answer.TrySetResult((outcome, null));
                else changes.Add(found!.Attempt.Id, (waiting, found.Attempt));
            }
            catch (Exception exception) when (IsItsOwn(exception))
            {
                _ = waiting.Answer.TrySetException(exception);
            }
        }

        foreach (var (waiting, _) in changes.Values) waiting.IsDecided = true;
        _ = Interlocked.Increment(ref _decided);
        if (changes.Count == 0) return;
        using var turn = await writes.TakeTurnAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            _ = await db.SaveChangesAsync(CancellationToken.None).ConfigureAwait(false);
            foreach (var (waiting, attempt) in changes.Values) waiting.Complete(attempt);
        }
        catch (Exception exception) when (IsItsOwn(exception))
        {
            // One of them cannot be written or was saved by another process meanwhile; this must not affect the others.
            foreach (var (waiting, _) in changes.Values) await ServeAloneAsync(waiting).ConfigureAwait(false);
        }
    }

    /// <summary>Reads, decides and saves one callback by itself, again if another process has saved its attempt meanwhile.</summary>
    private async Task ServeAloneAsync(Waiting waiting)
    {
        try
        {
            for (var save = 1; !waiting.Answer.Task.IsCompleted; save++)
                await UseDatabaseAsync(db => ServeAloneAsync(db, waiting, isLast: save == MaxSaves)).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsItsOwn(exception))
        {
            _ = waiting.Answer.TrySetException(exception);
        }
    }

    private async Task ServeAloneAsync(PortalDb db, Waiting waiting, bool isLast)
    {
        var found = await FindAsync(db, waiting.Callback).ConfigureAwait(false);
        if (await DecideAsync(db, found, waiting.Callback).ConfigureAwait(false) is { } outcome)
        {
            _ = waiting.Answer.TrySetResult((outcome, null));
            return;
        }

        try
        {
            _ = await db.SaveChangesAsync(CancellationToken.None).ConfigureAwait(false);
            waiting.Complete(found!.Attempt);
        }
        catch (DbUpdateException exception) when (LostRace.Is(exception))
        {
            if (isLast) throw new InvalidOperationException($"Attempt {found!.Attempt.Id} cannot be written: its row is not found by what was read of it.", exception);
        }
    }

    // One connection for all statements, opened once.
    private async Task UseDatabaseAsync(Func<PortalDb, Task> work)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None).ConfigureAwait(false);
        await db.Database.OpenConnectionAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await work(db).ConfigureAwait(false);
        }
        finally
        {
            await db.Database.CloseConnectionAsync().ConfigureAwait(false);
        }
    }

    // A problem of the whole file concerns every callback. A damaged page or row may concern one attempt only.
    private static bool IsItsOwn(Exception exception) => StorageProblems.Find(exception) is null or StorageProblem.Corrupt;

    private static Task<Found?> FindAsync(PortalDb db, Callback callback)
    {
        var stateHash = OneTimeValue.Hash(callback.State!);
        return db.Attempts
            .Where(attempt => attempt.StateHash == stateHash)
            .Select(attempt => new Found(
                attempt, db.Accounts.Where(account => account.Id == attempt.PlatformAccountId).Select(account => account.BaseUrl).FirstOrDefault()))
            .FirstOrDefaultAsync(CancellationToken.None);
    }

    /// <summary>Applies a callback to its attempt.</summary>
    /// <returns>The answer if nothing is to be saved; null if the attempt is to be saved.</returns>
    private async Task<CallbackOutcome?> DecideAsync(PortalDb db, Found? found, Callback callback)
    {
        if (found is null) return new CallbackOutcome.UnknownState();
        var attempt = found.Attempt;
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
            var destination = SecretOrigin.Find(found.BaseUrl);
            var sealedCode = destination is null ? new Sealed("") : secrets.Seal(SecretKind.OAuthCode, attempt.Id, destination, code);
            var consented = ReadServer(callback.Scope);
            var expected = await ExpectedServerAsync(db, attempt).ConfigureAwait(false);
            // A callback without a scope, or with an unreadable one, does not name an account: it is not assumed to be the right one.
            if (expected is not null && consented != expected)
                attempt.HoldCode(sealedCode, consented, expected, now, options.Value.CodeLifetime);
            else
                attempt.ReceiveCode(sealedCode, consented, now);
        }
        else
        {
            return new CallbackOutcome.Incomplete();
        }

        return null;
    }

    // The server entered in the wizard; for an existing instance, the server it belongs to.
    private static async Task<string?> ExpectedServerAsync(PortalDb db, ProvisioningAttempt attempt)
    {
        var expected = attempt.Configuration.GetValueOrDefault(ElementCatalog.ServerKey);
        if (expected is null && attempt.TargetInstanceId is { } target)
            expected = await db.Instances.Where(row => row.Id == target).Select(row => row.AccountServer).SingleOrDefaultAsync().ConfigureAwait(false);
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

    private sealed record Found(ProvisioningAttempt Attempt, string? BaseUrl);

    private sealed class Waiting(Callback callback, CancellationToken gone)
    {
        public Callback Callback { get; } = callback;

        public CancellationToken Gone { get; } = gone;

        /// <summary>Whether it has been decided on: from then on it is processed even if the browser has gone.</summary>
        public bool IsDecided { get; set; }

        public TaskCompletionSource<(CallbackOutcome Outcome, ProvisioningAttempt? Moved)> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Complete(ProvisioningAttempt attempt) => Answer.TrySetResult((new CallbackOutcome.Attempt(attempt.Id, Again: false), attempt));
    }
}
