using System.Globalization;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.SingleSignOn;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>Looks at everything that can be the matter with a portal, beside it and while it runs; it changes nothing.</summary>
public sealed class Doctor(
    IOptions<PortalOptions> options,
    IHostEnvironment environment,
    PlatformDoctor platforms,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts)
{
    private const string Record = "activity record";
    private const string SigningIn = "signing in";
    private const long Mebibyte = 1024 * 1024;
    // A running portal ends or takes up within a minute what is due.
    private static readonly TimeSpan SweptWithin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan OldDraft = TimeSpan.FromDays(30);
    private static readonly TimeSpan LateBackup = TimeSpan.FromHours(26);

    /// <summary>Looks, one thing after the other.</summary>
    /// <param name="offline">Whether to leave the platforms alone.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    /// <param name="against">A file or directory with anchors that the activity record is compared with; null: those of the settings.</param>
    public async IAsyncEnumerable<Finding> ExamineAsync(
        bool offline, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken, string? against = null)
    {
        if (FindWrongSettings() is { Count: > 0 } wrong)
        {
            foreach (var failure in wrong) yield return new Finding(FindingLevel.Problem, "settings", failure);
            yield break;
        }

        yield return Finding.Ok("settings", "They are valid.");
        var directory = PortalDatabase.DataDirectory(options.Value, environment);
        var file = Path.Combine(directory, PortalDatabase.FileName);
        foreach (var finding in LookAtFiles(directory, file)) yield return finding;
        if (!File.Exists(file)) yield break;

        await using var db = PortalDatabase.Open(DatabaseFile.Unpooled(file));
        var connection = (SqliteConnection)db.Database.GetDbConnection();
        if (await OpenAsync(db, connection, cancellationToken).ConfigureAwait(false) is { } closed)
        {
            yield return closed;
            yield break;
        }

        foreach (var finding in await GuardAsync("database", () => Task.Run(() => LookAtDatabase(connection, file), cancellationToken)).ConfigureAwait(false)) yield return finding;
        var (migrations, isCurrent) = await LookAtMigrationsAsync(db, cancellationToken).ConfigureAwait(false);
        yield return migrations;
        // The remaining checks read tables of this version's schema.
        if (!isCurrent) yield break;

        foreach (var finding in await GuardAsync("key ring", () => new SecretsDoctor(options.Value, clock).ExamineAsync(db, cancellationToken)).ConfigureAwait(false)) yield return finding;
        foreach (var finding in await GuardAsync("attempts", () => LookAtAttemptsAsync(db, cancellationToken)).ConfigureAwait(false)) yield return finding;
        foreach (var finding in await GuardAsync("rows", () => Task.Run(() => LookForDamagedIds(db), cancellationToken)).ConfigureAwait(false)) yield return finding;
        foreach (var finding in await GuardAsync("rows", () => LookForUnreadableAsync(db, cancellationToken)).ConfigureAwait(false)) yield return finding;
        foreach (var finding in await GuardAsync(Record, () => LookAtRecordAsync(db, directory, against, cancellationToken)).ConfigureAwait(false)) yield return finding;
        foreach (var finding in await GuardAsync("clock", () => LookAtClockAsync(db, file, cancellationToken)).ConfigureAwait(false)) yield return finding;
        foreach (var finding in await GuardAsync(SigningIn, () => LookAtSignInAsync(db, cancellationToken)).ConfigureAwait(false)) yield return finding;
        foreach (var finding in await GuardAsync(SigningIn, () => AddressReview.RunAsync(db, cancellationToken)).ConfigureAwait(false)) yield return finding;
        yield return LookAtBackups();
        if (offline)
        {
            yield return Finding.Ok("platforms", "They were not asked (--offline).");
            yield break;
        }

        foreach (var finding in await GuardAsync("platforms", () => platforms.ExamineAsync(db, cancellationToken)).ConfigureAwait(false)) yield return finding;
    }

    // One thing that cannot be looked at keeps nobody from looking at the next.
    private static async Task<IReadOnlyList<Finding>> GuardAsync(string topic, Func<Task<IReadOnlyList<Finding>>> look)
    {
        try
        {
            return await look().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is FormatException or InvalidCastException || DatabaseFile.IsTrouble(exception))
        {
            var why = exception is FormatException or InvalidCastException ? "A value in it has not the form that it has to have." : DatabaseFile.Explain(exception);
            return [Finding.Bad(topic, $"It could not be examined. {why}", "Mend what the other lines name, and run doctor again; where the database is damaged, restore a backup.")];
        }
    }

    private IReadOnlyList<string> FindWrongSettings()
    {
        try
        {
            _ = PortalDatabase.DataDirectory(options.Value, environment);
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return [.. exception.Failures];
        }
        catch (InvalidOperationException exception)
        {
            // A text that is no number, no time, no truth value.
            return [exception.Message];
        }
    }

    private IEnumerable<Finding> LookAtFiles(string directory, string file)
    {
        if (!Directory.Exists(directory))
        {
            yield return Finding.Bad("data directory", $"{directory} is not there.", "Start the portal once, which makes it, or set Portal:DataDirectory to the one that the portal uses.");
            yield break;
        }

        if (!File.Exists(file))
        {
            yield return Finding.Bad("data directory", $"There is no database in {directory}.", "Start the portal once, which makes it, or restore a backup: AdminPortal restore <file>.");
            yield break;
        }

        if (!CanWrite(file))
            yield return Finding.Bad("data directory", $"{file} may not be written.", "Give the portal's user the right to write to the directory and its files, and see that the disk is mounted for writing.");
        else
            yield return Finding.Ok("data directory", $"{directory} may be written.");

        var open = FileRights.Find(options.Value, directory);
        foreach (var path in open)
            yield return Finding.Warning("permissions", $"{(path.ByEverybody ? "Everybody on this machine" : "The owner's group")} can read {path.Path} ({path.Setting}).", path.Mend);
        if (open.Count == 0) yield return Finding.Ok("permissions", OperatingSystem.IsWindows() ? "They are not looked at on Windows." : "The files are the owner's alone.");

        if (Leftovers.Find(directory, options.Value.Backup.Directory) is { Count: > 0 } left)
        {
            var bytes = left.Where(File.Exists).Sum(path => new FileInfo(path).Length);
            yield return Finding.Warning(
                "temporary files", string.Create(CultureInfo.InvariantCulture, $"{left.Count} were left by a process that was killed, {bytes / (double)Mebibyte:0.0} MiB: {Finding.Name([.. left])}. They may be copies of the database."),
                "The next start of the portal or the next backup removes those in the directory tmp. "
                + "Remove the others, and those of another user, yourself.");
        }

        var free = new DriveInfo(directory).AvailableFreeSpace;
        var text = string.Create(CultureInfo.InvariantCulture, $"{free / Mebibyte} MiB are free on the data directory's disk.");
        yield return free < 50 * Mebibyte ? Finding.Bad("disk", text, "Make room: the portal cannot save anything on a full disk.")
            : free < Math.Max(500 * Mebibyte, 2 * new FileInfo(file).Length) ? Finding.Warning("disk", text, "Make room before it is full; backups and restores need as much as the database itself.")
            : Finding.Ok("disk", text);
    }

    private static bool CanWrite(string file)
    {
        try
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task<Finding?> OpenAsync(PortalDb db, SqliteConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            DatabaseFile.Run(connection, "PRAGMA query_only = ON");
            return null;
        }
        catch (Exception exception) when (DatabaseFile.IsTrouble(exception))
        {
            return Finding.Bad("database", DatabaseFile.Explain(exception), "See that the file is a database that the portal's user may read; if it is damaged, restore a backup: AdminPortal restore <file>.");
        }
    }

    private static IReadOnlyList<Finding> LookAtDatabase(SqliteConnection connection, string file)
    {
        if (DatabaseFile.FindDamage(connection) is { } damage)
            return [Finding.Bad("database", $"It is damaged: {damage}.", "Stop the portal and restore the last backup: AdminPortal restore <file>. It keeps the damaged file.")];
        var size = string.Create(CultureInfo.InvariantCulture, $"Its integrity is proved; it has {new FileInfo(file).Length / (double)Mebibyte:0.0} MiB.");
        return DatabaseFile.CountDangling(connection) is > 0 and var dangling
            ? [Finding.Ok("database", size), Finding.Bad("database", $"{dangling} rows point to rows that are not there.", "Restore the last backup, or ask for help with the output of: sqlite3 portal.db 'PRAGMA foreign_key_check'.")]
            : [Finding.Ok("database", size)];
    }

    private static async Task<(Finding Finding, bool IsCurrent)> LookAtMigrationsAsync(PortalDb db, CancellationToken cancellationToken)
    {
        try
        {
            var check = SchemaCheck.Examine(db);
            if (check.Refusal is { } refusal) return (Finding.Bad("migrations", refusal, "The remaining checks were skipped."), false);
            var applied = (await db.Database.GetAppliedMigrationsAsync(cancellationToken).ConfigureAwait(false)).ToList();
            return check.State switch
            {
                SchemaState.Current => (Finding.Ok("migrations", $"The database is up to date ({applied[^1]})."), true),
                SchemaState.NewerAllowed => (Finding.Ok("migrations", "A newer version has upgraded the database, and this version may work beside it."), true),
                _ => (Finding.Bad("migrations", $"{DatabaseUpgrade.Known.Except(applied).Count()} are pending, so that nothing after this was looked at.", "Start the portal: it brings the database up to date. Then run doctor again."), false),
            };
        }
        catch (Exception exception) when (DatabaseFile.IsTrouble(exception))
        {
            return (Finding.Bad("migrations", $"They could not be read. {DatabaseFile.Explain(exception)}", "Restore a backup: AdminPortal restore <file>."), false);
        }
    }

    private Task<IReadOnlyList<Finding>> LookAtRecordAsync(PortalDb db, string directory, string? against, CancellationToken cancellationToken) =>
        RecordDoctor.ExamineAsync(db, options.Value, directory, against, texts, cancellationToken);

    private async Task<IReadOnlyList<Finding>> LookAtAttemptsAsync(PortalDb db, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var rows = await db.Attempts.AsNoTracking()
            .Where(attempt => attempt.State == AttemptState.AwaitingConsent || attempt.State == AttemptState.AwaitingDecision
                || attempt.State == AttemptState.Provisioning || attempt.State == AttemptState.CodeReceived || attempt.State == AttemptState.Ambiguous)
            .OrderBy(attempt => attempt.UpdatedAt)
            .Select(attempt => new UnderWay(attempt.Id, attempt.Name, attempt.State, attempt.ConsentExpiresAt, attempt.LeaseUntil, attempt.CodeReceivedAt, attempt.SentAt))
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        List<Finding> findings = [];
        Report(AttemptState.AwaitingConsent, "wait for a consent though the time for it is over", row => row.ConsentExpiresAt, SweptWithin);
        Report(AttemptState.AwaitingDecision, "wait for a decision though the time for it is over", row => row.CodeReceivedAt, options.Value.CodeLifetime + SweptWithin);
        Report(AttemptState.Provisioning, "wait for a process that has ended", row => row.LeaseUntil, SweptWithin);
        Report(AttemptState.CodeReceived, "have a code that is too old by now", row => row.CodeReceivedAt, options.Value.CodeLifetime + SweptWithin);
        Report(AttemptState.Ambiguous, "are still being looked for on the platform", row => row.SentAt, (options.Value.UnansweredPatience * 3) + TimeSpan.FromMinutes(5));
        if (findings.Count == 0) findings.Add(Finding.Ok("attempts", "None is stuck."));

        var old = now - OldDraft;
        var drafts = await db.Attempts.CountAsync(attempt => attempt.State == AttemptState.Draft && attempt.UpdatedAt < old, cancellationToken).ConfigureAwait(false);
        if (drafts > 0) findings.Add(Finding.Ok("drafts", $"{drafts} drafts have not been touched for 30 days."));
        return findings;

        void Report(AttemptState state, string what, Func<UnderWay, DateTimeOffset?> since, TimeSpan limit)
        {
            var stuck = rows.Where(row => row.State == state && now - since(row) > limit).Select(row => $"{row.Id} \"{OutsideText.Clean(row.Name, 60)}\"").ToList();
            if (stuck.Count > 0)
                findings.Add(Finding.Bad("attempts", $"{stuck.Count} {what}: {Finding.Name(stuck)}.", "A running portal takes them up by itself within a minute. If they are still here then, read its log for what keeps it from them."));
        }
    }

    private static IReadOnlyList<Finding> LookForDamagedIds(PortalDb db) => DamagedIds.Find(db) is { Count: > 0 } damaged
        ? [Finding.Bad(
            "rows", $"{damaged.Count} hold an id that is none: {Finding.Name(damaged)}.",
            "Such a row is shown as one that cannot be read, and not worked on. Stop the portal, keep a copy of its database, and restore a backup from before; or write the right id back into the named column, in the form that the other rows have.")]
        : [];

    private static async Task<IReadOnlyList<Finding>> LookForUnreadableAsync(PortalDb db, CancellationToken cancellationToken)
    {
        List<string> rows = [];
        rows.AddRange((await db.Accounts.AsNoTracking().ToListAsync(cancellationToken).ConfigureAwait(false)).Where(row => row.IsUnreadable()).Select(row => $"platform account {row.Id} \"{row.Name}\""));
        rows.AddRange((await db.ProviderApps.AsNoTracking().ToListAsync(cancellationToken).ConfigureAwait(false)).Where(row => row.IsUnreadable()).Select(row => $"provider app {row.Id} \"{row.Name}\""));
        await foreach (var row in db.Attempts.AsNoTracking().AsAsyncEnumerable().WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (row.IsUnreadable()) rows.Add($"attempt {row.Id} \"{OutsideText.Clean(row.Name, 60)}\"");
        }

        await foreach (var row in db.Instances.AsNoTracking().AsAsyncEnumerable().WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (row.IsUnreadable()) rows.Add($"instance {row.Id} \"{OutsideText.Clean(row.Name, 60)}\"");
        }

        return rows.Count == 0
            ? [Finding.Ok("rows", "All can be read.")]
            : [Finding.Bad("rows", $"{rows.Count} cannot be read completely: {Finding.Name(rows)}.", "The portal marks them and goes on. A sync or an edit writes a damaged instance anew; otherwise restore a backup.")];
    }

    private async Task<IReadOnlyList<Finding>> LookAtClockAsync(PortalDb db, string file, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        const string remedy = "Set the system's clock and keep it in step (NTP). Consents and leases end by it.";
        if (new FileInfo(file).LastWriteTimeUtc > now.UtcDateTime + PlatformDoctor.Skew) return [Finding.Bad("clock", "The database file was written later than now: the clock has been set back.", remedy)];
        DateTimeOffset?[] newest =
        [
            await db.Activity.MaxAsync(row => (DateTimeOffset?)row.At, cancellationToken).ConfigureAwait(false),
            await db.Attempts.MaxAsync(row => (DateTimeOffset?)row.UpdatedAt, cancellationToken).ConfigureAwait(false),
        ];
        return newest.Max() > now + PlatformDoctor.Skew
            ? [Finding.Bad("clock", "The database has rows from later than now: the clock has been set back.", remedy)]
            : [Finding.Ok("clock", "It agrees with the database.")];
    }

    private async Task<IReadOnlyList<Finding>> LookAtSignInAsync(PortalDb db, CancellationToken cancellationToken)
    {
        var settings = options.Value;
        if (!settings.SingleSignOn.IsConfigured) return [];
        if (await SingleSignOnPeople.HasAdministratorAsync(db, cancellationToken).ConfigureAwait(false)) return [Finding.Ok(SigningIn, "An administrator has come by single sign-on.")];
        const string nobody = "No administrator has signed in by single sign-on yet";
        return settings.LocalSignIn.Enabled
            ? [Finding.Ok(SigningIn, nobody + ". Leave local sign-in on until one has.")]
            : [Finding.Warning(SigningIn, nobody + ", and local sign-in is off.", "Sign in by it as somebody of the group in Portal:SingleSignOn:Roles:Administrator, or run: AdminPortal let-in <email> --administrator.")];
    }

    private Finding LookAtBackups()
    {
        var backup = options.Value.Backup;
        if (backup.Directory.Length == 0)
            return Finding.Warning("backups", "None are made every night.", "Set Portal:Backup:Directory, or see that something else runs: AdminPortal backup <file>.");
        if (NightlyBackups.FindLastFile(backup.Directory) is not ({ } file, { } last))
            return Finding.Warning("backups", $"There is none yet in {backup.Directory}.", "A running portal makes one within minutes. If it does not, its log says why.");
        var isEncrypted = EncryptedBackup.Is(file);
        var text = string.Create(CultureInfo.InvariantCulture, $"The last one is of {last:yyyy-MM-dd HH:mm} UTC, in {backup.Directory}{(isEncrypted ? "; it is encrypted" : "")}.");
        if (isEncrypted && BackupPassphrase.Find(backup) is { } passphrase && EncryptedBackup.Check(file, passphrase) is { } closed)
            return Finding.Bad("backups", $"{text} {closed}", "Keep the passphrase from before for the backups that were made with it; the next one is made with that of the settings.");
        return clock.GetUtcNow() - last > LateBackup
            ? Finding.Bad("backups", text, "Read the portal's log for why there is none of last night: the directory has to be there and writable, with room on its disk.")
            : Finding.Ok("backups", text);
    }

    private sealed record UnderWay(Guid Id, string Name, AttemptState State, DateTimeOffset? ConsentExpiresAt, DateTimeOffset? LeaseUntil, DateTimeOffset? CodeReceivedAt, DateTimeOffset? SentAt);
}
