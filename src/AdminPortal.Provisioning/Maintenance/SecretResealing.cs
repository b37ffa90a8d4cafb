using System.Globalization;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Maintenance;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Keys;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>
/// A start step: seals every secret of the first release, which was bound to kind and row, for the origin that it may be sent
/// to. It allows each provider app the origins of the accounts whose attempts or instances used it. It runs once, one process at
/// a time, after a backup; a process that is killed loses one batch's work and nothing else.
/// </summary>
public sealed class SecretResealing(
    IDbContextFactory<PortalDb> databases, IDataProtectionProvider protection, ISecretBox secrets, IOptions<PortalOptions> options,
    IHostEnvironment environment, TimeProvider clock, IStringLocalizer<ProvisioningText> texts, ILogger<SecretResealing> logger)
{
    /// <summary>What the entries of the quarantine name as the work that met them.</summary>
    internal static readonly Guid WorkId = new("7e5ea1ed-0000-7000-8000-000000000001");

    private const long LogEvery = 50_000;

    // An attempt that is still a draft has not used its app.
    private const string UsedOrigins =
        """
        SELECT DISTINCT used.App, a."BaseUrl" FROM (
            SELECT "ProviderAppId" App, "PlatformAccountId" Account FROM "Attempts" WHERE "ProviderAppId" IS NOT NULL AND "State" <> 'Draft'
            UNION SELECT "ProviderAppId", "PlatformAccountId" FROM "Instances" WHERE "ProviderAppId" IS NOT NULL
            UNION SELECT t."ProviderAppId", i."PlatformAccountId" FROM "Instances" i JOIN "Attempts" t ON t."Id" = i."AttemptId" WHERE t."ProviderAppId" IS NOT NULL
        ) used JOIN "Accounts" a ON a."Id" = used.Account
        """;

    private const string Allow =
        """
        INSERT OR IGNORE INTO "ProviderAppOrigins" ("ProviderAppId", "Origin", "ClientSecret", "AllowedAt") VALUES ($app, $origin, $secret, $now)
        """;

    private const string Advance =
        """
        UPDATE "StartSteps" SET "Column" = $column, "Cursor" = $cursor, "Done" = "Done" + $done, "Unreadable" = "Unreadable" + $unreadable WHERE "Name" = $name
        """;

    private readonly FormerSecretBox _former = new(protection);

    /// <summary>So many rows are one transaction.</summary>
    internal int BatchSize { get; init; } = 1000;

    /// <summary>Seals what is left to be sealed. To be called at every start, when the activity record is prepared: it has sealed its own key again.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="wait">How long to wait for another process that does the same; null for <see cref="StorageWait.Usual"/>.</param>
    /// <exception cref="IOException">The backup could not be made; nothing was changed.</exception>
    /// <exception cref="DatabaseLockedException">Another process does the same for longer than <paramref name="wait"/> allows.</exception>
    public async Task RunAsync(CancellationToken cancellationToken, StorageWait? wait = null)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await FindAsync(db, cancellationToken).ConfigureAwait(false) is { CompletedAt: not null }) return;
        var directory = PortalDatabase.DataDirectory(options.Value, environment);
        var alone = await DatabaseUpgrade.LockAsync(directory, wait, cancellationToken).ConfigureAwait(false);
        await using (alone.ConfigureAwait(false))
        {
            await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await RunAloneAsync(db, directory, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                // The context goes back to its pool, and an open connection would go with it.
                await db.Database.CloseConnectionAsync().ConfigureAwait(false);
            }
        }
    }

    private static bool IsForThisStep(SealedColumn column) => column.Kind is not (null or SecretKind.ActivityKey);

    private static Task<StartStep?> FindAsync(PortalDb db, CancellationToken cancellationToken) =>
        db.StartSteps.AsNoTracking().SingleOrDefaultAsync(step => step.Name == StartStep.ResealSecrets, cancellationToken);

    private async Task RunAloneAsync(PortalDb db, string directory, CancellationToken cancellationToken)
    {
        var step = await FindAsync(db, cancellationToken).ConfigureAwait(false);
        if (step is { CompletedAt: not null }) return;
        var total = (await SealedCounts.ReadAsync(db, cancellationToken).ConfigureAwait(false)).Where(count => IsForThisStep(count.Column)).Sum(count => count.ByPrefix.Values.Sum());
        step ??= await BeginAsync(db, directory, total, cancellationToken).ConfigureAwait(false);
        if (step.CompletedAt is not null) return;
        MaintenanceLog.ResealingBegun(logger, total, step.Backup);

        var used = ReadUsedOrigins(db);
        var columns = SealedColumn.All.Where(IsForThisStep).ToList();
        // A column that this version does not know: walk all of them once more, which changes nothing in those that are done.
        var at = Math.Max(columns.FindIndex(column => column.Path == step.Column), 0);
        var after = columns[at].Path == step.Column ? step.Cursor : null;
        var (done, logged) = (0L, 0L);
        while (at < columns.Count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = await SealedRows.ReadAsync(db, columns[at], after, BatchSize, null, cancellationToken).ConfigureAwait(false);
            if (rows.Count == 0)
            {
                (at, after) = (at + 1, null);
                continue;
            }

            await ResealAsync(db, columns[at], rows, used, cancellationToken).ConfigureAwait(false);
            after = rows[^1].Key;
            done += rows.Count;
            if (done - logged < LogEvery) continue;
            logged = done;
            MaintenanceLog.ResealingProgress(logger, done, total, columns[at].Path);
        }

        await EndAsync(db, cancellationToken).ConfigureAwait(false);
    }

    private async Task<StartStep> BeginAsync(PortalDb db, string directory, long total, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        // Nothing is sealed yet: a new database.
        string? backup = null;
        if (total > 0)
        {
            var stamp = now.UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
            backup = $"{PortalDatabase.FileName}.before-resealing-{stamp}";
            await Task.Run(() => KeptCopy.Make(directory, Path.Combine(directory, backup), overwrite: true), cancellationToken).ConfigureAwait(false);
        }

        var step = new StartStep { Name = StartStep.ResealSecrets, StartedAt = now, CompletedAt = total == 0 ? now : null, Backup = backup };
        db.StartSteps.Add(step);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        db.ChangeTracker.Clear();
        return step;
    }

    private static Dictionary<Guid, List<SecretOrigin>> ReadUsedOrigins(PortalDb db) =>
        db.Rows(UsedOrigins, row => (App: row.GetGuid(0), Origin: SecretOrigin.Find(row.GetString(1))))
            .Where(used => used.Origin is not null)
            .GroupBy(used => used.App)
            .ToDictionary(group => group.Key, group => group.Select(used => used.Origin!).Distinct().ToList());

    private async Task ResealAsync(PortalDb db, SealedColumn column, List<SealedRow> rows, Dictionary<Guid, List<SecretOrigin>> used, CancellationToken cancellationToken)
    {
        var outcomes = new ResealedRow[rows.Count];
        await Task.Run(
            () => Parallel.For(
                0, rows.Count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
                i => outcomes[i] = ResealedRow.Of(column, rows[i], _former, secrets)),
            cancellationToken).ConfigureAwait(false);

        var now = clock.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        _ = await SealedRows.WriteAsync(db, column, outcomes.Where(row => row.Done > 0).Select(row => (row.Row, row.Text)), cancellationToken).ConfigureAwait(false);
        foreach (var outcome in outcomes)
        {
            foreach (var (part, reason) in outcome.Bad)
            {
                await Quarantine.KeepAsync(
                    db, WorkId, column, outcome.Row.Key, new SealedPart(part, outcome.Row.Owner, outcome.Row.Text), outcome.Row.Name, reason, now, cancellationToken).ConfigureAwait(false);
            }

            if (column.Table != "ProviderApps" || outcome.Opened is not { } clientSecret) continue;
            foreach (var origin in used.GetValueOrDefault(outcome.Row.Owner) ?? [])
            {
                await db.RunAsync(
                    Allow, cancellationToken, ("$app", outcome.Row.Owner), ("$origin", origin.Text),
                    ("$secret", secrets.Seal(SecretKind.ClientSecret, outcome.Row.Owner, origin, clientSecret).Ciphertext), ("$now", now.UtcTicks)).ConfigureAwait(false);
            }
        }

        await db.RunAsync(
            Advance, cancellationToken, ("$column", column.Path), ("$cursor", rows[^1].Key), ("$done", outcomes.Sum(row => (long)row.Done)),
            ("$unreadable", outcomes.Sum(row => (long)row.Bad.Count)), ("$name", StartStep.ResealSecrets)).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task EndAsync(PortalDb db, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var step = await db.StartSteps.SingleAsync(one => one.Name == StartStep.ResealSecrets, cancellationToken).ConfigureAwait(false);
        step.CompletedAt = now;
        db.Note(Actor.Portal, now, ActivityAction.SecretsResealed, texts["Keys.Subject"], step.Unreadable == 0, texts["Keys.Resealed", step.Done, step.Unreadable, step.Backup ?? ""]);
        var apps = await db.ProviderApps.AsNoTracking().OrderBy(app => app.Name).ToListAsync(cancellationToken).ConfigureAwait(false);
        var allowed = apps.SelectMany(app => app.Origins.Where(origin => origin.AllowedBy is null).Select(origin => (App: app, origin.Origin))).ToList();
        foreach (var (app, origin) in allowed)
            db.Note(Actor.Portal, now, ActivityAction.ProviderAppOriginAllowed, app.Name, detail: texts["Keys.Resealed.Allowed", origin], appId: app.Id);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        db.ChangeTracker.Clear();

        foreach (var (app, origin) in allowed) MaintenanceLog.AppAllowed(logger, app.Name, origin);
        foreach (var app in apps.Where(app => app.Origins.Count == 0)) MaintenanceLog.AppNotAllowed(logger, app.Name);
        MaintenanceLog.ResealingDone(logger, step.Done, step.Unreadable);
    }
}
