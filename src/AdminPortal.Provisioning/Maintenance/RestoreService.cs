using System.Globalization;
using AdminPortal.Domain;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Record;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>What a restore did.</summary>
/// <param name="Contents">What the database holds now.</param>
/// <param name="Kept">Where the database from before lies; null where there was none.</param>
/// <param name="IsOlder">Whether the next start will bring it up to date.</param>
/// <param name="NotNoted">Why the restore could not be noted; null where it was.</param>
public sealed record Restored(DatabaseContents Contents, string? Kept, bool IsOlder, string? NotNoted = null);

/// <summary>Puts a backup in the database's place, when it is proved that this version can work with it.</summary>
public sealed class RestoreService(IOptions<PortalOptions> options, IHostEnvironment environment, TimeProvider clock, IServiceProvider services)
{
    /// <summary>
    /// Copies the backup beside the database, checks the copy, keeps the former database under another name, and gives the
    /// copy the database's name in one step: whenever it is interrupted, the one or the other is in its place.
    /// </summary>
    /// <param name="file">The backup; it is read and not changed.</param>
    /// <param name="agree">Asked before anything is exchanged, with what the backup holds.</param>
    /// <param name="cancellationToken">Gives up before anything is exchanged.</param>
    /// <param name="askPassphrase">Asked where the backup is encrypted; null where nobody can be asked.</param>
    /// <exception cref="SchemaRefusedException">The backup is of a newer version. Nothing was changed.</exception>
    public async Task<Result<Restored>> RestoreAsync(
        string file, Func<DatabaseContents, Task<bool>> agree, CancellationToken cancellationToken, Func<Task<string?>>? askPassphrase = null)
    {
        var source = Path.GetFullPath(file);
        var dataDirectory = PortalDatabase.DataDirectory(options.Value, environment);
        var target = Path.Combine(dataDirectory, PortalDatabase.FileName);
        if (!File.Exists(source)) return new Problem(ProblemKind.NotFound, $"There is no file {source}.");
        if (source == Path.GetFullPath(target)) return new Problem(ProblemKind.Invalid, "That file is the database itself. Name a backup.");

        try
        {
            string? passphrase = null;
            var isEncrypted = EncryptedBackup.Is(source);
            if (isEncrypted && (askPassphrase is null || string.IsNullOrEmpty(passphrase = await askPassphrase().ConfigureAwait(false))))
                return new Problem(ProblemKind.Invalid, "The backup is encrypted. Say --passphrase to be asked for its passphrase, or --passphrase-file <file>. Nothing was changed.");
            if (!isEncrypted && !DatabaseFile.IsSqlite(source)) return new Problem(ProblemKind.Invalid, $"{source} is not a backup: it is not a SQLite database. Nothing was changed.");
            PortalDatabase.MakeDirectory(dataDirectory);
            using var mark = PortalMark.Alone(dataDirectory);
            if (mark is null) return new Problem(ProblemKind.NotNow, $"A portal runs with the data directory {dataDirectory}. Stop it, and every other one that uses this directory, and try again. Nothing was changed.");

            // Nobody else works in this directory, so that every temporary file in it is a leftover.
            _ = Leftovers.CleanUp(dataDirectory);
            using var temporary = TemporaryFiles.Open(dataDirectory);
            var copy = temporary.PathOf("restored.db");
            try
            {
                if (passphrase is not null)
                {
                    if (await Task.Run(() => EncryptedBackup.Decrypt(source, copy, passphrase), cancellationToken).ConfigureAwait(false) is { } closed)
                        return new Problem(ProblemKind.Invalid, $"{closed} Nothing was changed.");
                }
                else
                {
                    await Task.Run(() => DatabaseFile.Copy(source, copy), cancellationToken).ConfigureAwait(false);
                }

                var checkedCopy = await CheckAsync(copy, cancellationToken).ConfigureAwait(false);
                if (!checkedCopy.Succeeded) return checkedCopy.Problems.ToArray();
                var (contents, isOlder) = checkedCopy.Value;
                if (!await agree(contents).ConfigureAwait(false)) return new Problem(ProblemKind.NotNow, "Nothing was changed.");

                var placed = Place(copy, target);
                if (!placed.Succeeded) return placed.Problems.ToArray();
                var kept = placed.Value;
                return new Restored(contents, kept, isOlder, await AnchorAsync(target, source).ConfigureAwait(false));
            }
            finally
            {
                DatabaseFile.Discard(copy);
            }
        }
        catch (Exception exception) when (DatabaseFile.IsTrouble(exception))
        {
            return new Problem(ProblemKind.Refused, $"The restore did not succeed. {DatabaseFile.Explain(exception)} The database that was there is still in its place.");
        }
    }

