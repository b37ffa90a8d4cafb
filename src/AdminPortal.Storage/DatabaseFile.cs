using System.Globalization;
using AdminPortal.Domain.Text;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Storage;

/// <summary>What copying and examining a database file have in common.</summary>
internal static class DatabaseFile
{
    private static readonly byte[] Header = "SQLite format 3\0"u8.ToArray();

    /// <summary>A connection string that keeps no connection open behind the caller's back.</summary>
    public static string Unpooled(string file, SqliteOpenMode mode = SqliteOpenMode.ReadWrite) => new SqliteConnectionStringBuilder
    {
        DataSource = file,
        Mode = mode,
        Pooling = false,
        DefaultTimeout = 10,
    }.ConnectionString;

    /// <summary>Whether a file begins as SQLite's files do.</summary>
    public static bool IsSqlite(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var begin = new byte[Header.Length];
        return stream.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false) == begin.Length && begin.AsSpan().SequenceEqual(Header);
    }

    /// <summary>
    /// Copies a database as it stands at one moment, while others go on writing to it. The copy is one file without a log
    /// beside it, readable by its owner alone, and on the disk when this returns.
    /// </summary>
    public static void Copy(string source, string target)
    {
        using (OwnerOnlyFile.Open(target, FileMode.CreateNew))
        {
            // Created before SQLite opens it, so that other users can never read it.
        }

        using (var from = new SqliteConnection(Unpooled(source)))
        using (var to = new SqliteConnection(Unpooled(target)))
        {
            from.Open();
            to.Open();
            from.BackupDatabase(to);
            Run(to, "PRAGMA journal_mode = DELETE");
        }

        using var written = new FileStream(target, FileMode.Open, FileAccess.ReadWrite);
        written.Flush(flushToDisk: true);
    }

    /// <summary>SQLite's own check of every page.</summary>
    /// <returns>What it found, shortened; null when all is well.</returns>
    public static string? FindDamage(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check(3)";
        List<string> lines = [];
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read()) lines.Add(reader.GetString(0));
        }

        return lines is ["ok"] ? null : OutsideText.Clean(string.Join("; ", lines), 300);
    }

    /// <summary>How many rows point to a row that is not there.</summary>
    public static int CountDangling(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM pragma_foreign_key_check";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// <summary>Removes a copy that was not completed, with the files that SQLite may have created beside it.</summary>
    public static void Discard(string file)
    {
        foreach (var path in WithCompanions(file))
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The next start or backup tries again: see Leftovers.
            }
        }
    }

    /// <summary>A database file, and the files that SQLite may have created beside it.</summary>
    public static IEnumerable<string> WithCompanions(string file) => [file, file + "-journal", file + "-wal", file + "-shm"];

    public static void Run(SqliteConnection connection, string pragma)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The pragmas are constants.
        command.CommandText = pragma;
#pragma warning restore CA2100
        _ = command.ExecuteNonQuery();
    }

    /// <summary>What is in a database, counted.</summary>
    public static async Task<DatabaseContents> CountAsync(string file, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection(Unpooled(file));
        return await CountAsync(connection, new FileInfo(file).Length, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same, on a connection that may be open and in a transaction.</summary>
    public static async Task<DatabaseContents> CountAsync(SqliteConnection connection, long length, CancellationToken cancellationToken)
    {
        await using var db = PortalDatabase.Open(connection);
        var applied = (await db.Database.GetAppliedMigrationsAsync(cancellationToken).ConfigureAwait(false)).ToList();
        return new DatabaseContents(
            await db.Users.CountAsync(cancellationToken).ConfigureAwait(false),
            await db.Accounts.CountAsync(cancellationToken).ConfigureAwait(false),
            await db.ProviderApps.CountAsync(cancellationToken).ConfigureAwait(false),
            await db.Instances.CountAsync(cancellationToken).ConfigureAwait(false),
            await db.Attempts.CountAsync(cancellationToken).ConfigureAwait(false),
            length,
            applied.Count == 0 ? "" : applied[^1]);
    }

    /// <summary>A trouble of files or of SQLite in one sentence.</summary>
    public static string Explain(Exception exception) => StorageProblems.Find(exception) switch
    {
        StorageProblem.Full => "There is no room left on the disk.",
        StorageProblem.ReadOnly => "The file or its directory may not be written.",
        StorageProblem.Locked => "Another program holds the database.",
        StorageProblem.Corrupt => "The file is damaged, or it is not a database.",
        StorageProblem.NotOpened => "The file cannot be opened.",
        StorageProblem.Other => "The disk or the file system answered with an error.",
        _ => exception is UnauthorizedAccessException ? "The right to do that is missing." : exception.Message,
    };

    /// <summary>Whether an exception tells of files or of SQLite, and not of a bug.</summary>
    public static bool IsTrouble(Exception exception) => exception is IOException or UnauthorizedAccessException or SqliteException || StorageProblems.Find(exception) is not null;
}

/// <summary>What is in a database.</summary>
/// <param name="People">People who can sign in.</param>
/// <param name="Accounts">Platform accounts.</param>
/// <param name="Apps">Provider apps.</param>
/// <param name="Instances">Instances.</param>
/// <param name="Attempts">Attempts.</param>
/// <param name="Bytes">The file's length.</param>
/// <param name="Migration">The last migration that it has.</param>
public sealed record DatabaseContents(int People, int Accounts, int Apps, int Instances, int Attempts, long Bytes, string Migration)
{
    /// <inheritdoc />
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Accounts} platform accounts, {Apps} provider apps, {Instances} instances, {Attempts} attempts, {People} people who can sign in; {Bytes / 1024.0 / 1024.0:0.0} MiB");
}
