using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace AdminPortal.Provisioning.Storage;

/// <summary>Where the database lies and how it is opened.</summary>
public static class PortalDatabase
{
    /// <summary>The assembly with SQLite's migrations.</summary>
    public const string SqliteMigrations = "AdminPortal.Migrations.Sqlite";

    /// <summary>What each connection is told when it is opened: how much of the file it keeps, and that it sorts in memory.</summary>
    public const string ConnectionSettings = "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY";

    private const string FileName = "portal.db";

    /// <summary>The data directory: the configured one, or one under the user's local application data.</summary>
    /// <exception cref="InvalidOperationException">Neither is known.</exception>
    public static string DataDirectory(PortalOptions options, IHostEnvironment environment)
    {
        if (options.DataDirectory.Length > 0) return options.DataDirectory;
        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        if (local.Length == 0)
            throw new InvalidOperationException("There is no folder for local application data here. Set Portal:DataDirectory to an absolute path.");
        return Path.Combine(local, environment.IsProduction() ? "AdminPortal" : $"AdminPortal-{environment.EnvironmentName}");
    }

    /// <summary>The connection string of the database in a data directory.</summary>
    public static string ConnectionString(string dataDirectory) => new SqliteConnectionStringBuilder
    {
        DataSource = Path.Combine(dataDirectory, FileName),
        DefaultTimeout = 5,
        Pooling = true,
    }.ConnectionString;

    /// <summary>Tells EF Core to use SQLite with this project's migrations.</summary>
    public static DbContextOptionsBuilder UsePortalSqlite(this DbContextOptionsBuilder builder, string connectionString) =>
        builder.UseSqlite(connectionString, sqlite => sqlite.MigrationsAssembly(SqliteMigrations)).AddInterceptors(SqliteTuning.Instance);

    /// <summary>Makes the data directory (readable by its owner alone) and brings the database up to date.</summary>
    public static async Task PrepareAsync(IDbContextFactory<PortalDb> databases, string dataDirectory, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(dataDirectory);
        else
            Directory.CreateDirectory(dataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await DatabaseUpgrade.RunAsync(db, dataDirectory, cancellationToken).ConfigureAwait(false);
        // WAL lets readers go on while a writer commits; the setting stays in the file.
        await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellationToken).ConfigureAwait(false);
    }
}
