using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Keys;

/// <summary>How many values of a column there are, by how they begin.</summary>
/// <param name="Column">The column.</param>
/// <param name="ByPrefix">The number of values for each beginning.</param>
internal sealed record SealedCounts(SealedColumn Column, IReadOnlyDictionary<string, long> ByPrefix)
{
    /// <summary>Counts all of them; nothing is opened. The connection may be closed.</summary>
    public static async Task<IReadOnlyList<SealedCounts>> ReadAsync(PortalDb db, CancellationToken cancellationToken)
    {
        List<SealedCounts> counts = [];
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var column in SealedColumn.All)
            {
                Dictionary<string, long> found = new(StringComparer.Ordinal);
                await using var command = db.Command(column.CountSql);
                await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) found[reader.IsDBNull(0) ? "" : reader.GetString(0)] = reader.GetInt64(1);
                counts.Add(new SealedCounts(column, found));
            }
        }
        finally
        {
            await db.Database.CloseConnectionAsync().ConfigureAwait(false);
        }

        return counts;
    }
}
