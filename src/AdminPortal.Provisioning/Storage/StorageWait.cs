using Microsoft.Data.Sqlite;

namespace AdminPortal.Provisioning.Storage;

/// <summary>
/// Waits at start for what another program holds. SQLite waits five seconds for a lock within one statement; this repeats
/// the work until the time is over.
/// </summary>
/// <param name="patience">How long is waited in all; zero for a single try.</param>
/// <param name="clock">The time.</param>
/// <param name="tell">Told once for each wait what is waited for, and for how many seconds at most.</param>
public sealed class StorageWait(TimeSpan patience, TimeProvider clock, Action<string, int> tell)
{
    /// <summary>How long is waited where the command line does not say.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly long _since = clock.GetTimestamp();

    private TimeSpan Left => patience - clock.GetElapsedTime(_since);

    /// <summary>Waits until the database can be written, and then does work that can be repeated; again where another program is quicker.</summary>
    /// <param name="dataDirectory">Where the database is.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="writes">Whether the work writes. One that reads waits for readers' locks alone.</param>
    /// <returns>What the work returned. When the time is over, the exception of the last try is thrown.</returns>
    public async Task<T> RunAsync<T>(string dataDirectory, Func<Task<T>> work, CancellationToken cancellationToken, bool writes = true)
    {
        var file = Path.Combine(dataDirectory, PortalDatabase.FileName);
        for (var isTold = false; ; isTold = true)
        {
            try
            {
                if (File.Exists(file)) TryLock(file, writes);
                return await work().ConfigureAwait(false);
            }
            catch (Exception exception) when (StorageProblems.Find(exception) == StorageProblem.Locked && patience > TimeSpan.Zero)
            {
                if (!isTold) Tell(file, "the lock on the database");
                if (Left <= TimeSpan.Zero) throw;
                await clock.WaitAsync(Pause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // SQLite itself would wait for five seconds before it said so, and EF Core would log an error for each try.
    private static void TryLock(string file, bool writes)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 1 }.ConnectionString);
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = writes ? "BEGIN IMMEDIATE; ROLLBACK" : "BEGIN; SELECT 1 FROM sqlite_schema; ROLLBACK";
            _ = command.ExecuteNonQuery();
        }
        catch (SqliteException exception) when (StorageProblems.Find(exception) != StorageProblem.Locked)
        {
            // Everything else is for the work itself to meet.
        }
    }

    /// <summary>Takes the mark of a running portal, and waits for a restore or an upgrade that holds it alone.</summary>
    /// <returns>Null when the time is over.</returns>
    public async Task<PortalMark?> ShareMarkAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        for (var isTold = false; ; isTold = true)
        {
            if (PortalMark.Share(dataDirectory) is { } mark) return mark;
            if (Left <= TimeSpan.Zero) return null;
            if (!isTold) Tell(Path.Combine(dataDirectory, PortalMark.FileName), "the end of a restore");
            await clock.WaitAsync(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Tell(string file, string what)
    {
        var holders = FileHolders.Find(file);
        tell(holders.Count == 0 ? $"{what} {file}" : $"{what} {file}, which is open in {string.Join(", ", holders)}", (int)patience.TotalSeconds);
    }
}
