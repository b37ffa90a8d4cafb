using System.Buffers;
using System.Security.Cryptography;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Activity;

/// <summary>Makes the chain over the record ready at start, before anything is written to it.</summary>
public sealed class ActivityKeeper(
    IDbContextFactory<PortalDb> databases, ActivityKey keys, TimeProvider clock, IStringLocalizer<ProvisioningText> texts, ILogger<ActivityKeeper> logger)
{
    /// <summary>So many older lines are tied in one transaction: whoever is interrupted goes on from there.</summary>
    private const int Batch = 20_000;

    /// <summary>Makes the chain's key where there is none, and ties lines that were written before there was a chain. To be called at every start.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await PrepareAsync(db, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // The context goes back to its pool, and an open connection would go with it.
            await db.Database.CloseConnectionAsync().ConfigureAwait(false);
        }
    }

    private async Task PrepareAsync(PortalDb db, CancellationToken cancellationToken)
    {
        var known = await ActivityChain.FindHeadAsync(db, cancellationToken).ConfigureAwait(false);
        if (known is null || !Opens(known))
        {
            // Sealed outside of any transaction: the key ring may have to write a key of its own first.
            var key = RandomNumberGenerator.GetBytes(ActivityChain.HashLength);
            var fresh = keys.Seal(key);
            if (known is null) await BeginAsync(db, fresh, key, cancellationToken).ConfigureAwait(false);
            else await BeginAnewAsync(db, fresh, key, cancellationToken).ConfigureAwait(false);
        }

        await TieOlderAsync(db, cancellationToken).ConfigureAwait(false);
    }

    private bool Opens(ActivityHead head)
    {
        try
        {
            _ = keys.Open(head);
            return true;
        }
        catch (SecretUnreadableException)
        {
            return false;
        }
    }

    private static async Task BeginAsync(PortalDb db, Sealed fresh, byte[] key, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        // Another process may have been started at the same moment.
        if (await ActivityChain.FindHeadAsync(db, cancellationToken).ConfigureAwait(false) is not null) return;
        var first = await db.Activity.MinAsync(line => (long?)line.Id, cancellationToken).ConfigureAwait(false) ?? 1;
        var older = await db.Activity.MaxAsync(line => (long?)line.Id, cancellationToken).ConfigureAwait(false) ?? 0;
        var head = new ActivityHead
        {
            Key = fresh,
            FirstId = first,
            FirstHash = ActivityChain.Beginning,
            LastId = first - 1,
            LastHash = ActivityChain.Beginning,
            OlderId = older,
            Mac = [],
        };
        head.Mac = ActivityChain.Mac(key, head);
        db.ActivityHeads.Add(head);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        db.ChangeTracker.Clear();
    }

    /// <summary>
    /// Without the key nothing can be tied to the chain, and a portal that may write nothing down may do nothing. So a new
    /// chain begins behind the last line. The lines before it are not tied anew: that would vouch for what nobody can prove.
    /// They stay, and doctor tells of them from now on.
    /// </summary>
    private async Task BeginAnewAsync(PortalDb db, Sealed fresh, byte[] key, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (await ActivityChain.FindHeadAsync(db, cancellationToken).ConfigureAwait(false) is not { } head || Opens(head)) return;
        var last = Math.Max(head.LastId, await db.Activity.MaxAsync(line => (long?)line.Id, cancellationToken).ConfigureAwait(false) ?? 0);
        var lostFrom = head.FirstId;
        (head.Key, head.FirstId, head.FirstHash, head.LastId, head.LastHash, head.OlderId) = (fresh, last + 1, ActivityChain.Beginning, last, ActivityChain.Beginning, 0);
        head.Mac = ActivityChain.Mac(key, head);
        await db.RunAsync("UPDATE \"ActivityHead\" SET \"Key\" = $key WHERE \"Id\" = 1", cancellationToken, [("$key", fresh.Ciphertext)]).ConfigureAwait(false);
        await ActivityChain.WriteHeadAsync(db, head, cancellationToken).ConfigureAwait(false);
        db.Note(Actor.Portal, clock.GetUtcNow(), ActivityAction.RecordKeyLost, texts["Activity.Record"], succeeded: false, texts["Activity.KeyLost", lostFrom, last]);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        ActivityLogging.KeyLost(logger, last);
    }

    // Lines of a version without a chain have an empty hash, and the head stands before them.
    private async Task TieOlderAsync(PortalDb db, CancellationToken cancellationToken)
    {
        var tied = 0L;
        while (true)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            var head = (await ActivityChain.FindHeadAsync(db, cancellationToken).ConfigureAwait(false))!;
            if (head.LastId >= head.OlderId) break;
            var count = await TieBatchAsync(db, head, cancellationToken).ConfigureAwait(false);
            await ActivityChain.WriteHeadAsync(db, head, cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            tied += count;
        }

        if (tied > 0) ActivityLogging.Tied(logger, tied);
    }

    private async Task<int> TieBatchAsync(PortalDb db, ActivityHead head, CancellationToken cancellationToken)
    {
        List<(long Id, byte[] Hash)> hashes = [];
        var key = keys.Open(head);
        var buffer = new ArrayBufferWriter<byte>(512);
        var command = db.Command(
            $"SELECT {ActivityRow.Select} FROM \"Activity\" WHERE \"Id\" > $last AND \"Id\" <= $older ORDER BY \"Id\" LIMIT {Batch}", [("$last", head.LastId), ("$older", head.OlderId)]);
        await using (command.ConfigureAwait(false))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var (row, _) = ActivityRow.Read(reader);
                (head.LastId, head.LastHash) = (row.Id, ActivityChain.Next(key, head.LastHash, row, buffer));
                hashes.Add((row.Id, head.LastHash));
            }
        }

        await using var update = db.Command("UPDATE \"Activity\" SET \"Hash\" = $hash WHERE \"Id\" = $id");
        var (hash, id) = (update.Add("$hash"), update.Add("$id"));
        await update.PrepareAsync(cancellationToken).ConfigureAwait(false);
        foreach (var line in hashes)
        {
            hash.Set(line.Hash);
            id.Set(line.Id);
            await update.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        head.Mac = ActivityChain.Mac(key, head);
        return hashes.Count;
    }
}
