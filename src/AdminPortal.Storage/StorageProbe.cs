using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Storage;

/// <summary>Says whether the database can be written, by writing one row to it; not oftener than every few seconds.</summary>
public sealed class StorageProbe(IDbContextFactory<PortalDb> databases, TimeProvider clock) : IDisposable
{
    /// <summary>How long an answer is given again.</summary>
    internal static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private const int WaitSeconds = 2;

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private (DateTimeOffset At, StorageProblem? Problem)? _last;

    /// <summary>What is the matter with the database; null when it was written.</summary>
    public async Task<StorageProblem?> LookAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var now = clock.GetUtcNow();
            // A clock that was set back makes no answer good for an hour.
            if (_last is { } last && (now - last.At).Duration() < Freshness) return last.Problem;
            var problem = await WriteAsync(now, cancellationToken).ConfigureAwait(false);
            _last = (now, problem);
            return problem;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<StorageProblem?> WriteAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
            db.Database.SetCommandTimeout(WaitSeconds);
            await PortalDatabase.WriteMarkAsync(db, now, cancellationToken).ConfigureAwait(false);
            return null;
        }
#pragma warning disable CA1031 // Whatever keeps the row from being written is what is asked for.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return StorageProblems.Find(exception) ?? StorageProblem.Other;
        }
    }
}
