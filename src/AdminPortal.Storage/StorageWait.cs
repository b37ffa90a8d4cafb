using AdminPortal.Domain;
using Microsoft.Data.Sqlite;

namespace AdminPortal.Storage;

/// <summary>
/// Waits for what another program holds. SQLite waits five seconds for a lock within one statement; this repeats the work until the time is
/// over. Only waiting counts: the time that the work itself takes, for example an upgrade, does not.
/// </summary>
/// <param name="patience">How long is waited in all; zero for a single try.</param>
/// <param name="clock">The time.</param>
/// <param name="tell">Told once for each wait what is waited for, and for how many seconds at most.</param>
public sealed class StorageWait(TimeSpan patience, TimeProvider clock, Action<string, int> tell)
{
    /// <summary>How long is waited where the command line does not say.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    // What SQLite waits for a lock within one statement: see PortalDatabase.ConnectionString.
    private static readonly TimeSpan StatementTimeout = TimeSpan.FromSeconds(5);

    private TimeSpan _waited;

    private bool IsOver => _waited >= patience;

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
            var since = clock.GetTimestamp();
            try
            {
                if (File.Exists(file)) TryLock(file, writes);
                since = clock.GetTimestamp();
                return await work().ConfigureAwait(false);
            }
            // HoldAsync has told of its lock and waited for it.
            catch (Exception exception) when (patience > TimeSpan.Zero && exception is not DatabaseLockedException
                && StorageProblems.Find(exception) == StorageProblem.Locked)
            {
                // All of the try before the work was waiting, and of the work its last statement.
                var tried = clock.GetElapsedTime(since);
                _waited += tried < StatementTimeout ? tried : StatementTimeout;
                if (!isTold) Tell(file, "the lock on the database");
                if (IsOver) throw;
                await PauseAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits for the lock of the operating system on a file, and holds it.</summary>
    /// <param name="file">The file; it is created where it is missing.</param>
    /// <param name="what">What is waited for, before the file's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DatabaseLockedException">The time is over.</exception>
    internal async Task<FileStream> HoldAsync(string file, string what, CancellationToken cancellationToken)
    {
        for (var isTold = false; ; isTold = true)
        {
            try
            {
                return OwnerOnlyFile.Open(file, FileMode.OpenOrCreate, FileAccess.ReadWrite);
            }
            catch (IOException exception) when (PortalMark.IsHeld(exception))
            {
                if (!isTold && patience > TimeSpan.Zero) Tell(file, what);
                if (IsOver) throw new DatabaseLockedException($"The lock {file} is held by another process.");
            }

            await PauseAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        await clock.WaitAsync(Pause, cancellationToken).ConfigureAwait(false);
        _waited += Pause;
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
            if (IsOver) return null;
            if (!isTold) Tell(Path.Combine(dataDirectory, PortalMark.FileName), "the end of a restore");
            await PauseAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Tell(string file, string what)
    {
        var holders = FileHolders.Find(file);
        tell(holders.Count == 0 ? $"{what} {file}" : $"{what} {file}, which is open in {string.Join(", ", holders)}", (int)patience.TotalSeconds);
    }
}
