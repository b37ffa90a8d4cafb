using AdminPortal.Domain.Secrets;

namespace AdminPortal.Domain.Activity;

/// <summary>
/// States that the activity record is chained, and with which key. It is written once, and from then on a missing head
/// or a row without a hash is manipulation. See <c>RecordMarks</c> for how it is verified.
/// </summary>
public sealed class ActivityMark
{
    /// <summary>There is one row.</summary>
    public const int OnlyId = 1;

    public int Id { get; init; } = OnlyId;

    /// <summary>Identifies this database in anchors. A copy of the database has the same id.</summary>
    public required Guid DatabaseId { get; init; }

    /// <summary>A second sealed copy of the record's key: the record can be verified after its head was deleted.</summary>
    public required Sealed Key { get; set; }

    /// <summary>The key's fingerprint: 64 hexadecimal digits.</summary>
    public required string KeyFingerprint { get; init; }

    /// <summary>Why the chain could begin.</summary>
    public required RecordOrigin Origin { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>HMAC-SHA256 of the five values above (without the sealed text), with the record's key.</summary>
    public required byte[] Mac { get; init; }

    /// <summary>The thumbprint of the certificate that signed the mark; null where the key ring is not wrapped.</summary>
    public string? Certificate { get; set; }

    /// <summary>The certificate's signature of the same values; null where the key ring is not wrapped.</summary>
    public byte[]? Signature { get; set; }

    internal Secret KeyOf => new(SecretKind.ActivityKey, ActivityHead.KeyOwner, Key);
}

/// <summary>Why the chain of a record could begin. The names are stored.</summary>
public enum RecordOrigin
{
    /// <summary>The database was empty.</summary>
    NewDatabase,

    /// <summary>The database was made by a version whose record had no chain.</summary>
    BeforeChain,

    /// <summary>The database was made by the first release: its record had a chain and no mark.</summary>
    FirstRelease,

    /// <summary>The former key was lost with the key ring, and the secrets were forgotten by command.</summary>
    SecretsForgotten,

    /// <summary>A record that was found changed was accepted by command.</summary>
    Accepted,
}
