using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>
/// A backup that opens with a passphrase. The file is a header and chunks, each sealed with AES-256-GCM: the key is
/// PBKDF2-HMAC-SHA-512 of the passphrase and a salt of the file's own; a chunk's nonce is seven bytes of the file's own,
/// the chunk's number and whether it is the last one, and the header is authenticated with each. So a chunk that is
/// changed, moved, left out or cut off at the end does not open (the STREAM construction of Hoang, Reyhanitabar, Rogaway
/// and Vizár, 2015).
/// </summary>
/// <remarks>
/// Header: 8 bytes "APBACKUP", 1 byte version, 4 bytes iterations, 4 bytes chunk size (big-endian), 32 bytes salt, 7 bytes
/// of the nonces, 16 bytes by which a wrong passphrase is told from a damaged file. Then, for each chunk, as many bytes
/// as are in it and a tag of 16.
/// </remarks>
internal static class EncryptedBackup
{
    /// <summary>How the name of such a file ends.</summary>
    public const string Extension = ".db.enc";

    /// <summary>OWASP's least number for this function (Password Storage Cheat Sheet, 2023).</summary>
    public const int Iterations = 210_000;

    public const int MinPassphraseLength = 12;

    private const byte Version = 1;
    private const int ChunkSize = 64 * 1024;
    private const int TagSize = 16;
    private const int KeySize = 32;
    private const int CheckSize = 16;
    private const int SaltSize = 32;
    private const int NoncePrefixSize = 7;
    private const int HeaderSize = 8 + 1 + 4 + 4 + SaltSize + NoncePrefixSize + CheckSize;

    // A header that asks for hours of work is no header of ours.
    private const int MostIterations = 10_000_000;

    private static ReadOnlySpan<byte> Magic => "APBACKUP"u8;

