using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Activity;

/// <summary>
/// Takes lines out of the record that are older than it is kept: first they are written to a file with a checksum, then
/// the beginning of the chain moves behind them, with a line that says so, and only then they go, a few at a time.
/// </summary>
/// <remarks>
/// The head remembers the hash of the last line that went, so the chain still holds. The file has every column as it was
/// stored and each line's hash; its own hash stands in the record. The same lines make the same file, word for word: a
/// second process, or the same one after it was interrupted, finds it there and goes on.
/// </remarks>
internal sealed class ActivityRetention(
    IDbContextFactory<PortalDb> databases, ActivityKey keys, IOptions<PortalOptions> options, IHostEnvironment environment,
    TimeProvider clock, IStringLocalizer<ProvisioningText> texts, ILogger<ActivityRetention> logger) : IScheduledTask
{
    /// <summary>How long after a failure it is tried again.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromHours(1);

    private const int Chunk = 500;

    /// <summary>Removes what is due, if anything is.</summary>
    /// <returns>When to look again; null where everything is kept.</returns>
    public async Task<DateTimeOffset?> RunAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Activity.KeepDays is not { } days) return null;
        var now = clock.GetUtcNow();
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
            await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await RemoveAsync(db, now - TimeSpan.FromDays(days), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                await db.Database.CloseConnectionAsync().ConfigureAwait(false);
            }

            return now + TimeSpan.FromDays(1);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return now;
        }
        catch (Exception exception) when (DatabaseFile.IsTrouble(exception))
        {
            ActivityLogging.NotRemoved(logger, DatabaseFile.Explain(exception));
            return now + RetryAfter;
        }
    }

    private async Task RemoveAsync(PortalDb db, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var (found, maxId) = await ActivityChain.FindHeadAsync(db, cancellationToken).ConfigureAwait(false);
        if (found is not { } head) return;
        // What may be removed is believed only with the head's HMAC.
        if (ActivityChain.FindAlteration(head, maxId, keys.Open(head)) is { } alteration)
        {
            ActivityLogging.NotRemoved(logger, $"{alteration.Text(texts)} Run \"AdminPortal doctor\".");
            return;
        }

        // What an interrupted run left behind.
        await DeleteAsync(db, head.RemovedId, cancellationToken).ConfigureAwait(false);

        // Times may lie a little out of order; a line is not passed over for one behind it.
        var firstKept = await db.Activity.Where(line => line.At >= before).MinAsync(line => (long?)line.Id, cancellationToken).ConfigureAwait(false);
        var last = Math.Min(head.LastId, (firstKept ?? head.LastId + 1) - 1);
        if (last < head.FirstId) return;

        // What was altered is evidence, and stays.
        var check = await ActivityCheck.RunAsync(db, keys.Open, cancellationToken).ConfigureAwait(false);
        if (check?.Break is { } broken)
        {
            ActivityLogging.NotRemoved(logger, $"The record was altered behind the portal's back: {broken} Run \"AdminPortal doctor\".");
            return;
        }

        var first = await db.Activity.MinAsync(line => line.Id, cancellationToken).ConfigureAwait(false);
        var (file, checksum) = await ExportAsync(db, first, last, cancellationToken).ConfigureAwait(false);
        if (!await MoveBeginningAsync(db, head, first, last, file, checksum, cancellationToken).ConfigureAwait(false)) return;
        ActivityLogging.Removed(logger, first, last, file);
        await DeleteAsync(db, last, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> MoveBeginningAsync(PortalDb db, ActivityHead seen, long first, long last, string file, string checksum, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        // Another process may have been quicker; the file is the same.
        if (await ActivityChain.FindHeadAsync(db, cancellationToken).ConfigureAwait(false) is not ({ } head, var maxId) || head.FirstId != seen.FirstId) return false;
        if (ActivityChain.FindAlteration(head, maxId, keys.Open(head)) is not null) return false;
        head.FirstHash = await db.Activity.Where(line => line.Id == last).Select(line => line.Hash).SingleAsync(cancellationToken).ConfigureAwait(false);
        (head.FirstId, head.RemovedId) = (last + 1, last);
        head.Mac = ActivityChain.Mac(keys.Open(head), head);
        await ActivityChain.WriteHeadAsync(db, head, cancellationToken).ConfigureAwait(false);
        db.Note(
            Actor.Portal, clock.GetUtcNow(), ActivityAction.RecordRemoved, texts["Activity.Record"],
            detail: texts["Activity.Removed", first, last, Path.GetFileName(file), checksum]);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    // In small pieces: nobody who has to write waits for all of them.
    private static async Task DeleteAsync(PortalDb db, long last, CancellationToken cancellationToken)
    {
        while (await db.RunAsync(
            $"DELETE FROM \"Activity\" WHERE \"Id\" IN (SELECT \"Id\" FROM \"Activity\" WHERE \"Id\" <= $last ORDER BY \"Id\" LIMIT {Chunk})", cancellationToken, [("$last", last)])
            .ConfigureAwait(false) > 0)
        {
            await Task.Yield();
        }
    }

    /// <summary>Writes the lines to a file, with its checksum in a second one beside it, as <c>sha256sum --check</c> reads it.</summary>
    private async Task<(string File, string Checksum)> ExportAsync(PortalDb db, long first, long last, CancellationToken cancellationToken)
    {
        var directory = options.Value.Backup.Directory;
        PortalDatabase.MakeDirectory(directory);
        var file = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"activity-{first}-{last}.jsonl"));
        using var temporary = TemporaryFiles.Open(PortalDatabase.DataDirectory(options.Value, environment));
        string checksum;
        var partial = temporary.PlaceFor(file);
        var target = OwnerOnlyFile.Open(partial, FileMode.Create);
        await using (target.ConfigureAwait(false))
        {
            checksum = await WriteAsync(db, target, last, cancellationToken).ConfigureAwait(false);
            target.Flush(flushToDisk: true);
        }

        // A file with this name has the same lines. More lines at another time get another name.
        TemporaryFiles.Publish(partial, file, overwrite: true);
        var sum = temporary.PlaceFor($"{file}.sha256");
        var noted = OwnerOnlyFile.Open(sum, FileMode.Create);
        await using (noted.ConfigureAwait(false))
        {
            var text = $"{checksum}  {Path.GetFileName(file)}\n";
            await noted.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken).ConfigureAwait(false);
            noted.Flush(flushToDisk: true);
        }

        TemporaryFiles.Publish(sum, $"{file}.sha256", overwrite: true);
        return (file, checksum);
    }

    private static async Task<string> WriteAsync(PortalDb db, FileStream target, long last, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var line = new MemoryStream();
        await using var command = db.Command($"SELECT {ActivityRow.Select} FROM \"Activity\" WHERE \"Id\" <= $last ORDER BY \"Id\"", [("$last", last)]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            line.SetLength(0);
            var (row, tie) = ActivityRow.Read(reader);
            var json = new Utf8JsonWriter(line);
            await using (json.ConfigureAwait(false)) row.WriteJson(json, tie);
            line.WriteByte((byte)'\n');
            var bytes = line.GetBuffer().AsMemory(0, (int)line.Length);
            hash.AppendData(bytes.Span);
            await target.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
