using AdminPortal.Provisioning.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>Copies the database while portals work with it.</summary>
public sealed class BackupService(IOptions<PortalOptions> options, IHostEnvironment environment)
{
    private const string ClearName = "backup-in-the-clear.";

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

        var partial = $"{target}.{Guid.NewGuid():N}.partial";
        // In the clear it lies beside the database alone, which is no more and no less than it.
        var clear = passphrase is null ? partial : Path.Combine(dataDirectory, $"{ClearName}{Guid.NewGuid():N}");
        try
        {
            // A restore must not exchange the file underneath; where the mark cannot be held, nobody else holds it alone either.
            using var mark = Hold(dataDirectory);
            if (mark is null && File.Exists(Path.Combine(dataDirectory, PortalMark.FileName))) return new Problem(ProblemKind.NotNow, "A restore is under way in the data directory. Try again when it has ended.");

            if (passphrase is not null) RemoveLeftOver(dataDirectory);
            await Task.Run(() => DatabaseFile.Copy(source, clear), cancellationToken).ConfigureAwait(false);
            if (await Task.Run(() => FindDamage(clear), cancellationToken).ConfigureAwait(false) is { } damage)
                return new Problem(ProblemKind.Refused, $"The copy does not pass SQLite's integrity check, and so the database itself is damaged: {damage}. Nothing was kept. Restore an earlier backup.");

            var contents = await DatabaseFile.CountAsync(clear, cancellationToken).ConfigureAwait(false);
            if (passphrase is not null) await Task.Run(() => EncryptedBackup.Encrypt(clear, partial, passphrase), cancellationToken).ConfigureAwait(false);
            File.Move(partial, target, overwrite);
            return contents;
        }
        catch (Exception exception) when (DatabaseFile.IsTrouble(exception))
        {
            return new Problem(ProblemKind.Refused, $"The backup could not be made. {DatabaseFile.Explain(exception)}");
        }
        finally
        {
            DatabaseFile.Discard(partial);
            DatabaseFile.Discard(clear);
        }
    }

    // A process that was killed while it encrypted has left its copy behind; one that is at it now is younger.
    private static void RemoveLeftOver(string dataDirectory)
    {
        foreach (var file in Directory.EnumerateFiles(dataDirectory, ClearName + "*").Where(file => TimeProvider.System.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(file) > TimeSpan.FromHours(6)).ToList())
            DatabaseFile.Discard(file);
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

    private static string? FindDamage(string file)
    {
        using var connection = new SqliteConnection(DatabaseFile.Unpooled(file));
        connection.Open();
        return DatabaseFile.FindDamage(connection);
    }
}
