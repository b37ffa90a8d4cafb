using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Keys;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>What forgetting the secrets came to.</summary>
/// <param name="Erased">How many values were erased.</param>
/// <param name="Kept">The copy of the database from before.</param>
public sealed record Forgotten(long Erased, string Kept);

/// <summary>
/// The way on where the key ring is lost: every sealed value, which nobody can open any more, is erased, and the portal
/// starts with a new key ring and everything that was not sealed. A copy is made before; should the certificate turn up,
/// it is restored.
/// </summary>
public sealed class SecretsForgetting(IServiceProvider services)
{
    /// <summary>Erases, where the key ring indeed does not open and no portal runs.</summary>
    /// <param name="agree">Asked before anything is written, with how many values there are.</param>
    /// <param name="cancellationToken">Gives up before anything is erased.</param>
    public async Task<Result<Forgotten>> RunAsync(Func<long, Task<bool>> agree, CancellationToken cancellationToken)
    {
        var options = services.GetRequiredService<IOptions<PortalOptions>>().Value;
        var directory = PortalDatabase.DataDirectory(options, services.GetRequiredService<IHostEnvironment>());
        var file = Path.Combine(directory, PortalDatabase.FileName);
        if (!File.Exists(file)) return new Problem(ProblemKind.NotFound, $"There is no database in {directory}. Set Portal:DataDirectory to the one that the portal uses.");
        try
        {
            using var mark = PortalMark.Alone(directory);
            if (mark is null) return new Problem(ProblemKind.NotNow, $"A portal runs with the data directory {directory}: its key ring opens, and nothing is lost. Nothing was changed.");
            await using var db = await services.GetRequiredService<IDbContextFactory<PortalDb>>().CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
            if ((await db.Database.GetPendingMigrationsAsync(cancellationToken).ConfigureAwait(false)).Any())
                return new Problem(ProblemKind.NotNow, "The database is of an older version. Start the portal once, which brings it up to date and then says that the key ring does not open. Nothing was changed.");
            if (KeyRingGuard.Sentence(await KeyRingGuard.ExamineAsync(db, options.KeyRing, cancellationToken).ConfigureAwait(false)) is null)
                return new Problem(ProblemKind.NotNow, "The key ring opens with the configured certificate: no secret is lost, and none has to be forgotten. Nothing was changed.");

            var count = (await SealedCounts.ReadAsync(db, cancellationToken).ConfigureAwait(false)).Sum(column => column.ByPrefix.Values.Sum());
            if (!await agree(count).ConfigureAwait(false)) return new Problem(ProblemKind.NotNow, "Nothing was changed.");
            var copy = await KeptCopy.MakeAsync(directory, "forgetting", services.GetRequiredService<TimeProvider>().GetUtcNow(), cancellationToken).ConfigureAwait(false);
            if (!copy.Succeeded) return copy.Problems.ToArray();
            var kept = copy.Value;
            var erased = await EraseAsync(db, kept).ConfigureAwait(false);
            // Anchors from before name a key that is lost. The next ones count from here.
            _ = await services.GetRequiredService<RecordAnchors>().WriteForAsync(file, AnchorReason.SecretsForgotten, Path.GetFileName(kept), CancellationToken.None).ConfigureAwait(false);
            return new Forgotten(erased, kept);
        }
        catch (Exception exception) when (DatabaseFile.IsTrouble(exception))
        {
            return new Problem(ProblemKind.Refused, $"The secrets were not forgotten. {DatabaseFile.Explain(exception)} Nothing was erased.");
        }
    }

    private async Task<long> EraseAsync(PortalDb db, string kept)
    {
        // A new key, and with it a new chain of the record, which says that the former one can no longer be proved. Killed
        // behind this, the known value of old still says that the ring is lost, and the command is given once more.
        var ring = services.GetRequiredService<PortalKeyRing>();
        var before = await db.KeyRing.Select(entry => entry.Id).ToListAsync().ConfigureAwait(false);
        _ = await Task.Run(ring.CreateKey).ConfigureAwait(false);
        var fingerprint = await services.GetRequiredService<ActivityKeeper>().BeginAgainAsync(RecordOrigin.SecretsForgotten, CancellationToken.None).ConfigureAwait(false);

        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var texts = services.GetRequiredService<IStringLocalizer<ProvisioningText>>();
        await using var transaction = await db.Database.BeginTransactionAsync().ConfigureAwait(false);
        long erased = 0;
        foreach (var column in SealedColumn.All)
        {
            // The record has its new key already, and the known value is written below.
            if (column.Table is "ActivityHead" or "ActivityMark" or "KeyRingCanary") continue;
            erased += await db.RunAsync(column.EraseSql, CancellationToken.None).ConfigureAwait(false);
        }

        await db.KeyRing.Where(entry => before.Contains(entry.Id)).ExecuteDeleteAsync().ConfigureAwait(false);
        await db.KeyRingCanaries.ExecuteDeleteAsync().ConfigureAwait(false);
        await db.QuarantinedSecrets.ExecuteDeleteAsync().ConfigureAwait(false);
        await db.KeyRotations.ExecuteDeleteAsync().ConfigureAwait(false);
        db.KeyRingCanaries.Add(new KeyRingCanary { Value = KeyRingProbe.Seal(ring, RecordMarks.CanaryText(fingerprint)), WrittenAt = now });
        db.Note(Actor.Portal, now, ActivityAction.SecretsForgotten, texts["Keys.Subject"], detail: texts["Keys.Forgotten", erased, Path.GetFileName(kept)]);
        await db.SaveChangesAsync().ConfigureAwait(false);
        await transaction.CommitAsync().ConfigureAwait(false);
        return erased;
    }
}
