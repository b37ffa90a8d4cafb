using System.Data.Common;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Text;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Storage;

/// <summary>A row of a <see cref="SealedColumn"/> as it was read.</summary>
/// <param name="Owner">The id that its values are sealed for.</param>
/// <param name="Name">What the row is called.</param>
/// <param name="Text">What the column holds.</param>
/// <param name="Destination">Where its values are sent; null where that is not known.</param>
/// <param name="Key">The row's key.</param>
internal sealed record SealedRow(Guid Owner, string Name, string Text, SecretOrigin? Destination, string Key);

/// <summary>Reads and writes the rows of a <see cref="SealedColumn"/> in batches.</summary>
internal static class SealedRows
{
    /// <summary>Reads the next rows; the connection has to be open.</summary>
    public static async Task<List<SealedRow>> ReadAsync(
        PortalDb db, SealedColumn column, string? after, int count, Guid? account, CancellationToken cancellationToken)
    {
        await using var command = column.Select(db, after, [], count, account);
        return await ReadAsync(column, command, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many rows have a value that is sent to an account.</summary>
    public static async Task<int> CountAsync(PortalDb db, SealedColumn column, Guid account, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await using var command = column.Count(db, account);
            return (int)(long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        }
        finally
        {
            await db.Database.CloseConnectionAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The same without the values that begin with one of the prefixes.</summary>
    public static async Task<List<SealedRow>> ReadOthersAsync(
        PortalDb db, SealedColumn column, string? after, int count, IReadOnlyList<string> prefixes, CancellationToken cancellationToken)
    {
        await using var command = column.Select(db, after, prefixes, count);
        return await ReadAsync(column, command, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<List<SealedRow>> ReadAsync(SealedColumn column, DbCommand command, CancellationToken cancellationToken)
    {
        List<SealedRow> rows = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(new SealedRow(
                SealedColumn.ReadOwner(reader), OutsideText.Clean(reader.GetString(1), 255) ?? "", reader.GetString(2), column.ReadDestination(reader), column.WriteKey(reader)));
        }

        return rows;
    }

    /// <summary>Writes new texts in the context's transaction, where the column still holds what was read.</summary>
    /// <param name="db">The database.</param>
    /// <param name="column">The column.</param>
    /// <param name="changes">The rows that change, with what they hold from now on; null for nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The rows that were not written, because they were changed since they were read.</returns>
    public static async Task<IReadOnlyCollection<SealedRow>> WriteAsync(
        PortalDb db, SealedColumn column, IEnumerable<(SealedRow Row, string? Text)> changes, CancellationToken cancellationToken)
    {
        var changed = new HashSet<SealedRow>(ReferenceEqualityComparer.Instance);
        await using var update = db.Command(column.UpdateSql);
        var (fresh, old) = (update.Add("$new"), update.Add("$old"));
        DbParameter[] keys = [.. column.Key.Select((_, i) => update.Add($"$k{i}"))];
        await update.PrepareAsync(cancellationToken).ConfigureAwait(false);
        foreach (var (row, text) in changes)
        {
            fresh.Set(text);
            old.Set(row.Text);
            var values = SealedColumn.ReadKey(row.Key);
            for (var k = 0; k < keys.Length; k++) keys[k].Set(values[k]);
            if (await update.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) == 0) changed.Add(row);
        }

        return changed;
    }
}
