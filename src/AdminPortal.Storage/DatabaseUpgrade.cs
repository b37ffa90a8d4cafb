using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace AdminPortal.Storage;

/// <summary>
/// Brings a database up to date, one process at a time. EF Core's own lock is a row: a killed process leaves it behind, and every later
/// process waits for it without end and without a message. The lock here belongs to the operating system and ends with its process. The
/// process that holds it removes EF Core's row.
/// </summary>
internal static class DatabaseUpgrade
{
    private const string LockFile = "upgrade.lock";

    /// <summary>The ids of this program's migrations.</summary>
    internal static IReadOnlySet<string> Known { get; } = Assembly.Load(PortalDatabase.SqliteMigrations).GetTypes()
        .Select(type => type.GetCustomAttribute<MigrationAttribute>()).OfType<MigrationAttribute>().Select(migration => migration.Id).ToHashSet(StringComparer.Ordinal);

    /// <summary>Checks that this program may open the database, and brings it to this program's level.</summary>
    /// <exception cref="SchemaRefusedException">The database is of a newer or another program. Nothing was written.</exception>
    /// <exception cref="DatabaseLockedException">Another process upgrades the database for longer than allowed.</exception>
    public static async Task RunAsync(PortalDb db, string dataDirectory, StorageWait? wait, CancellationToken cancellationToken)
    {
        if (!IsUpgradeNeeded(db)) return;

        var alone = await LockAsync(dataDirectory, wait, cancellationToken).ConfigureAwait(false);
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
    /// <param name="dataDirectory">Where the database is.</param>
    /// <param name="wait">How long to wait, and who is told; null for <see cref="StorageWait.Usual"/> and nobody.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DatabaseLockedException">The time is over.</exception>
    internal static Task<FileStream> LockAsync(string dataDirectory, StorageWait? wait, CancellationToken cancellationToken) =>
        (wait ?? new StorageWait(StorageWait.Usual, TimeProvider.System, (_, _) => { }))
            .HoldAsync(
                Path.Combine(dataDirectory, LockFile), "the upgrade of the database by another process, with the lock", cancellationToken);
}
