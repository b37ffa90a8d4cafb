using System.Security.Cryptography;
using System.Text;

namespace AdminPortal.Provisioning.Users;

/// <summary>How recovery codes are made, written and read.</summary>
internal static class RecoveryCodes
{
    /// <summary>How many a person gets.</summary>
    public const int Count = 10;

    /// <summary>80 random bits: nobody who reads the hashes finds the code by trying.</summary>
    private const int Length = 16;

    // Nothing in it is taken for something else: neither 0 and O nor 1, I and L.
    private const string Letters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

    /// <summary>Fresh codes, as people write them: <c>ABCD-EFGH-JKMN-PQRS</c>.</summary>
    public static IReadOnlyList<string> Create() => [.. Enumerable.Range(0, Count).Select(_ => Write(RandomNumberGenerator.GetString(Letters, Length)))];

    /// <summary>What was entered, without blanks and strokes and in capitals; null for what cannot be a code.</summary>
    public static string? Read(string? entered)
    {
        if (entered is null or { Length: > Length * 4 }) return null;
        var text = new string([.. entered.Where(one => !char.IsWhiteSpace(one) && one != '-')]).ToUpperInvariant();
        return text.Length == Length && text.All(one => Letters.Contains(one, StringComparison.Ordinal)) ? text : null;
    }

    /// <summary>SHA-256 of a code that <see cref="Read"/> gave.</summary>
    public static byte[] Hash(string code) => SHA256.HashData(Encoding.ASCII.GetBytes(code));

    private static string Write(string code) => string.Join('-', code.Chunk(4).Select(part => new string(part)));
}
