using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace AdminPortal.TestSupport.BlackBox;

/// <summary>An authenticator app after RFC 6238. It shares no code with the portal, so that both cannot agree on a mistake.</summary>
/// <param name="key">The key as the portal shows it, in base 32.</param>
public sealed class AuthenticatorApp(string key)
{
    private readonly byte[] _key = Decode(key);

    /// <summary>The current code, or the code some 30-second steps later. The portal accepts one step before and one after.</summary>
    public string Code(int steps = 0)
    {
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, (DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30) + steps);
#pragma warning disable CA5350 // It is what these apps compute.
        var hash = HMACSHA1.HashData(_key, counter);
#pragma warning restore CA5350
        var offset = hash[19] & 0xF;
        var number = ((hash[offset] & 0x7F) << 24) | (hash[offset + 1] << 16) | (hash[offset + 2] << 8) | hash[offset + 3];
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static byte[] Decode(string key)
    {
        var bits = string.Concat(key.Where(one => one != ' ').Select(one => Convert.ToString(one is >= 'A' and <= 'Z' ? one - 'A' : one - '2' + 26, 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Where(part => part.Length == 8).Select(part => Convert.ToByte(new string(part), 2))];
    }
}
