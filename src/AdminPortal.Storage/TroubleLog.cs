using Microsoft.Extensions.Logging;

namespace AdminPortal.Storage;

/// <summary>
/// Lets a worker that looks every few seconds tell of each sort of trouble once, and of its end: a disk that is full for
/// an hour is one line and not eighteen hundred.
/// </summary>
internal sealed partial class TroubleLog(ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _told = [];

    /// <summary>Whether this is to be told: no trouble of its sort has been told since the last success.</summary>
    public bool IsNew(Exception exception)
    {
        lock (_gate) return _told.Add(StorageProblems.Find(exception)?.ToString() ?? exception.GetType().Name);
    }

    /// <summary>It works (again).</summary>
    public void Succeeded()
    {
        lock (_gate)
        {
            if (_told.Count == 0) return;
            _told.Clear();
        }

        Over(logger);
    }

    [LoggerMessage(1, LogLevel.Information, "The trouble is over; the work goes on.")]
    private static partial void Over(ILogger logger);
}
