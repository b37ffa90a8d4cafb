using System.Globalization;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Maintenance;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Keys;
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
    IElementsPlatform platform,
    PlatformProblems platformProblems,
    ElementCatalog catalog,
    IHttpClientFactory httpClients,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts)
{
    private const string Record = "activity record";
    private const string SigningIn = "signing in";
    private const long Mebibyte = 1024 * 1024;
    private const int NamedRows = 5;
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);
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

        yield return Ok("settings", "They are valid.");
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

        foreach (var finding in await GuardAsync("key ring", () => LookAtSecretsAsync(db, cancellationToken)).ConfigureAwait(false)) yield return finding;
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
            yield return Ok("platforms", "They were not asked (--offline).");
            yield break;
        }

        foreach (var finding in await GuardAsync("platforms", () => LookAtPlatformsAsync(db, cancellationToken)).ConfigureAwait(false)) yield return finding;
    }

    private static Finding Ok(string topic, string text) => new(FindingLevel.Ok, topic, text);

    private static Finding Warning(string topic, string text, string remedy) => new(FindingLevel.Warning, topic, text, remedy);

    private static Finding Bad(string topic, string text, string remedy) => new(FindingLevel.Problem, topic, text, remedy);

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
            return [Bad(topic, $"It could not be examined. {why}", "Mend what the other lines name, and run doctor again; where the database is damaged, restore a backup.")];
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
            yield return Bad("data directory", $"{directory} is not there.", "Start the portal once, which makes it, or set Portal:DataDirectory to the one that the portal uses.");
            yield break;
        }

        if (!File.Exists(file))
        {
            yield return Bad("data directory", $"There is no database in {directory}.", "Start the portal once, which makes it, or restore a backup: AdminPortal restore <file>.");
            yield break;
        }

        if (!CanWrite(file))
            yield return Bad("data directory", $"{file} may not be written.", "Give the portal's user the right to write to the directory and its files, and see that the disk is mounted for writing.");
        else
            yield return Ok("data directory", $"{directory} may be written.");

        var open = FileRights.Find(options.Value, directory);
        foreach (var path in open)
            yield return Warning("permissions", $"{(path.ByEverybody ? "Everybody on this machine" : "The owner's group")} can read {path.Path} ({path.Setting}).", path.Mend);
        if (open.Count == 0) yield return Ok("permissions", OperatingSystem.IsWindows() ? "They are not looked at on Windows." : "The files are the owner's alone.");

        if (Leftovers.Find(directory, options.Value.Backup.Directory) is { Count: > 0 } left)
        {
            var bytes = left.Where(File.Exists).Sum(path => new FileInfo(path).Length);
            yield return Warning(
                "temporary files", string.Create(CultureInfo.InvariantCulture, $"{left.Count} were left by a process that was killed, {bytes / (double)Mebibyte:0.0} MiB: {Name([.. left])}. They may be copies of the database."),
                "The next start of the portal or the next backup removes those in the directory tmp. "
                + "Remove the others, and those of another user, yourself.");
        }

        var free = new DriveInfo(directory).AvailableFreeSpace;
        var text = string.Create(CultureInfo.InvariantCulture, $"{free / Mebibyte} MiB are free on the data directory's disk.");
        yield return free < 50 * Mebibyte ? Bad("disk", text, "Make room: the portal cannot save anything on a full disk.")
            : free < Math.Max(500 * Mebibyte, 2 * new FileInfo(file).Length) ? Warning("disk", text, "Make room before it is full; backups and restores need as much as the database itself.")
            : Ok("disk", text);
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
            return Bad("database", DatabaseFile.Explain(exception), "See that the file is a database that the portal's user may read; if it is damaged, restore a backup: AdminPortal restore <file>.");
        }
    }

    private static IReadOnlyList<Finding> LookAtDatabase(SqliteConnection connection, string file)
    {
        if (DatabaseFile.FindDamage(connection) is { } damage)
            return [Bad("database", $"It is damaged: {damage}.", "Stop the portal and restore the last backup: AdminPortal restore <file>. It keeps the damaged file.")];
        var size = string.Create(CultureInfo.InvariantCulture, $"Its integrity is proved; it has {new FileInfo(file).Length / (double)Mebibyte:0.0} MiB.");
        return DatabaseFile.CountDangling(connection) is > 0 and var dangling
            ? [Ok("database", size), Bad("database", $"{dangling} rows point to rows that are not there.", "Restore the last backup, or ask for help with the output of: sqlite3 portal.db 'PRAGMA foreign_key_check'.")]
            : [Ok("database", size)];
    }

    private static async Task<(Finding Finding, bool IsCurrent)> LookAtMigrationsAsync(PortalDb db, CancellationToken cancellationToken)
    {
        try
        {
            var check = SchemaCheck.Examine(db);
            if (check.Refusal is { } refusal) return (Bad("migrations", refusal, "The remaining checks were skipped."), false);
            var applied = (await db.Database.GetAppliedMigrationsAsync(cancellationToken).ConfigureAwait(false)).ToList();
            return check.State switch
            {
                SchemaState.Current => (Ok("migrations", $"The database is up to date ({applied[^1]})."), true),
                SchemaState.NewerAllowed => (Ok("migrations", "A newer version has upgraded the database, and this version may work beside it."), true),
                _ => (Bad("migrations", $"{DatabaseUpgrade.Known.Except(applied).Count()} are pending, so that nothing after this was looked at.", "Start the portal: it brings the database up to date. Then run doctor again."), false),
            };
        }
        catch (Exception exception) when (DatabaseFile.IsTrouble(exception))
        {
            return (Bad("migrations", $"They could not be read. {DatabaseFile.Explain(exception)}", "Restore a backup: AdminPortal restore <file>."), false);
        }
    }

    private async Task<IReadOnlyList<Finding>> LookAtSecretsAsync(PortalDb db, CancellationToken cancellationToken)
    {
        var keyRing = options.Value.KeyRing;
        var state = await KeyRingGuard.ExamineAsync(db, keyRing, cancellationToken).ConfigureAwait(false);
        if (KeyRingGuard.Sentence(state) is { } sentence) return [Bad("key ring", sentence, KeyRingGuard.Remedy)];

        var certificates = KeyRingCertificates.Load(keyRing);
        List<Finding> findings = [Ok("key ring", state == KeyRingState.Unused ? "There is nothing yet that it would have to open." : "It opens.")];
        if (certificates.Current is { } certificate && certificate.NotAfter.ToUniversalTime() < clock.GetUtcNow().UtcDateTime)
            findings.Add(Warning("key ring", "Its certificate has expired. It still opens everything.", "Take a new one as Portal:KeyRing:CertificatePath, and name this one as Portal:KeyRing:PreviousCertificatePath."));

        var entries = db.ReadKeyRing();
        using var probe = KeyRingProbe.Over(entries, certificates, out _);
        if (probe is null) return findings;

        var (all, former, unreadable) = (0, 0, new List<string>());
        await foreach (var stored in StoredSecrets.ReadAllAsync(db, cancellationToken).ConfigureAwait(false))
        {
            all++;
            if (probe.Opens(stored)) continue;
            if (probe.OpensFormer(stored)) former++;
            else unreadable.Add($"{stored.Secret.Kind} of {stored.Row} {stored.Secret.Owner} \"{OutsideText.Clean(stored.Name, 60)}\"");
        }

        findings.Add(unreadable.Count == 0
            ? Ok("secrets", former == 0 ? $"All {all} stored secrets open." : $"{all - former} of {all} stored secrets open.")
            : Bad("secrets", $"{unreadable.Count} of {all} stored secrets do not open: {Name(unreadable)}.", "Enter them anew in the portal (platform accounts, provider apps), re-authenticate the instances, reset the second factor of the people, or restore a backup."));
        findings.AddRange(LookAtResealing(db, former));
        findings.AddRange(await LookAtKeysAsync(db, entries, certificates, cancellationToken).ConfigureAwait(false));
        return findings;
    }

    // Values of the first release are not bound to the origin that they may be sent to. They are sealed again at a start, once.
    private static IEnumerable<Finding> LookAtResealing(PortalDb db, int former)
    {
        var step = db.StartSteps.AsNoTracking().SingleOrDefault(one => one.Name == StartStep.ResealSecrets);
        if (former > 0)
        {
            yield return step?.CompletedAt is null
                ? Warning("secrets", $"{former} stored secrets are not sealed for their origin yet, as the first release left them.", "Start the portal: it seals them again, after a backup, and goes on where it was interrupted.")
                : Bad("secrets", $"{former} stored secrets have the first release's form although all were sealed again on {step.CompletedAt:yyyy-MM-dd}. They do not open. They were written after resealing, by version 0.1 or by a manual change to the database.", "Find out who did that, and enter them again in the portal.");
        }
        else if (step is { CompletedAt: null })
        {
            yield return Warning("secrets", "Sealing the secrets for their origins was begun and has not ended.", "Start the portal: it goes on where it was interrupted.");
        }
        else if (step is { Unreadable: > 0 })
        {
            yield return Warning(
                "secrets", $"When the secrets were sealed for their origins on {step.CompletedAt:yyyy-MM-dd}, {step.Unreadable} did not open.", "The page Keys lists them. Enter them again in the portal.");
        }
    }

    private async Task<IReadOnlyList<Finding>> LookAtKeysAsync(PortalDb db, List<KeyRingEntry> entries, KeyRingCertificates certificates, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        var keys = entries.Select(KeyXml.Read).OfType<System.Xml.Linq.XElement>().Where(xml => KeyXml.FindKey(xml) is not null).ToList();
        if (certificates.Current is { } current && keys.Count(xml => KeyXml.FindWrap(xml)?.Thumbprint != current.Thumbprint) is > 0 and var others)
            findings.Add(Warning("key ring", $"{others} of {keys.Count} keys are not wrapped by the configured certificate.", "Wrap them anew, on the page Keys or with: AdminPortal rewrap."));

        var made = keys.Select(xml => KeyXml.FindKey(xml)!.Value).GroupBy(key => SealedHeader.PrefixOf(key.Id)).ToDictionary(group => group.Key, group => group.First().CreatedAt);
        var limit = clock.GetUtcNow() - TimeSpan.FromDays(options.Value.KeyRing.WarnAfterDays);
        var old = (await SealedCounts.ReadAsync(db, cancellationToken).ConfigureAwait(false)).SelectMany(column => column.ByPrefix)
            .Where(count => made.TryGetValue(count.Key, out var at) && at < limit).Sum(count => count.Value);
        if (old > 0)
        {
            findings.Add(Warning(
                "key ring", string.Create(CultureInfo.InvariantCulture, $"{old} values are sealed with a key that is older than {options.Value.KeyRing.WarnAfterDays} days."), "Rotate the key on the page Keys."));
        }

        return findings;
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
        if (findings.Count == 0) findings.Add(Ok("attempts", "None is stuck."));

        var old = now - OldDraft;
        var drafts = await db.Attempts.CountAsync(attempt => attempt.State == AttemptState.Draft && attempt.UpdatedAt < old, cancellationToken).ConfigureAwait(false);
        if (drafts > 0) findings.Add(Ok("drafts", $"{drafts} drafts have not been touched for 30 days."));
        return findings;

        void Report(AttemptState state, string what, Func<UnderWay, DateTimeOffset?> since, TimeSpan limit)
        {
            var stuck = rows.Where(row => row.State == state && now - since(row) > limit).Select(row => $"{row.Id} \"{OutsideText.Clean(row.Name, 60)}\"").ToList();
            if (stuck.Count > 0)
                findings.Add(Bad("attempts", $"{stuck.Count} {what}: {Name(stuck)}.", "A running portal takes them up by itself within a minute. If they are still here then, read its log for what keeps it from them."));
        }
    }

    private static IReadOnlyList<Finding> LookForDamagedIds(PortalDb db) => DamagedIds.Find(db) is { Count: > 0 } damaged
        ? [Bad(
            "rows", $"{damaged.Count} hold an id that is none: {Name(damaged)}.",
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
            ? [Ok("rows", "All can be read.")]
            : [Bad("rows", $"{rows.Count} cannot be read completely: {Name(rows)}.", "The portal marks them and goes on. A sync or an edit writes a damaged instance anew; otherwise restore a backup.")];
    }

    private async Task<IReadOnlyList<Finding>> LookAtClockAsync(PortalDb db, string file, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        const string remedy = "Set the system's clock and keep it in step (NTP). Consents and leases end by it.";
        if (new FileInfo(file).LastWriteTimeUtc > now.UtcDateTime + Skew) return [Bad("clock", "The database file was written later than now: the clock has been set back.", remedy)];
        DateTimeOffset?[] newest =
        [
            await db.Activity.MaxAsync(row => (DateTimeOffset?)row.At, cancellationToken).ConfigureAwait(false),
            await db.Attempts.MaxAsync(row => (DateTimeOffset?)row.UpdatedAt, cancellationToken).ConfigureAwait(false),
        ];
        return newest.Max() > now + Skew
            ? [Bad("clock", "The database has rows from later than now: the clock has been set back.", remedy)]
            : [Ok("clock", "It agrees with the database.")];
    }

    private async Task<IReadOnlyList<Finding>> LookAtSignInAsync(PortalDb db, CancellationToken cancellationToken)
    {
        var settings = options.Value;
        if (!settings.SingleSignOn.IsConfigured) return [];
        if (await SingleSignOnPeople.HasAdministratorAsync(db, cancellationToken).ConfigureAwait(false)) return [Ok(SigningIn, "An administrator has come by single sign-on.")];
        const string nobody = "No administrator has signed in by single sign-on yet";
        return settings.LocalSignIn.Enabled
            ? [Ok(SigningIn, nobody + ". Leave local sign-in on until one has.")]
            : [Warning(SigningIn, nobody + ", and local sign-in is off.", "Sign in by it as somebody of the group in Portal:SingleSignOn:Roles:Administrator, or run: AdminPortal let-in <email> --administrator.")];
    }

    private Finding LookAtBackups()
    {
        var backup = options.Value.Backup;
        if (backup.Directory.Length == 0)
            return Warning("backups", "None are made every night.", "Set Portal:Backup:Directory, or see that something else runs: AdminPortal backup <file>.");
        if (NightlyBackups.FindLastFile(backup.Directory) is not ({ } file, { } last))
            return Warning("backups", $"There is none yet in {backup.Directory}.", "A running portal makes one within minutes. If it does not, its log says why.");
        var isEncrypted = EncryptedBackup.Is(file);
        var text = string.Create(CultureInfo.InvariantCulture, $"The last one is of {last:yyyy-MM-dd HH:mm} UTC, in {backup.Directory}{(isEncrypted ? "; it is encrypted" : "")}.");
        if (isEncrypted && BackupPassphrase.Find(backup) is { } passphrase && EncryptedBackup.Check(file, passphrase) is { } closed)
            return Bad("backups", $"{text} {closed}", "Keep the passphrase from before for the backups that were made with it; the next one is made with that of the settings.");
        return clock.GetUtcNow() - last > LateBackup
            ? Bad("backups", text, "Read the portal's log for why there is none of last night: the directory has to be there and writable, with room on its disk.")
            : Ok("backups", text);
    }

    private async Task<IReadOnlyList<Finding>> LookAtPlatformsAsync(PortalDb db, CancellationToken cancellationToken)
    {
        var accounts = await db.Accounts.AsNoTracking().OrderBy(account => account.Name).ToListAsync(cancellationToken).ConfigureAwait(false);
        if (accounts.Count == 0) return [Ok("platforms", "There is no platform account yet.")];
        var asked = await Task.WhenAll(accounts.Select(account => AskAsync(account, cancellationToken))).ConfigureAwait(false);
        return [.. asked.SelectMany(found => found)];
    }

    private async Task<IReadOnlyList<Finding>> AskAsync(PlatformAccount account, CancellationToken cancellationToken)
    {
        var topic = $"platform \"{OutsideText.Clean(account.Name, 60)}\"";
        if (!Uri.TryCreate(account.BaseUrl, UriKind.Absolute, out var address)) return [Bad(topic, "Its address is not one.", "Enter it anew on the account's page.")];
        var outcome = await platform.GetElementConfigurationAsync(account, catalog.All[0].Key, cancellationToken).ConfigureAwait(false);
        if (outcome is not PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>.Success)
            return [Bad(topic, platformProblems.From(outcome).Message, "Test the connection on the account's page, and mend what it names.")];

        List<Finding> findings = [Ok(topic, $"{address.Authority} was reached and accepted the credentials.")];
        if (await FindSkewAsync(address, cancellationToken).ConfigureAwait(false) is { } skew && skew.Duration() > Skew)
        {
            findings.Add(Warning(
                "clock", string.Create(CultureInfo.InvariantCulture, $"It is {skew.Duration().TotalMinutes:0.#} minutes {(skew > TimeSpan.Zero ? "ahead of" : "behind")} that of {address.Authority}."),
                "Set the system's clock and keep it in step (NTP)."));
        }

        return findings;
    }

    // What the server says in its Date header; asked without credentials.
    private async Task<TimeSpan?> FindSkewAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var http = httpClients.CreateClient(PlatformTransport.ClientName);
            using var answer = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            return answer.Headers.Date is { } date ? clock.GetUtcNow() - date : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private sealed record UnderWay(Guid Id, string Name, AttemptState State, DateTimeOffset? ConsentExpiresAt, DateTimeOffset? LeaseUntil, DateTimeOffset? CodeReceivedAt, DateTimeOffset? SentAt);

    private static string Name(List<string> rows) => string.Join(", ", rows.Take(NamedRows)) + (rows.Count > NamedRows ? $" and {rows.Count - NamedRows} more" : "");
}
