using System.Collections.Concurrent;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Accounts;

/// <summary>Values of an account's rows, sealed for another origin: by column and key, what was read and what takes its place.</summary>
public sealed class PreparedValues
{
    internal ConcurrentDictionary<(string Column, string Key), (string Before, string After)> Rows { get; } = new();
}

/// <summary>What was sealed for another origin.</summary>
/// <param name="Instances">Instances whose token was.</param>
/// <param name="Attempts">Attempts whose stored values were.</param>
/// <param name="Unreadable">Rows with a value that did not open before and does not now.</param>
internal sealed record ResealedValues(int Instances, int Attempts, int Unreadable);

/// <summary>Seals the tokens and configuration values of an account's rows for another origin.</summary>
public sealed class AccountReseal(IDbContextFactory<PortalDb> databases, ISecretBox secrets)
{
    private const int Batch = 2000;

    /// <summary>The configuration values of attempts.</summary>
    internal static readonly SealedColumn OfAttempts = SealedColumn.All.Single(column => column.Path == "Attempts.SealedConfiguration");

    /// <summary>The tokens in the listings of syncs.</summary>
    internal static readonly SealedColumn OfListings = SealedColumn.All.Single(column => column.Path == "SyncRows.Token");

    /// <summary>The columns with values that are sent to the account, but for its own two secrets, which are entered again.</summary>
    private static readonly SealedColumn[] Columns = [.. SealedColumn.All.Where(column => column is { SentTo: not null, Table: not ("Accounts" or "ProviderAppOrigins") })];

    /// <summary>Opens and seals everything, and writes nothing: of 100,000 tokens that takes seconds.</summary>
    internal async Task<PreparedValues> PrepareAsync(PlatformAccount account, SecretOrigin destination, CancellationToken cancellationToken)
    {
        var prepared = new PreparedValues();
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await foreach (var (column, rows) in ReadAsync(db, account.Id, cancellationToken).ConfigureAwait(false))
            {
                await Task.Run(
                    () => Parallel.ForEach(rows, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken }, row =>
                    {
                        if (Reseal(column, row, destination) is { Text: { } text }) prepared.Rows[(column.Path, row.Key)] = (row.Text, text);
                    }),
                    cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await db.Database.CloseConnectionAsync().ConfigureAwait(false);
        }

        return prepared;
    }

    /// <summary>
    /// Writes the prepared values in the context's transaction. Values that were changed or added after they were prepared are
    /// sealed here: the transaction holds the write lock. Each row's version is increased, so that saving a row that was read
    /// before the move fails.
    /// </summary>
    internal async Task<ResealedValues> WriteAsync(PortalDb db, PlatformAccount account, SecretOrigin destination, PreparedValues prepared, CancellationToken cancellationToken)
    {
        var (instances, attempts, unreadable) = (0, new HashSet<Guid>(), 0);
        await foreach (var (column, rows) in ReadAsync(db, account.Id, cancellationToken).ConfigureAwait(false))
        {
            List<(SealedRow, string?)> changes = new(rows.Count);
            foreach (var row in rows)
            {
                var text = prepared.Rows.TryGetValue((column.Path, row.Key), out var known) && known.Before == row.Text ? known.After : null;
                if (text is null)
                {
                    (text, var isWhole) = Reseal(column, row, destination);
                    if (!isWhole) unreadable++;
                    if (text is null) continue;
                }

                changes.Add((row, text));
                if (column.Table == "Instances") instances++;
                else if (column.Table == "Attempts") attempts.Add(row.Owner);
            }

            var changed = await SealedRows.WriteAsync(db, column, changes, cancellationToken).ConfigureAwait(false);
            if (changed.Count > 0)
                throw new InvalidOperationException($"{changed.Count} rows of {column.Path} changed within the transaction that moves them.");
        }

        foreach (var table in new[] { "Instances", "Attempts" })
        {
            await db.RunAsync(
                $"UPDATE \"{table}\" SET \"Version\" = \"Version\" + 1 WHERE \"PlatformAccountId\" = $account", cancellationToken, ("$account", account.Id)).ConfigureAwait(false);
        }

        return new ResealedValues(instances, attempts.Count, unreadable);
    }

    private static async IAsyncEnumerable<(SealedColumn Column, List<SealedRow> Rows)> ReadAsync(
        PortalDb db, Guid account, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var column in Columns)
        {
            string? after = null;
            while (true)
            {
                var rows = await SealedRows.ReadAsync(db, column, after, Batch, account, cancellationToken).ConfigureAwait(false);
                if (rows.Count == 0) break;
                yield return (column, rows);
                after = rows[^1].Key;
                if (rows.Count < Batch) break;
            }
        }
    }

    // The text for the new origin, null where nothing of it opens; and whether all of it did.
    private (string? Text, bool IsWhole) Reseal(SealedColumn column, SealedRow row, SecretOrigin destination)
    {
        if (row.Destination is not { } origin) return (null, false);
        var values = new Dictionary<string, Sealed>(StringComparer.Ordinal);
        var (opened, isWhole) = (0, true);
        foreach (var part in column.ReadParts(row.Owner, row.Text))
        {
            values[part.Part] = new Sealed(part.Ciphertext);
            if (part.Ciphertext.Length == 0) continue;
            var kind = column.Kind!.Value;
            // Verify the new value before it replaces the old one. A value that does not open stays as it is.
            if (secrets.Find(new Secret(kind, part.Owner, new Sealed(part.Ciphertext)), origin) is { } plain
                && secrets.SealVerified(kind, part.Owner, destination, plain) is { } resealed)
            {
                values[part.Part] = resealed;
                opened++;
            }
            else
            {
                isWhole = false;
            }
        }

        return (opened == 0 ? null : column.IsDictionary ? JsonColumn.Write(values) : values[""].Ciphertext, isWhole);
    }
}
