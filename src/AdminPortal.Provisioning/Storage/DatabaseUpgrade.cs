using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace AdminPortal.Provisioning.Storage;

/// <summary>
/// Brings a database up to date, one process at a time. EF Core's own lock is a row, which a process that is killed leaves
/// behind, and every later one waits for it for ever and without a word. The lock here is the operating system's and ends
/// with its process; under it, a row that is there is known to be left over.
/// </summary>
internal static class DatabaseUpgrade
{
    private const string LockFile = "upgrade.lock";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>The ids of this program's migrations.</summary>
    internal static IReadOnlySet<string> Known { get; } = Assembly.Load(PortalDatabase.SqliteMigrations).GetTypes()
        .Select(type => type.GetCustomAttribute<MigrationAttribute>()).OfType<MigrationAttribute>().Select(migration => migration.Id).ToHashSet(StringComparer.Ordinal);

    /// <summary>Checks that this program may open the database, and brings it to this program's level.</summary>
    /// <exception cref="SchemaRefusedException">The database is of a newer or another program. Nothing was written.</exception>
    public static async Task RunAsync(PortalDb db, string dataDirectory, CancellationToken cancellationToken)
    {
        if (!IsUpgradeNeeded(db)) return;

        var alone = await LockAsync(dataDirectory, Patience, cancellationToken).ConfigureAwait(false);
        await using (alone.ConfigureAwait(false))
        {
            // Another process may have upgraded the database while this one waited.
            if (!IsUpgradeNeeded(db)) return;
            // Declared first: where this process is killed between two migrations, older programs stay out.
            await SchemaDeclaration.Own.RaiseAsync(db, cancellationToken).ConfigureAwait(false);
            await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken).ConfigureAwait(false);
            await db.Database.MigrateAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // EF Core's own answer needs all that migrating needs, which is a seventh of a start.
    private static bool IsUpgradeNeeded(PortalDb db) => SchemaCheck.Examine(db).ThrowIfRefused().State is SchemaState.New or SchemaState.Older;

    /// <summary>Waits until no other process upgrades the database. Disposing of the result, or the end of the process, lets the next one in.</summary>
    internal static async Task<FileStream> LockAsync(string dataDirectory, TimeSpan patience, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        for (var waited = TimeSpan.Zero; ; waited += Look)
        {
            try
            {
                return new FileStream(Path.Combine(dataDirectory, LockFile), options);
            }
            catch (IOException exception) when (PortalMark.IsHeld(exception) && waited < patience)
            {
                await TimeProvider.System.WaitAsync(Look, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
