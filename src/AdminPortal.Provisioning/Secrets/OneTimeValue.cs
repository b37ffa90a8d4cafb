using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace AdminPortal.Provisioning.Secrets;

/// <summary>Random values that prove an origin: OAuth states and the cookie that binds a browser. Only hashes are stored.</summary>
public static class OneTimeValue
{
    private const int Bytes = 32;

    /// <summary>The length of a value as text: 256 bits as base64url.</summary>
    public const int Length = 43;

    /// <summary>A fresh value of 256 random bits, as base64url.</summary>
    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>SHA-256 of a value's text.</summary>
    public static byte[] Hash(string value) => SHA256.HashData(Encoding.ASCII.GetBytes(value));

    /// <summary>Whether a text has the form of a value; only then is it worth hashing.</summary>
    public static bool HasForm(string? text) => text is { Length: Length } && Base64Url.IsValid(text);

    /// <summary>Whether a value is the one with this hash, in constant time.</summary>
    public static bool Matches(string? value, byte[]? hash) =>
        hash is not null && HasForm(value) && CryptographicOperations.FixedTimeEquals(Hash(value!), hash);
}