    /// <summary>Gives the copy the database's name.</summary>
    /// <returns>The name under which the former database is kept; null if there was none.</returns>
    private Result<string?> Place(string copy, string target)
    {
        if (!File.Exists(target))
        {
            File.Move(copy, target);
            return (string?)null;
        }

        var kept = $"{target}.before-restore-{clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}";
        if (File.Exists(kept)) return new Problem(ProblemKind.NotNow, $"{kept} is there already. Wait a second and try again. Nothing was changed.");
        if (TakeInLog(target, kept) is { } problem) return problem;
        // The former file gets a second name first, and then the copy takes its place in one step.
        File.Replace(copy, target, kept);
        return kept;
    }

    // The signed note by which the next start knows that the older record was put there by this command.
    private async Task<string?> AnchorAsync(string target, string source)
    {
        var anchors = services.GetRequiredService<RecordAnchors>();
        try
        {
            _ = await anchors.WriteForAsync(target, AnchorReason.Restored, OutsideText.Clean(Path.GetFileName(source), 200), CancellationToken.None).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (DatabaseFile.IsTrouble(exception))
        {
            return $"The restore could not be noted beside the database or in {anchors.Directory ?? "the data directory"}: {DatabaseFile.Explain(exception)} "
                + "The next start will report that the record was replaced by an older one.";
        }
    }

    private async Task<Result<(DatabaseContents Contents, bool IsOlder)>> CheckAsync(string copy, CancellationToken cancellationToken)
    {
        await using var db = PortalDatabase.Open(DatabaseFile.Unpooled(copy));
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var connection = (SqliteConnection)db.Database.GetDbConnection();
        if (await Task.Run(() => DatabaseFile.FindDamage(connection), cancellationToken).ConfigureAwait(false) is { } damage)
            return new Problem(ProblemKind.Invalid, $"The backup is damaged, SQLite's integrity check says: {damage}. Nothing was changed. Take another backup.");

        var schema = SchemaCheck.Examine(db);
        if (schema.State is SchemaState.New or SchemaState.Foreign) return new Problem(ProblemKind.Invalid, "The file is a SQLite database, but not one of AdminPortal's. Nothing was changed.");
        if (schema.Refusal is { } refusal) throw new SchemaRefusedException($"The backup cannot be restored with this version. {refusal}");

        // Only what is up to date can be read as this version reads it; an older one is looked at as far as its key ring goes.
        var isOlder = schema.State == SchemaState.Older;
        if (!isOlder || await CanReadAsync(db, cancellationToken).ConfigureAwait(false))
        {
            var state = await KeyRingGuard.ExamineAsync(db, options.Value.KeyRing, cancellationToken).ConfigureAwait(false);
            if (KeyRingGuard.Sentence(state) is { } sentence)
                return new Problem(ProblemKind.Invalid, $"{sentence.Replace("database", "backup", StringComparison.Ordinal)} Set Portal:KeyRing:CertificatePath to the certificate of the time when it was made, or Portal:KeyRing:PreviousCertificatePath in addition. Nothing was changed.");
        }

        return (await DatabaseFile.CountAsync(copy, cancellationToken).ConfigureAwait(false), isOlder);
    }

    private static async Task<bool> CanReadAsync(PortalDb db, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in StoredSecrets.ReadAllAsync(db, cancellationToken).ConfigureAwait(false)) break;
            return true;
        }
        catch (SqliteException)
        {
            // A column of later times is missing.
            return false;
        }
    }

    // Leaving the write-ahead log needs the file alone: it proves that nobody else has it open, and takes in what is in the log.
    private static Problem? TakeInLog(string target, string kept)
    {
        try
        {
            using var connection = new SqliteConnection(DatabaseFile.Unpooled(target));
            connection.Open();
            DatabaseFile.Run(connection, "PRAGMA busy_timeout = 2000");
            using var command = connection.CreateCommand();
            command.CommandTimeout = 2;
            command.CommandText = "PRAGMA journal_mode = DELETE";
            if (command.ExecuteScalar() is "delete") return null;
            return new Problem(ProblemKind.NotNow, "Something has the database open. Stop every portal and every other program that uses it, and try again. Nothing was changed.");
        }
        catch (SqliteException exception) when (StorageProblems.Find(exception) == StorageProblem.Locked)
        {
            return new Problem(ProblemKind.NotNow, "Something has the database open. Stop every portal and every other program that uses it, and try again. Nothing was changed.");
        }
        catch (SqliteException exception) when (StorageProblems.Find(exception) == StorageProblem.Corrupt)
        {
            // Damaged, it is kept as it is, with its log under the same new name.
            foreach (var suffix in new[] { "-wal", "-shm" })
            {
                if (File.Exists(target + suffix)) File.Move(target + suffix, kept + suffix);
            }

            return null;
        }
    }
}
