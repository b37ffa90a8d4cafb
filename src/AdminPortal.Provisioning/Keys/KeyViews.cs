using AdminPortal.Domain.Keys;

namespace AdminPortal.Provisioning.Keys;

/// <summary>The key ring as the page shows it. Nothing is opened for it.</summary>
/// <param name="Keys">How many keys there are.</param>
/// <param name="Current">The beginning of the id of the key that seals now.</param>
/// <param name="CurrentSince">When that key was made.</param>
/// <param name="Wraps">What wraps the keys; several while they differ.</param>
/// <param name="HasCertificate">Whether a certificate is configured.</param>
/// <param name="NeedsWrapping">Whether a key is not wrapped by the certificate that is configured.</param>
/// <param name="Latest">The rotation that runs, or the last one; null where there was none.</param>
/// <param name="OldKeys">How many keys the last rotation has left without use.</param>
/// <param name="RemovableFrom">From when those may be removed; null where there are none, or a rotation runs.</param>
/// <param name="Quarantined">How many values do not open.</param>
/// <param name="Quarantine">Some of them.</param>
public sealed record KeysOverview(
    int Keys, string Current, DateTimeOffset CurrentSince, IReadOnlyList<KeyWrap> Wraps, bool HasCertificate, bool NeedsWrapping, RotationView? Latest, int OldKeys,
    DateTimeOffset? RemovableFrom, int Quarantined, IReadOnlyList<QuarantineEntry> Quarantine);

/// <summary>A certificate that wraps keys.</summary>
/// <param name="Subject">Whose it is; null for keys that are not wrapped.</param>
/// <param name="Thumbprint">Its thumbprint.</param>
/// <param name="NotAfter">Until when it is meant to be used; it opens afterwards too.</param>
/// <param name="EndsSoon">Whether that is within 30 days, or past.</param>
/// <param name="Keys">How many keys it wraps.</param>
public sealed record KeyWrap(string? Subject, string? Thumbprint, DateTimeOffset? NotAfter, bool EndsSoon, int Keys);

/// <summary>A rotation as people see it.</summary>
public sealed record RotationView(
    Guid Id, RotationState State, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, string? PersonName, long? Total, long Resealed, long Newer, long Unreadable, int Pass,
    DateTimeOffset? OldKeysRemovedAt)
{
    internal static RotationView From(KeyRotation row) => new(
        row.Id, row.State, row.StartedAt, row.EndedAt, row.PersonName, row.Total, row.Resealed, row.Newer, row.Unreadable, row.Pass, row.OldKeysRemovedAt);
}

/// <summary>A value that does not open.</summary>
/// <param name="Id">The entry's id.</param>
/// <param name="Kind">What it is: the name of a SecretKind, or "Canary".</param>
/// <param name="Part">Which of several; empty where there is one.</param>
/// <param name="Name">The name of what it belongs to.</param>
/// <param name="Table">The table.</param>
/// <param name="Owner">The id of what it belongs to.</param>
/// <param name="Reason">Why it was not sealed anew.</param>
/// <param name="FoundAt">When that was found.</param>
public sealed record QuarantineEntry(Guid Id, string Kind, string Part, string Name, string Table, Guid Owner, QuarantineReason Reason, DateTimeOffset FoundAt);

/// <summary>How many values of a kind there are.</summary>
/// <param name="Kind">The name of a SecretKind, or "Canary".</param>
/// <param name="Total">All of them.</param>
/// <param name="Current">Those that the current key has sealed.</param>
/// <param name="OldestKey">When the oldest key was made that has sealed one; null where none is known.</param>
public sealed record KindCount(string Kind, long Total, long Current, DateTimeOffset? OldestKey);

/// <summary>All sealed values, counted.</summary>
/// <param name="Kinds">By kind.</param>
/// <param name="Estimate">About how long a rotation takes.</param>
public sealed record SealedCount(IReadOnlyList<KindCount> Kinds, TimeSpan Estimate)
{
    public long Total => Kinds.Sum(kind => kind.Total);
}
