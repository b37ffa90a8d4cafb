using AdminPortal.Domain.Settings;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AdminPortal.Storage;

/// <summary>Checks the tables for damage: all of a small database at start, and every table again and again while the portal runs.</summary>
public sealed class DamageChecks(IOptions<PortalOptions> options, IHostEnvironment environment, DamageWatch watch)
{
    /// <summary>Up to this size the whole database is checked at start; that takes a few tenths of a second.</summary>
    internal const long WholeAtStart = 128L * 1024 * 1024;

    // What a start and every sign-in read, checked at start whatever the size.
    private static readonly string[] AlwaysAtStart =
        ["sqlite_schema", "__EFMigrationsHistory", SchemaDeclaration.Table, "AspNetUsers", "KeyRing", "KeyRingCanary", "StorageMark", "ActivityHead", "Accounts", "ProviderApps"];

    private string File => Path.Combine(PortalDatabase.DataDirectory(options.Value, environment), PortalDatabase.FileName);

    /// <summary>Checks at start, where there is a database.</summary>
    /// <exception cref="DatabaseDamagedException">With the first finding.</exception>
    public void CheckAtStart()
    {
        if (!System.IO.File.Exists(File)) return;
        using var connection = Open();
        var isWhole = new FileInfo(File).Length <= WholeAtStart;
        foreach (var table in TableDamage.Tables(connection).Where(table => isWhole || AlwaysAtStart.Contains(table, StringComparer.Ordinal)))
        {
            if (TableDamage.Find(connection, table) is { } found) throw new DatabaseDamagedException(table, found);
        }
    }

    /// <summary>Checks every table once and tells <see cref="DamageWatch"/> what it found.</summary>
    /// <param name="pauseAsync">Awaited after each table, with the number of tables; the connection is closed meanwhile.</param>
    /// <param name="cancellationToken">Ends the check without a result.</param>
    internal async Task RunAsync(Func<int, Task> pauseAsync, CancellationToken cancellationToken)
    {
        var signs = watch.Signs;
        var tables = Read(TableDamage.Tables);
        var isSound = true;
        foreach (var table in tables)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Read(connection => TableDamage.Find(connection, table)) is { } found)
            {
                watch.Report(table, found);
                isSound = false;
            }

            await pauseAsync(tables.Count).ConfigureAwait(false);
        }

        if (isSound) watch.Pass(signs);
    }

    private T Read<T>(Func<SqliteConnection, T> read)
    {
        using var connection = Open();
        return read(connection);
    }

    // A connection of its own: what the check reads does not push the portal's pages out of its connections' memory.
    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = File, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 5 }.ConnectionString);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA query_only = ON";
            _ = command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
