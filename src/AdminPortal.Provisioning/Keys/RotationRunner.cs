using System.Security.Cryptography;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;
using Secret = AdminPortal.Domain.Secrets.Secret;

namespace AdminPortal.Provisioning.Keys;

/// <summary>
/// Works on a rotation. A batch is opened, sealed anew and read back outside of any transaction, and then written in one,
/// together with how far the rotation is: whoever is killed between two batches has lost one batch's work and nothing else.
/// </summary>
internal sealed class RotationRunner(
    IDbContextFactory<PortalDb> databases, PortalKeyRing ring, ISecretBox secrets, WriteTurns turns, ChangeFeed feed, TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts, ILogger<RotationRunner> logger) : IDueWork
{
    /// <summary>Much longer than a batch takes; every batch renews it.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    private const string MoveOn =
        """
        UPDATE "KeyRotations" SET "Resealed" = "Resealed" + $resealed, "Newer" = "Newer" + $newer, "PassFound" = "PassFound" + $found, "Column" = $column, "Cursor" = $cursor,
            "LeaseUntil" = $lease, "Version" = "Version" + 1
        WHERE "Id" = $id AND "State" = 'Running' AND "ClaimedBy" = $claim
        """;

    /// <inheritdoc />
    public static string Subject => "rotation";

    /// <inheritdoc />
    public static ChangeTopic Topic => ChangeTopic.KeyRotations;

    /// <inheritdoc />
    public static int MaxAtOnce => 1;

    /// <summary>So many rows are one batch: a transaction of some tens of milliseconds.</summary>
    internal int BatchSize { get; init; } = 1000;

    /// <summary>The rotation that nobody works on.</summary>
    public async Task<IReadOnlyList<Guid>> FindDueAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        return await db.KeyRotations.Where(row => row.State == RotationState.Running && (row.LeaseUntil == null || row.LeaseUntil <= now))
            .Select(row => row.Id).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IEnumerable<DueItem>> FindDueItemsAsync(CancellationToken stoppingToken) =>
        (await FindDueAsync(stoppingToken).ConfigureAwait(false)).Select(id => new DueItem(id, stopping => RunAsync(id, stopping)));

    /// <summary>Works on a rotation until it is done, unless somebody else does.</summary>
    /// <exception cref="OperationCanceledException">The portal stops; the rotation is left to the next process.</exception>
    public async Task RunAsync(Guid id, CancellationToken cancellationToken)
    {
        var claim = Guid.NewGuid();
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await ClaimAsync(db, id, claim, cancellationToken).ConfigureAwait(false) is not { } work) return;
        KeysLog.Claimed(logger, id, work.Pass, work.Resealed);
        try
        {
            await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            while (await StepAsync(db, work, cancellationToken).ConfigureAwait(false)) feed.Publish(ChangeTopic.KeyRotations, id);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await db.RunAsync(
                "UPDATE \"KeyRotations\" SET \"ClaimedBy\" = NULL, \"LeaseUntil\" = NULL WHERE \"Id\" = $id AND \"ClaimedBy\" = $claim", CancellationToken.None,
                ("$id", id), ("$claim", claim)).ConfigureAwait(false);
            throw;
        }
        finally
        {
            await db.Database.CloseConnectionAsync().ConfigureAwait(false);
        }

        feed.Publish(ChangeTopic.KeyRotations, id);
    }

    /// <summary>The keys that are no older than the rotation's, and how what they seal begins.</summary>
    internal static HashSet<Guid> FindFresh(KeyRingGeneration generation, Guid keyId)
    {
        var key = generation.Keys.FirstOrDefault(key => key.Id == keyId)
            ?? throw new InvalidOperationException($"The key ring has no key {keyId}, which the rotation was begun with.");
        return [.. generation.Keys.Where(other => other.CreatedAt >= key.CreatedAt).Select(other => other.Id)];
    }

    private async Task<KeyRotation?> ClaimAsync(PortalDb db, Guid id, Guid claim, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var until = now + Lease;
        var claimed = await db.KeyRotations
            .Where(row => row.Id == id && row.State == RotationState.Running && (row.LeaseUntil == null || row.LeaseUntil <= now))
            .ExecuteUpdateAsync(
                set => set.SetProperty(row => row.ClaimedBy, claim).SetProperty(row => row.LeaseUntil, until).SetProperty(row => row.Version, row => row.Version + 1),
                cancellationToken).ConfigureAwait(false);
        return claimed == 0 ? null : await db.KeyRotations.AsNoTracking().SingleAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One step: counts, seals a batch, or ends a pass.</summary>
    /// <returns>Whether there is more to do.</returns>
    private async Task<bool> StepAsync(PortalDb db, KeyRotation work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var fresh = FindFresh(await FindRingAsync(work.KeyId, cancellationToken).ConfigureAwait(false), work.KeyId);
        if (work.Pass == 0) return await CountAsync(db, work, fresh, cancellationToken).ConfigureAwait(false);

        var index = work.Column is null ? 0 : SealedColumn.All.ToList().FindIndex(one => one.Path == work.Column);
        // A version that does not know the column walks all of them once more.
        var column = SealedColumn.All[Math.Max(index, 0)];
        var after = index < 0 ? null : work.Cursor;
        var rows = await SealedRows.ReadOthersAsync(
            db, column, after, BatchSize, [.. fresh.Select(SealedHeader.PrefixOf)], cancellationToken).ConfigureAwait(false);
        if (rows.Count > 0)
        {
            var outcomes = new RowOutcome[rows.Count];
            await Task.Run(
                () => Parallel.For(
                    0, rows.Count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
                    i => outcomes[i] = Reseal(column, rows[i], fresh)),
                cancellationToken).ConfigureAwait(false);
            return await WriteAsync(db, work, column, rows, outcomes, cancellationToken).ConfigureAwait(false);
        }

        var next = SealedColumn.All.ToList().FindIndex(one => one == column) + 1;
        if (next < SealedColumn.All.Count) return await MoveAsync(db, work, SealedColumn.All[next].Path, cancellationToken).ConfigureAwait(false);
        // Only a pass that had nothing to do proves that nothing is left: others write meanwhile, and one may have sealed with an old key.
        return work.PassFound > 0
            ? await BeginPassAsync(db, work, cancellationToken).ConfigureAwait(false)
            : await EndAsync(db, work, cancellationToken).ConfigureAwait(false);
    }

    // Another process may have made the key; within seconds its ring would be seen anyway.
    private Task<KeyRingGeneration> FindRingAsync(Guid keyId, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            if (!ring.Current.Knows(keyId)) _ = ring.RefreshIfChanged();
            return ring.Current;
        },
        cancellationToken);

    private RowOutcome Reseal(SealedColumn column, SealedRow row, HashSet<Guid> fresh)
    {
        var parts = column.ReadParts(row.Owner, row.Text);
        if (column.IsDictionary && parts.Count == 0) return new RowOutcome(null, 0, [new Bad("", QuarantineReason.NotReadable)]);
        var values = new Dictionary<string, Sealed>(StringComparer.Ordinal);
        List<Bad> bad = [];
        var resealed = 0;
        foreach (var part in parts)
        {
            values[part.Part] = new Sealed(part.Ciphertext);
            if (part.Ciphertext.Length == 0 || (SealedHeader.KeyIdOf(part.Ciphertext) is { } key && fresh.Contains(key))) continue;
            if (row.Destination is not { } destination || Open(column.Kind, part.Owner, destination, part.Ciphertext) is not { } plain)
            {
                bad.Add(new Bad(part.Part, QuarantineReason.DoesNotOpen));
                continue;
            }

            // Verify the new value before it replaces the old one.
            if (SealVerified(column.Kind, part.Owner, destination, plain) is not { } anew)
            {
                bad.Add(new Bad(part.Part, QuarantineReason.ReadBackFailed));
                continue;
            }

            if (SealedHeader.KeyIdOf(anew.Ciphertext) is not { } used || !fresh.Contains(used))
                throw new InvalidOperationException("The key ring of this process does not seal with the new key yet.");
            values[part.Part] = anew;
            resealed++;
        }

        var text = resealed == 0 ? null : column.IsDictionary ? JsonColumn.Write(values) : values[""].Ciphertext;
        return new RowOutcome(text, resealed, bad);
    }

    private string? Open(SecretKind? kind, Guid owner, SecretOrigin destination, string ciphertext)
    {
        if (kind is { } known) return secrets.Find(new Secret(known, owner, new Sealed(ciphertext)), destination);
        try
        {
            return KeyRingProbe.Protector(ring).Unprotect(ciphertext);
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return null;
        }
    }

    private Sealed? SealVerified(SecretKind? kind, Guid owner, SecretOrigin destination, string plain)
    {
        if (kind is { } known) return secrets.SealVerified(known, owner, destination, plain);
        var made = KeyRingProbe.Protector(ring).Protect(plain);
        return Open(null, owner, destination, made) == plain ? new Sealed(made) : null;
    }

    private async Task<bool> WriteAsync(
        PortalDb db, KeyRotation work, SealedColumn column, List<SealedRow> rows, RowOutcome[] outcomes, CancellationToken cancellationToken)
    {
        var (resealed, newer) = (0L, 0L);
        using var turn = await turns.TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var changes = rows.Zip(outcomes, (row, outcome) => (Row: row, outcome.Text)).Where(change => change.Text is not null);
        var changed = await SealedRows.WriteAsync(db, column, changes, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < rows.Count; i++)
        {
            if (changed.Contains(rows[i])) newer += outcomes[i].Resealed;
            else resealed += outcomes[i].Resealed;
        }

        var hasBad = false;
        for (var i = 0; i < rows.Count; i++)
        {
            foreach (var bad in outcomes[i].Bad)
            {
                hasBad = true;
                await KeepAsync(db, work, column, rows[i], bad, cancellationToken).ConfigureAwait(false);
            }
        }

        if (!await AdvanceAsync(db, work, resealed, newer, column.Path, rows[^1].Key, cancellationToken).ConfigureAwait(false)) return false;
        if (hasBad)
        {
            await db.RunAsync(
                "UPDATE \"KeyRotations\" SET \"Unreadable\" = (SELECT COUNT(*) FROM \"QuarantinedSecrets\" WHERE \"RotationId\" = $id) WHERE \"Id\" = $id", cancellationToken,
                ("$id", work.Id)).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private Task KeepAsync(
        PortalDb db, KeyRotation work, SealedColumn column, SealedRow row, Bad bad, CancellationToken cancellationToken) =>
        Quarantine.KeepAsync(db, work.Id, column, row.Key, new SealedPart(bad.Part, row.Owner, row.Text), row.Name, bad.Reason, clock.GetUtcNow(), cancellationToken);

    // Zero rows: another process took it over, and this one stops. What it has sealed is rolled back with the rest.
    private async Task<bool> AdvanceAsync(
        PortalDb db, KeyRotation work, long resealed, long newer, string column, string? cursor, CancellationToken cancellationToken)
    {
        var moved = await db.RunAsync(
            MoveOn, cancellationToken, ("$id", work.Id), ("$claim", work.ClaimedBy), ("$resealed", resealed), ("$newer", newer), ("$found", resealed + newer), ("$column", column),
            ("$cursor", cursor), ("$lease", (clock.GetUtcNow() + Lease).UtcTicks)).ConfigureAwait(false);
        if (moved == 0) return false;
        (work.Column, work.Cursor) = (column, cursor);
        work.Resealed += resealed;
        work.PassFound += resealed + newer;
        return true;
    }

    private Task<bool> MoveAsync(PortalDb db, KeyRotation work, string column, CancellationToken cancellationToken) =>
        AdvanceAsync(db, work, 0, 0, column, null, cancellationToken);

    private async Task<bool> CountAsync(PortalDb db, KeyRotation work, HashSet<Guid> fresh, CancellationToken cancellationToken)
    {
        var counts = await SealedCounts.ReadAsync(db, cancellationToken).ConfigureAwait(false);
        var prefixes = fresh.Select(SealedHeader.PrefixOf).ToHashSet(StringComparer.Ordinal);
        work.Total = counts.SelectMany(kind => kind.ByPrefix).Where(count => !prefixes.Contains(count.Key)).Sum(count => count.Value);
        await db.RunAsync(
            "UPDATE \"KeyRotations\" SET \"Total\" = $total WHERE \"Id\" = $id AND \"ClaimedBy\" = $claim", cancellationToken,
            ("$total", work.Total), ("$id", work.Id), ("$claim", work.ClaimedBy)).ConfigureAwait(false);
        return await BeginPassAsync(db, work, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> BeginPassAsync(PortalDb db, KeyRotation work, CancellationToken cancellationToken)
    {
        var begun = await db.RunAsync(
            "UPDATE \"KeyRotations\" SET \"Pass\" = \"Pass\" + 1, \"PassFound\" = 0, \"Column\" = NULL, \"Cursor\" = NULL, \"LeaseUntil\" = $lease, \"Version\" = \"Version\" + 1 WHERE \"Id\" = $id AND \"State\" = 'Running' AND \"ClaimedBy\" = $claim",
            cancellationToken, ("$lease", (clock.GetUtcNow() + Lease).UtcTicks), ("$id", work.Id), ("$claim", work.ClaimedBy)).ConfigureAwait(false);
        if (begun == 0) return false;
        (work.Pass, work.PassFound, work.Column, work.Cursor) = (work.Pass + 1, 0, null, null);
        return true;
    }

    private async Task<bool> EndAsync(PortalDb db, KeyRotation work, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var ended = await db.RunAsync(
            "UPDATE \"KeyRotations\" SET \"State\" = 'Done', \"EndedAt\" = $now, \"ClaimedBy\" = NULL, \"LeaseUntil\" = NULL, \"Version\" = \"Version\" + 1 WHERE \"Id\" = $id AND \"State\" = 'Running' AND \"ClaimedBy\" = $claim",
            cancellationToken, ("$now", now.UtcTicks), ("$id", work.Id), ("$claim", work.ClaimedBy)).ConfigureAwait(false);
        if (ended == 0) return false;
        // What an earlier rotation met and this one did not was entered anew, or is gone.
        await db.QuarantinedSecrets.Where(entry => entry.RotationId != work.Id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        var unreadable = await db.QuarantinedSecrets.LongCountAsync(cancellationToken).ConfigureAwait(false);
        db.Note(
            new Actor(work.PersonId, work.PersonName), now, ActivityAction.KeyRotationEnded, texts["Keys.Subject"], succeeded: unreadable == 0,
            texts["Keys.Rotation.Ended", work.Resealed, unreadable]);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        db.ChangeTracker.Clear();
        KeysLog.Done(logger, work.Id, work.Resealed, work.KeyId, unreadable);
        return false;
    }

    private sealed record Bad(string Part, QuarantineReason Reason);

    private sealed record RowOutcome(string? Text, int Resealed, IReadOnlyList<Bad> Bad);
}
