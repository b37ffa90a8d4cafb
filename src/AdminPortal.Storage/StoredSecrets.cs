using AdminPortal.Domain.Secrets;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Storage;

/// <summary>One stored secret and the row that it belongs to.</summary>
/// <param name="Row">What the row is called, in words.</param>
/// <param name="Name">The row's name.</param>
/// <param name="Secret">The secret.</param>
/// <param name="Destination">Where it is sent; null where that is not known, and then it does not open.</param>
internal sealed record StoredSecret(string Row, string Name, Secret Secret, SecretOrigin? Destination);

/// <summary>Goes through every stored secret of <see cref="SealedColumn.All"/>, some hundred rows at a time.</summary>
internal static class StoredSecrets
{
    private const int Batch = 500;

    /// <summary>All of them but the known value, which is no secret.</summary>
    public static async IAsyncEnumerable<StoredSecret> ReadAllAsync(
        PortalDb db, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var column in SealedColumn.All)
            {
                // A backup of earlier times may not have the column yet.
                if (column.Kind is not { } kind || !await column.ExistsAsync(db, cancellationToken).ConfigureAwait(false)) continue;
                string? after = null;
                for (var read = Batch; read == Batch;)
                {
                    List<StoredSecret> found = [];
                    read = 0;
                    await using (var command = column.Select(db, after, [], Batch))
                    {
                        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                        {
                            read++;
                            after = column.WriteKey(reader);
                            var destination = column.ReadDestination(reader);
                            found.AddRange(column.ReadParts(SealedColumn.ReadOwner(reader), reader.GetString(2))
                                .Select(part => new StoredSecret(column.Row, reader.GetString(1), new Secret(kind, part.Owner, new Sealed(part.Ciphertext)), destination)));
                        }
                    }

                    foreach (var secret in found) yield return secret;
                }
            }
        }
        finally
        {
            await db.Database.CloseConnectionAsync().ConfigureAwait(false);
        }
    }
}
