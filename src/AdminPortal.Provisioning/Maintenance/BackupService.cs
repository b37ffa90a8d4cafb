using AdminPortal.Domain;
using AdminPortal.Domain.Settings;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>Copies the database while portals work with it.</summary>
public sealed class BackupService(IOptions<PortalOptions> options, IHostEnvironment environment)
{
    // How long an encrypted backup waits for older readers to finish.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Writes a backup: complete and checked when it has its name, and not there at all otherwise.</summary>
    /// <param name="file">Where to.</param>
    /// <param name="overwrite">Whether a file that is there may be replaced.</param>
    /// <param name="cancellationToken">Gives up between the steps.</param>
    /// <param name="passphrase">What it is encrypted with; null for a backup that is a database as it is.</param>
    public async Task<Result<DatabaseContents>> WriteAsync(string file, bool overwrite, CancellationToken cancellationToken, string? passphrase = null)
    {
        if (passphrase is not null && BackupPassphrase.FindFault(passphrase) is { } fault) return new Problem(ProblemKind.Invalid, fault);
        var target = Path.GetFullPath(file);
        var dataDirectory = PortalDatabase.DataDirectory(options.Value, environment);
        var source = Path.Combine(dataDirectory, PortalDatabase.FileName);
        if (!File.Exists(source)) return new Problem(ProblemKind.NotFound, $"There is no database in {dataDirectory}. Set Portal:DataDirectory to the one that the portal uses.");
        if (target == Path.GetFullPath(source)) return new Problem(ProblemKind.Invalid, "The backup cannot lie where the database itself lies. Name another file.");
        if (Directory.Exists(target)) return new Problem(ProblemKind.Invalid, $"{target} is a directory. Name the file that the backup shall be.");
        if (!Directory.Exists(Path.GetDirectoryName(target))) return new Problem(ProblemKind.Invalid, $"The directory {Path.GetDirectoryName(target)} is not there. Create it, or name another one.");
        if (!overwrite && File.Exists(target)) return new Problem(ProblemKind.NotNow, $"{target} is there already, and was left as it is. Name another file, or say --force to replace it.");

        try
        {
            // The mark keeps a restore from replacing the file meanwhile. A mark that cannot be opened cannot be held by a restore either.
            using var mark = Hold(dataDirectory);
            if (mark is null && File.Exists(Path.Combine(dataDirectory, PortalMark.FileName))) return new Problem(ProblemKind.NotNow, "A restore is under way in the data directory. Try again when it has ended.");

            using var temporary = OpenTemporary(dataDirectory);
            var unfinished = temporary?.PlaceFor(target) ?? TemporaryFiles.UnfinishedBeside(target);
            try
            {
                var made = passphrase is null
                    ? await CopyAsync(source, unfinished, cancellationToken).ConfigureAwait(false)
                    : await EncryptAsync(source, unfinished, passphrase, cancellationToken).ConfigureAwait(false);
                if (made.Succeeded) TemporaryFiles.Publish(unfinished, target, overwrite);
                return made;
            }
            finally
            {
                DatabaseFile.Discard(unfinished);
            }
        }
        catch (Exception exception) when (DatabaseFile.IsTrouble(exception))
        {
            return new Problem(ProblemKind.Refused, $"The backup could not be made. {DatabaseFile.Explain(exception)}");
        }
    }

    private static async Task<Result<DatabaseContents>> CopyAsync(string source, string unfinished, CancellationToken cancellationToken)
    {
        await Task.Run(() => DatabaseFile.Copy(source, unfinished), cancellationToken).ConfigureAwait(false);
        await using var copy = new SqliteConnection(DatabaseFile.Unpooled(unfinished));
        copy.Open();
        return await ExamineAsync(copy, new FileInfo(unfinished).Length, cancellationToken).ConfigureAwait(false);
    }

    // Never write plain text to disk: read pages from the database, check them, encrypt, and compare.
    private static async Task<Result<DatabaseContents>> EncryptAsync(string source, string unfinished, string passphrase, CancellationToken cancellationToken)
    {
        await using var pages = await DatabasePages.OpenAsync(source, Patience, cancellationToken).ConfigureAwait(false);
        var contents = await ExamineAsync(pages.Connection, pages.Length, cancellationToken).ConfigureAwait(false);
        if (!contents.Succeeded) return contents;
        await Task.Run(() => EncryptedBackup.Encrypt(pages, unfinished, passphrase), cancellationToken).ConfigureAwait(false);
        var fault = await Task.Run(() => EncryptedBackup.Verify(unfinished, passphrase, pages.Hash()), cancellationToken).ConfigureAwait(false);
        return fault is null ? contents : new Problem(ProblemKind.Refused, $"The encrypted backup was read again and is not what was written. {fault} Nothing was kept. Check the disk and try again.");
    }

    private static async Task<Result<DatabaseContents>> ExamineAsync(SqliteConnection connection, long length, CancellationToken cancellationToken)
    {
        if (await Task.Run(() => DatabaseFile.FindDamage(connection), cancellationToken).ConfigureAwait(false) is { } damage)
            return new Problem(ProblemKind.Refused, $"The copy does not pass SQLite's integrity check, and so the database itself is damaged: {damage}. Nothing was kept. Restore an earlier backup.");
        return await DatabaseFile.CountAsync(connection, length, cancellationToken).ConfigureAwait(false);
    }

    // The data directory may be on a full or read-only disk. A backup to another disk must still be possible then.
    private TemporaryFiles? OpenTemporary(string dataDirectory)
    {
        try
        {
            _ = Leftovers.CleanUp(dataDirectory, options.Value.Backup.Directory);
            return TemporaryFiles.Open(dataDirectory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static PortalMark? Hold(string dataDirectory)
    {
        try
        {
            return PortalMark.Share(dataDirectory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
