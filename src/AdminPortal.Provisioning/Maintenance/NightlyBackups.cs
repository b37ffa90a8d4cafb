using System.Globalization;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Record;
using AdminPortal.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>The backup of every night: made once, however many portals there are, and kept for some days.</summary>
internal sealed class NightlyBackups(BackupService backups, AnchorWriter anchors, IOptions<PortalOptions> options, TimeProvider clock, ILogger<NightlyBackups> logger) : IScheduledTask
{
    /// <summary>How long after a failure it is tried again.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromHours(1);

    private const string Prefix = "portal-";
    private const string Suffix = ".db";
    private const string TimeForm = "yyyyMMdd-HHmmss";
    private static readonly TimeSpan Busy = TimeSpan.FromMinutes(1);

    /// <summary>Makes the backup that is due, if one is.</summary>
    /// <returns>When to look again; null where none are made.</returns>
    public async Task<DateTimeOffset?> RunAsync(CancellationToken cancellationToken)
    {
        var settings = options.Value.Backup;
        if (settings.Directory.Length == 0) return null;

        var now = clock.GetUtcNow();
        var due = new DateTimeOffset(now.UtcDateTime.Date + settings.At.ToTimeSpan(), TimeSpan.Zero);
        if (due > now) due = due.AddDays(-1);
        var next = due.AddDays(1);
        try
        {
            PortalDatabase.MakeDirectory(settings.Directory);
            using var turn = TakeTurn(settings.Directory);
            if (turn is null) return now + Busy;

            var passphrase = BackupPassphrase.Find(settings);
            var file = Path.Combine(settings.Directory, NameOf(due) + (passphrase is null ? Suffix : EncryptedBackup.Extension));
            if (Own(settings.Directory).Any(own => own.At == due)) return next;
            var made = await backups.WriteAsync(file, overwrite: false, cancellationToken, passphrase).ConfigureAwait(false);
            if (made.Succeeded)
            {
                MaintenanceLog.BackedUp(logger, file, made.Value.ToString());
                await anchors.WriteAsync(AnchorReason.Backup, cancellationToken).ConfigureAwait(false);
                RemoveOld(settings, now);
                return next;
            }

            MaintenanceLog.BackupFailed(logger, made.Problems[0].Message);
        }
        catch (Exception exception) when (DatabaseFile.IsTrouble(exception))
        {
            MaintenanceLog.BackupFailed(logger, DatabaseFile.Explain(exception));
        }

        return now + RetryAfter;
    }

    /// <summary>The newest backup of a directory; null where there is none.</summary>
    public static DateTimeOffset? FindLast(string directory) => FindLastFile(directory)?.At;

    /// <summary>The same with its file.</summary>
    public static (string File, DateTimeOffset At)? FindLastFile(string directory) =>
        Directory.Exists(directory) ? Own(directory).OrderByDescending(own => own.At).Select(own => ((string, DateTimeOffset)?)own).FirstOrDefault() : null;

    private static string NameOf(DateTimeOffset at) => Prefix + at.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture);

    private static IEnumerable<(string File, DateTimeOffset At)> Own(string directory)
    {
        foreach (var file in Directory.EnumerateFiles(directory, Prefix + "*"))
        {
            var name = Path.GetFileName(file);
            var suffix = name.EndsWith(EncryptedBackup.Extension, StringComparison.Ordinal) ? EncryptedBackup.Extension : Suffix;
            if (name.EndsWith(suffix, StringComparison.Ordinal) && DateTime.TryParseExact(name[Prefix.Length..^suffix.Length], TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
                yield return (file, new DateTimeOffset(at, TimeSpan.Zero));
        }
    }

    private void RemoveOld(BackupOptions settings, DateTimeOffset now)
    {
        foreach (var (file, _) in Own(settings.Directory).Where(own => own.At < now - TimeSpan.FromDays(settings.KeepDays)).ToList())
        {
            try
            {
                File.Delete(file);
                MaintenanceLog.Removed(logger, file);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                MaintenanceLog.NotRemoved(logger, file, exception.Message);
            }
        }
    }

    // Of two portals that share the directory one makes the backup; the lock ends with its process.
    private static FileStream? TakeTurn(string directory)
    {
        var file = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            return new FileStream(Path.Combine(directory, "portal-backup.lock"), file);
        }
        catch (IOException exception) when (PortalMark.IsHeld(exception))
        {
            return null;
        }
    }
}
