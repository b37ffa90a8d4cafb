using Microsoft.Extensions.Logging;

namespace AdminPortal.Storage;

/// <summary>
/// Remembers that the database is damaged, from the first sign of it until every table was checked without a finding.
/// Signs are statements that fail with "the file is damaged", and the checks of <c>DamageCheckWorker</c>.
/// </summary>
public sealed partial class DamageWatch(ILogger<DamageWatch> logger) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _reported = new(0, 1);
    private string? _found;
    private long _signs;

    /// <summary>Whether there is damage that no complete check has taken back.</summary>
    public bool IsDamaged
    {
        get
        {
            lock (_gate) return _found is not null;
        }
    }

    /// <summary>How many signs there were. A check that began at this number and found nothing passes only while it is the same.</summary>
    internal long Signs
    {
        get
        {
            lock (_gate) return _signs;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _reported.Dispose();

    /// <summary>Takes note of a failure, where it tells of damage. A check of all tables follows at once.</summary>
    public void Report(Exception? exception)
    {
        if (StorageProblems.Find(exception) != StorageProblem.Corrupt) return;
        Remember("a statement failed because of it");
        Wake();
    }

    /// <summary>Takes note of a check's finding.</summary>
    internal void Report(string table, string found) => Remember($"table {table}: {found}");

    /// <summary>Takes the damage back: every table was checked since, and nothing was found or reported meanwhile.</summary>
    internal void Pass(long signs)
    {
        lock (_gate)
        {
            if (_found is null || _signs != signs) return;
            _found = null;
        }

        Passed(logger);
    }

    /// <summary>Waits until a failure is reported.</summary>
    internal async Task WaitAsync(CancellationToken cancellationToken) => await _reported.WaitAsync(cancellationToken).ConfigureAwait(false);

    private void Remember(string found)
    {
        lock (_gate)
        {
            _signs++;
            if (_found is not null) return;
            _found = found;
        }

        Damaged(logger, found);
    }

    private void Wake()
    {
        lock (_gate)
        {
            if (_reported.CurrentCount == 0) _ = _reported.Release();
        }
    }

    [LoggerMessage(1, LogLevel.Critical, "The database is damaged ({Found}). /health/ready answers 503 until a check of all tables passes. Stop the portal, run \"AdminPortal doctor\", and restore the last backup: AdminPortal restore <file>.")]
    private static partial void Damaged(ILogger logger, string found);

    [LoggerMessage(2, LogLevel.Warning, "Every table of the database was checked and no damage was found. The portal is ready again. Run \"AdminPortal doctor\" to make sure.")]
    private static partial void Passed(ILogger logger);
}
