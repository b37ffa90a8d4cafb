using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>The result of resealing one row.</summary>
/// <param name="Row">The row.</param>
/// <param name="Text">What its column is to hold; null where that is nothing.</param>
/// <param name="Done">How many of its values were sealed again or erased; where this is 0, nothing is written.</param>
/// <param name="Bad">Values that do not open, by their names within the column.</param>
/// <param name="Opened">The value, where the column holds one alone and it was sealed again.</param>
internal sealed record ResealedRow(SealedRow Row, string? Text, int Done, IReadOnlyList<(string Part, QuarantineReason Reason)> Bad, string? Opened)
{
    /// <summary>Seals the first release's values of a row again.</summary>
    public static ResealedRow Of(SealedColumn column, SealedRow row, FormerSecretBox former, ISecretBox secrets)
    {
        var kind = column.Kind!.Value;
        var parts = column.ReadParts(row.Owner, row.Text);
        if (column.IsDictionary && parts.Count == 0) return new ResealedRow(row, null, 0, [("", QuarantineReason.NotReadable)], null);
        if (row.Destination is not { } destination)
        {
            // An attempt may have lost its account, and then its values can never be sent. Any other row is damaged.
            return column.Table == "Attempts"
                ? new ResealedRow(row, column.ErasedText, parts.Count, [], null)
                : new ResealedRow(row, null, 0, [.. parts.Select(part => (part.Part, QuarantineReason.DoesNotOpen))], null);
        }

        var values = new Dictionary<string, Sealed>(StringComparer.Ordinal);
        List<(string, QuarantineReason)> bad = [];
        var done = 0;
        string? opened = null;
        foreach (var part in parts)
        {
            values[part.Part] = new Sealed(part.Ciphertext);
            if (part.Ciphertext.Length == 0) continue;
            var secret = new Secret(kind, part.Owner, new Sealed(part.Ciphertext));
            if (former.Find(secret) is not { } plain)
            {
                // Sealed for its origin already, or not to be opened at all.
                if (secrets.Find(secret, destination) is null) bad.Add((part.Part, QuarantineReason.DoesNotOpen));
                continue;
            }

            // Verify the new value before it replaces the old one.
            if (secrets.SealVerified(kind, part.Owner, destination, plain) is not { } again)
            {
                bad.Add((part.Part, QuarantineReason.ReadBackFailed));
                continue;
            }

            values[part.Part] = again;
            opened = plain;
            done++;
        }

        var text = column.IsDictionary ? JsonColumn.Write(values) : values[""].Ciphertext;
        return new ResealedRow(row, text, done, bad, column.IsDictionary ? null : opened);
    }}
