using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using AdminPortal.Domain.Maintenance;
using AdminPortal.Provisioning.KeyRing;

namespace AdminPortal.Provisioning.Record;

/// <summary>Why an anchor was written. The names are stored in files.</summary>
internal enum AnchorReason
{
    Started,
    Regular,
    Stopped,
    Backup,

    /// <summary>A backup was restored by command: earlier anchors do not count any more.</summary>
    Restored,

    /// <summary>The secrets were forgotten by command, and the record has a new key: earlier anchors do not count any more.</summary>
    SecretsForgotten,

    /// <summary>A changed record was accepted by command: earlier anchors do not count any more.</summary>
    Accepted,
}

/// <summary>
/// A note of the database's state, kept outside of the database: one that has fewer rows, another hash at that number or a
/// lower generation was replaced by another state.
/// </summary>
internal sealed record RecordAnchor
{
    /// <summary>The database; <see cref="Guid.Empty"/> for one without a mark.</summary>
    public required Guid Database { get; init; }

    /// <summary>Grows with each anchor of a file or directory. Clocks can be set back.</summary>
    public required long Serial { get; init; }

    /// <summary>The last row of the record; 0 for an empty one.</summary>
    public required long Sequence { get; init; }

    /// <summary>That row's hash, in hexadecimal.</summary>
    public required string Hash { get; init; }

    /// <summary>The value of <see cref="StorageMark"/>: a database with a lower one is in an older state. Null where there was none.</summary>
    public long? Generation { get; init; }

    public required DateTimeOffset At { get; init; }

    public required AnchorReason Reason { get; init; }

    /// <summary>The fingerprint of the record's key.</summary>
    public required string Key { get; init; }

    /// <summary>What the reason is about: the name of the restored file.</summary>
    public string? Note { get; init; }

    /// <summary>HMAC-SHA256 with the record's key, in hexadecimal.</summary>
    public string Mac { get; init; } = "";

    /// <summary>The thumbprint of the certificate that signed; null where none is configured.</summary>
    public string? Certificate { get; init; }

    /// <summary>The certificate's signature, in Base64; null where none is configured.</summary>
    public string? Signature { get; init; }

    /// <summary>The anchor with its keyed hash and signature.</summary>
    public RecordAnchor Sign(byte[]? key, X509Certificate2? certificate)
    {
        var signature = RecordSignature.Sign(certificate, Text());
        return this with
        {
            Mac = key is null ? "" : Convert.ToHexStringLower(MacOf(key)),
            Certificate = signature is null ? null : certificate!.Thumbprint,
            Signature = signature is null ? null : Convert.ToBase64String(signature),
        };
    }

    /// <summary>Whether the keyed hash is right for the record's key, or a configured certificate signed the anchor.</summary>
    public bool IsGenuine(byte[]? key, KeyRingCertificates certificates)
    {
        if (key is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Mac), Encoding.UTF8.GetBytes(Convert.ToHexStringLower(MacOf(key))))) return true;
        var signature = new byte[(Signature?.Length ?? 0) + 3];
        return Signature is not null && Convert.TryFromBase64String(Signature, signature, out var length)
            && RecordSignature.FindSigner(certificates, Text(), signature[..length]) is not null;
    }

    /// <summary>The anchor as one line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, AnchorJson.Default.RecordAnchor);

    /// <summary>Reads a line; null where it is not an anchor.</summary>
    public static RecordAnchor? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, AnchorJson.Default.RecordAnchor) is { Sequence: >= 0, Hash: not null, Key: not null, Mac: not null } anchor ? anchor : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private byte[] MacOf(byte[] key) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes("anchor" + Text()));

    private string Text() => string.Create(
        CultureInfo.InvariantCulture,
        $"AdminPortal activity record anchor v1\n{Database:N}\n{Serial}\n{Sequence}\n{Hash}\n{Generation}\n{At.UtcTicks}\n{Reason}\n{Key}\n{Note}");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RecordAnchor))]
internal sealed partial class AnchorJson : JsonSerializerContext;
