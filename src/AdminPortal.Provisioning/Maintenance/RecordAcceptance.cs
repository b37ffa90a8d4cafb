using AdminPortal.Domain;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>
/// Accepts a changed record when no backup will be restored: a copy of the database is kept, and a new chain with a new key
/// begins behind the last row. The rows before stay, and are reported as not verifiable.
/// </summary>
public sealed class RecordAcceptance(IServiceProvider services)
{
    /// <summary>Accepts, where no portal runs.</summary>
    /// <param name="agree">Asked before anything is written, with what is wrong.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    /// <returns>The copy of the database from before.</returns>
    public async Task<Result<string>> RunAsync(Func<IReadOnlyList<string>, Task<bool>> agree, CancellationToken cancellationToken)
    {
        var options = services.GetRequiredService<IOptions<PortalOptions>>().Value;
        var directory = PortalDatabase.DataDirectory(options, services.GetRequiredService<IHostEnvironment>());
        var file = Path.Combine(directory, PortalDatabase.FileName);
        if (!File.Exists(file)) return new Problem(ProblemKind.NotFound, $"There is no database in {directory}. Set Portal:DataDirectory to the one that the portal uses.");
        try
        {
            using var mark = PortalMark.Alone(directory);
            if (mark is null) return new Problem(ProblemKind.NotNow, $"A portal runs with the data directory {directory}. Stop it, and every other one that uses this directory, and try again. Nothing was changed.");
            await using var db = await services.GetRequiredService<IDbContextFactory<PortalDb>>().CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
            if ((await db.Database.GetPendingMigrationsAsync(cancellationToken).ConfigureAwait(false)).Any())
                return new Problem(ProblemKind.NotNow, "The database is of an older version. Start the portal once, which brings it up to date. Nothing was changed.");
            if (KeyRingGuard.Sentence(await KeyRingGuard.ExamineAsync(db, options.KeyRing, cancellationToken).ConfigureAwait(false)) is { } sentence)
                return new Problem(ProblemKind.NotNow, $"{sentence} Nothing was changed. {KeyRingGuard.Remedy}");

            await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var findings = await RecordDoctor.ExamineAsync(db, options, directory, null, services.GetRequiredService<IStringLocalizer<ProvisioningText>>(), cancellationToken).ConfigureAwait(false);
                var problems = findings.Where(finding => finding.Level == FindingLevel.Problem).Select(finding => finding.Text).ToList();
                if (problems.Count == 0) return new Problem(ProblemKind.NotNow, "The activity record is as it was written: there is nothing to accept. Nothing was changed.");
                if (!await agree(problems).ConfigureAwait(false)) return new Problem(ProblemKind.NotNow, "Nothing was changed.");
                var copy = await KeptCopy.MakeAsync(directory, "accepting", services.GetRequiredService<TimeProvider>().GetUtcNow(), cancellationToken).ConfigureAwait(false);
                if (!copy.Succeeded) return copy;
                var kept = copy.Value;
                await AcceptAsync(db).ConfigureAwait(false);
                _ = await services.GetRequiredService<RecordAnchors>().WriteForAsync(file, AnchorReason.Accepted, Path.GetFileName(kept), CancellationToken.None).ConfigureAwait(false);
                return kept;
            }
            finally
            {
                await db.Database.CloseConnectionAsync().ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (DatabaseFile.IsTrouble(exception))
        {
            return new Problem(ProblemKind.Refused, $"The record was not accepted. {DatabaseFile.Explain(exception)} Run \"AdminPortal doctor\", and try again.");
        }
    }

    private async Task AcceptAsync(PortalDb db)
    {
        await using (var guarding = await db.Database.BeginTransactionAsync().ConfigureAwait(false))
        {
            await RecordGuards.RestoreAsync(db, RecordGuards.Find(db).ToList(), CancellationToken.None).ConfigureAwait(false);
            await guarding.CommitAsync().ConfigureAwait(false);
        }

        var fingerprint = await services.GetRequiredService<ActivityKeeper>().BeginAgainAsync(RecordOrigin.Accepted, CancellationToken.None).ConfigureAwait(false);
        var canary = KeyRingProbe.Seal(services.GetRequiredService<IDataProtectionProvider>(), RecordMarks.CanaryText(fingerprint));
        var certificate = KeyRingCertificates.Load(services.GetRequiredService<KeyRingSettings>().Read()).Current;
        await using var transaction = await db.Database.BeginTransactionAsync().ConfigureAwait(false);
        await db.KeyRingCanaries.ExecuteDeleteAsync().ConfigureAwait(false);
        db.KeyRingCanaries.Add(new KeyRingCanary { Value = canary, WrittenAt = services.GetRequiredService<TimeProvider>().GetUtcNow() });
        await db.SaveChangesAsync().ConfigureAwait(false);
        await db.RunAsync("UPDATE \"KeyRing\" SET \"Signature\" = NULL", CancellationToken.None).ConfigureAwait(false);
        await RecordMarks.SignEntriesAsync(db, certificate, CancellationToken.None).ConfigureAwait(false);
        await transaction.CommitAsync().ConfigureAwait(false);
    }
}