    /// <summary>Whether a file begins as encrypted backups do.</summary>
    public static bool Is(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> begin = stackalloc byte[Magic.Length];
        return stream.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false) == begin.Length && begin.SequenceEqual(Magic);
    }

    /// <summary>Writes a file that opens with the passphrase, readable by its owner alone, and on the disk when this returns.</summary>
    public static void Encrypt(Stream from, string target, string passphrase)
    {
        var header = new byte[HeaderSize];
        Magic.CopyTo(header);
        header[8] = Version;
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(9), Iterations);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(13), ChunkSize);
        RandomNumberGenerator.Fill(header.AsSpan(17, SaltSize + NoncePrefixSize));
        var (key, check) = Derive(passphrase, header, Iterations);
        check.CopyTo(header, HeaderSize - CheckSize);
        try
        {
            using var to = Create(target);
            to.Write(header);
            using var cipher = new AesGcm(key, TagSize);
            var nonce = BeginNonce(header);
            var (plain, next, chunk) = (new byte[ChunkSize], new byte[ChunkSize], new byte[ChunkSize + TagSize]);
            var length = from.ReadAtLeast(plain, ChunkSize, throwOnEndOfStream: false);
            for (uint number = 0; ; number = checked(number + 1))
            {
                var ahead = length == ChunkSize ? from.ReadAtLeast(next, ChunkSize, throwOnEndOfStream: false) : 0;
                SetNonce(nonce, number, isLast: ahead == 0);
                cipher.Encrypt(nonce, plain.AsSpan(0, length), chunk.AsSpan(0, length), chunk.AsSpan(length, TagSize), header);
                to.Write(chunk.AsSpan(0, length + TagSize));
                if (ahead == 0) break;
                (plain, next, length) = (next, plain, ahead);
            }

            CryptographicOperations.ZeroMemory(plain);
            CryptographicOperations.ZeroMemory(next);
            to.Flush(flushToDisk: true);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Opens such a file into another one. Where this does not succeed, what is in the target is to be thrown away.</summary>
    /// <returns>Null when every byte of it was proved; otherwise what is wrong, as a sentence.</returns>
    public static string? Decrypt(string source, string target, string passphrase)
    {
        // Made when the passphrase is known to be the right one.
        FileStream? to = null;
        try
        {
            var fault = Decrypt(source, passphrase, bytes => (to ??= Create(target)).Write(bytes));
            to?.Flush(flushToDisk: true);
            return fault;
        }
        finally
        {
            to?.Dispose();
        }
    }

    /// <summary>Opens such a file and compares what is in it; nothing is written.</summary>
    /// <param name="source">The file.</param>
    /// <param name="passphrase">Its passphrase.</param>
    /// <param name="hash">The SHA-256 of what should be in it.</param>
    /// <returns>Null when it is; otherwise what is wrong, as a sentence.</returns>
    public static string? Verify(string source, string passphrase, byte[] hash)
    {
        using var found = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        return Decrypt(source, passphrase, bytes => found.AppendData(bytes)) ?? (found.GetCurrentHash().AsSpan().SequenceEqual(hash) ? null : Damaged);
    }

    private delegate void Take(ReadOnlySpan<byte> bytes);

    private static string? Decrypt(string source, string passphrase, Take take)
    {
        using var from = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.Read);
        var header = new byte[HeaderSize];
        if (ReadHeader(from, header, out var iterations, out var chunkSize) is { } unknown) return unknown;
        var (key, check) = Derive(passphrase, header, iterations);
        try
        {
            if (!CryptographicOperations.FixedTimeEquals(check, header.AsSpan(HeaderSize - CheckSize))) return WrongPassphrase;
            using var cipher = new AesGcm(key, TagSize);
            var nonce = BeginNonce(header);
            var whole = chunkSize + TagSize;
            var (chunk, next, plain) = (new byte[whole], new byte[whole], new byte[chunkSize]);
            var length = from.ReadAtLeast(chunk, whole, throwOnEndOfStream: false);
            for (uint number = 0; ; number = checked(number + 1))
            {
                var ahead = length == whole ? from.ReadAtLeast(next, whole, throwOnEndOfStream: false) : 0;
                if (length < TagSize) return Damaged;
                SetNonce(nonce, number, isLast: ahead == 0);
                var size = length - TagSize;
                try
                {
                    cipher.Decrypt(nonce, chunk.AsSpan(0, size), chunk.AsSpan(size, TagSize), plain.AsSpan(0, size), header);
                }
                catch (AuthenticationTagMismatchException)
                {
                    return Damaged;
                }

                take(plain.AsSpan(0, size));
                if (ahead == 0) break;
                (chunk, next, length) = (next, chunk, ahead);
            }

            CryptographicOperations.ZeroMemory(plain);
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Whether a passphrase is the file's, without reading more than its header.</summary>
    /// <returns>Null when it is; otherwise what is wrong, as a sentence.</returns>
    public static string? Check(string file, string passphrase)
    {
        using var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var header = new byte[HeaderSize];
        if (ReadHeader(from, header, out var iterations, out _) is { } unknown) return unknown;
        var (_, check) = Derive(passphrase, header, iterations);
        return CryptographicOperations.FixedTimeEquals(check, header.AsSpan(HeaderSize - CheckSize)) ? null : WrongPassphrase;
    }

    private const string WrongPassphrase = "The passphrase is not the one of this backup, or the beginning of the file is damaged.";
    private const string Damaged = "The backup is damaged: a part of it was changed, moved or cut off.";

    private static string? ReadHeader(FileStream from, byte[] header, out int iterations, out int chunkSize)
    {
        (iterations, chunkSize) = (0, 0);
        if (from.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) < HeaderSize || !header.AsSpan(0, 8).SequenceEqual(Magic)) return Damaged;
        if (header[8] != Version) return $"The backup has the form {header[8]}, which this version of AdminPortal does not know. Use the version that made it.";
        iterations = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(9));
        chunkSize = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(13));
        return iterations is < Iterations or > MostIterations || chunkSize != ChunkSize ? Damaged : null;
    }

    // The salt is the file's own, and so is the key; the second half tells a wrong passphrase.
    private static (byte[] Key, byte[] Check) Derive(string passphrase, byte[] header, int iterations)
    {
        var bytes = Encoding.UTF8.GetBytes(passphrase.Normalize(NormalizationForm.FormC));
        var derived = Rfc2898DeriveBytes.Pbkdf2(bytes, header.AsSpan(17, SaltSize), iterations, HashAlgorithmName.SHA512, KeySize + CheckSize);
        CryptographicOperations.ZeroMemory(bytes);
        return (derived[..KeySize], derived[KeySize..]);
    }

    private static byte[] BeginNonce(byte[] header)
    {
        var nonce = new byte[12];
        header.AsSpan(17 + SaltSize, NoncePrefixSize).CopyTo(nonce);
        return nonce;
    }

    private static void SetNonce(byte[] nonce, uint number, bool isLast)
    {
        BinaryPrimitives.WriteUInt32BigEndian(nonce.AsSpan(NoncePrefixSize), number);
        nonce[^1] = isLast ? (byte)1 : (byte)0;
    }

    private static FileStream Create(string file) => OwnerOnlyFile.Open(file, FileMode.CreateNew);
}
