using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace AdminPortal.Provisioning.Users;

/// <summary>The 10,000 most common passwords, as the first 8 bytes of their SHA-256: see <c>CommonPasswordList/README.md</c>.</summary>
internal static class CommonPasswords
{
    public const int Count = 10_000;

    private static readonly Lazy<ulong[]> Hashes = new(Read);

    /// <summary>Whether a password is one of them, in whatever case.</summary>
    public static bool Contains(string password)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(PasswordText.Normalize(password).ToLowerInvariant()));
        return Array.BinarySearch(Hashes.Value, BinaryPrimitives.ReadUInt64BigEndian(hash)) >= 0;
    }

    private static ulong[] Read()
    {
        using var stream = typeof(CommonPasswords).Assembly.GetManifestResourceStream("common-passwords.bin")
            ?? throw new InvalidOperationException("The list of common passwords is missing in the assembly.");
        var hashes = new ulong[Count];
        Span<byte> hash = stackalloc byte[sizeof(ulong)];
        for (var at = 0; at < Count; at++)
        {
            stream.ReadExactly(hash);
            hashes[at] = BinaryPrimitives.ReadUInt64BigEndian(hash);
        }

        return hashes;
    }
}
