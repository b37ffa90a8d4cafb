using AdminPortal.Domain.Maintenance;
using AdminPortal.Domain.Settings;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AdminPortal.Storage;

/// <summary>Where the database lies and how it is opened.</summary>
public static class PortalDatabase
{
    /// <summary>The assembly with SQLite's migrations.</summary>
    public const string SqliteMigrations = "AdminPortal.Storage.Sqlite";

    /// <summary>
    /// What each connection is told when it is opened: how much of the file it keeps, that it sorts in memory, and that it
    /// waits for another writer within SQLite, which looks again after a millisecond; the provider would wait 150.
    /// </summary>
    public const string ConnectionSettings = "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; PRAGMA busy_timeout = 5000";

    // EF Core's events for what can fail on the way to the file and back.
    private static readonly HashSet<int> Failures =
    [
        RelationalEventId.ConnectionError.Id, RelationalEventId.CommandError.Id, RelationalEventId.TransactionError.Id,
        CoreEventId.QueryIterationFailed.Id, CoreEventId.SaveChangesFailed.Id,
    ];

    /// <summary>The database's name within the data directory.</summary>
    public const string FileName = "portal.db";

    /// <summary>The data directory: the configured one, or one under the user's local application data.</summary>
    /// <exception cref="OptionsValidationException">Neither is known, or a setting is wrong.</exception>
    public static string DataDirectory(PortalOptions options, IHostEnvironment environment)
    {
        if (options.DataDirectory.Length > 0) return options.DataDirectory;
        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        if (local.Length == 0)
            throw new OptionsValidationException(PortalOptions.SectionName, typeof(PortalOptions), ["There is no folder for local application data here. Set Portal:DataDirectory to an absolute path."]);
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
    /// <param name="builder">The options of the context.</param>
    /// <param name="connectionString">The database.</param>
    /// <param name="watch">Told of every statement that fails because of damage; null where nobody asks.</param>
    public static DbContextOptionsBuilder UsePortalSqlite(this DbContextOptionsBuilder builder, string connectionString, DamageWatch? watch = null)
    {
        _ = builder.UseSqlite(connectionString, sqlite => sqlite.MigrationsAssembly(SqliteMigrations)).AddInterceptors(SqliteTuning.Instance);
        return watch is null ? builder : builder.LogTo((id, _) => Failures.Contains(id.Id), data => watch.Report((data as IErrorEventData)?.Exception));
    }

    /// <summary>Makes the data directory (readable by its owner alone) and brings the database up to date.</summary>
    /// <exception cref="SchemaRefusedException">The database is of a newer or another program. Nothing was written.</exception>
    /// <exception cref="DatabaseLockedException">Another process upgrades the database for longer than <paramref name="wait"/> allows.</exception>
    public static async Task PrepareAsync(
        IDbContextFactory<PortalDb> databases, string dataDirectory, CancellationToken cancellationToken, StorageWait? wait = null)
    {
        MakeDirectory(dataDirectory);
        var file = Path.Combine(dataDirectory, FileName);
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (File.Exists(file)) _ = SchemaCheck.Examine(db).ThrowIfRefused();
        KeepToOwner(file);
        if (db.HasTable("Activity") && !db.HasTable("ActivityHead")) await NoteBeforeChainAsync(db, true, cancellationToken).ConfigureAwait(false);
        await DatabaseUpgrade.RunAsync(db, dataDirectory, wait, cancellationToken).ConfigureAwait(false);
        // WAL lets readers go on while a writer commits; the setting stays in the file.
        await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes one row: it shows whether the database can be written, and that this state of it is newer than the ones before.
    /// The value grows with each write, whatever the clock says.
    /// </summary>
    public static async Task WriteMarkAsync(PortalDb db, DateTimeOffset now, CancellationToken cancellationToken) => _ = await db.Database.ExecuteSqlAsync(
        $"""
         INSERT INTO "StorageMark" ("Id", "WrittenAt") VALUES ({StorageMark.OnlyId}, {now.UtcTicks})
         ON CONFLICT ("Id") DO UPDATE SET "WrittenAt" = MAX("WrittenAt" + 1, excluded."WrittenAt")
         """,
        cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Notes in the file's header, before the migrations, that the activity record has no chain yet. A start that is
    /// interrupted goes on with it; the start step that chains the record removes the note.
    /// </summary>
    internal static Task NoteBeforeChainAsync(PortalDb db, bool isBeforeChain, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlRawAsync(isBeforeChain ? "PRAGMA user_version = 1" : "PRAGMA user_version = 0", cancellationToken);

    /// <summary>What <see cref="NoteBeforeChainAsync"/> noted.</summary>
    internal static bool IsBeforeChain(PortalDb db) => db.Rows("PRAGMA user_version", row => row.GetInt64(0)).Single() == 1;

    /// <summary>The value of <see cref="WriteMarkAsync"/>'s row, which orders the states of one database; null where there is none.</summary>
    internal static long? ReadGeneration(PortalDb db) =>
        db.Rows("SELECT \"WrittenAt\" FROM \"StorageMark\" WHERE \"Id\" = 1", row => row.GetValue(0) as long?).SingleOrDefault();

    /// <summary>Checks that this program may open the database of a data directory, and writes nothing.</summary>
    /// <returns>Whether the database is of this program's level; null where there is none.</returns>
    /// <exception cref="SchemaRefusedException">The database is of a newer or another program.</exception>
    public static async Task<bool?> CheckVersionAsync(IDbContextFactory<PortalDb> databases, string dataDirectory, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(dataDirectory, FileName))) return null;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return SchemaCheck.Examine(db).ThrowIfRefused().State is SchemaState.Current or SchemaState.NewerAllowed;
    }

    /// <summary>Makes a directory that its owner alone may look into, where there is none.</summary>
    public static void MakeDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>A context on a connection, which stays the caller's.</summary>
    internal static PortalDb Open(SqliteConnection connection) =>
        new((DbContextOptions<PortalDb>)new DbContextOptionsBuilder<PortalDb>().UseSqlite(connection, sqlite => sqlite.MigrationsAssembly(SqliteMigrations)).Options);

    /// <summary>A context on any database file, by its path.</summary>
    internal static PortalDb Open(string connectionString) =>
        new((DbContextOptions<PortalDb>)new DbContextOptionsBuilder<PortalDb>().UsePortalSqlite(connectionString).Options);

    // SQLite makes its other files with the same rights. An empty file is a database without tables.
    private static void KeepToOwner(string file)
    {
        if (OperatingSystem.IsWindows()) return;
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (File.Exists(file))
        {
            // Somebody else's file is left as it is: doctor tells of it.
            try
            {
                if ((File.GetUnixFileMode(file) & ~owner) != 0) File.SetUnixFileMode(file, owner);
            }
            catch (UnauthorizedAccessException)
            {
            }
        }
        else
        {
            // Another portal that starts at the same moment may have made it just now, in the same way.
            using var created = new FileStream(file, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, UnixCreateMode = owner });
        }
    }
}
