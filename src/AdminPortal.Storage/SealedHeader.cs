using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;

namespace AdminPortal.Storage;

/// <summary>
/// What stands unencrypted at the beginning of everything that Data Protection seals: four bytes that say so, and the id
/// of the key, 16 bytes. By it one sees which key a value needs without opening it.
/// </summary>
internal static class SealedHeader
{
    /// <summary>So many characters of a ciphertext are the same for all values of one key: 156 of the 160 bits.</summary>
    public const int PrefixLength = 26;

    private const uint Magic = 0x09F0C9F0;
    private const int Length = 4 + 16;
    private const int HeadChars = 28;

    /// <summary>The key that a ciphertext needs; null where it is none of Data Protection's.</summary>
    public static Guid? KeyIdOf(string ciphertext)
    {
        if (ciphertext.Length < HeadChars) return null;
        Span<byte> bytes = stackalloc byte[HeadChars];
        return Base64Url.DecodeFromChars(ciphertext.AsSpan(0, HeadChars), bytes, out _, out var written) == OperationStatus.Done ? KeyIdOf(bytes[..written]) : null;
    }

    /// <summary>The key that sealed bytes need; null where they are none of Data Protection's.</summary>
    public static Guid? KeyIdOf(ReadOnlySpan<byte> sealedBytes) =>
        sealedBytes.Length >= Length && BinaryPrimitives.ReadUInt32BigEndian(sealedBytes) == Magic ? new Guid(sealedBytes[4..Length]) : null;

    /// <summary>How every text begins that a key has sealed.</summary>
    public static string PrefixOf(Guid keyId)
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Magic);
        _ = keyId.TryWriteBytes(bytes[4..]);
        return Base64Url.EncodeToString(bytes)[..PrefixLength];
    }
}
