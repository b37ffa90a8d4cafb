using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AdminPortal.Provisioning.Users;

/// <summary>The codes of authenticator apps (RFC 6238): six digits, a new one every thirty seconds.</summary>
internal static class TimeCodes
{
    public const int Digits = 6;

    private const int StepSeconds = 30;

    /// <summary>160 bits, as RFC 4226 has it; 32 letters.</summary>
    private const int KeyBytes = 20;

    /// <summary>How many steps before and after the present one are taken: clocks differ, and typing takes a while.</summary>
    private const int Tolerance = 1;

    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>A fresh key, in base 32: the form in which apps take it.</summary>
    public static string CreateKey() => RandomNumberGenerator.GetString(Base32, KeyBytes * 8 / 5);

    /// <summary>The time step of a moment.</summary>
    public static long StepAt(DateTimeOffset at) => at.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>The step whose code this is, looking at all that are taken at this moment; null for none of them.</summary>
    public static long? FindStep(string key, string code, DateTimeOffset at)
    {
        var now = StepAt(at);
        long? found = null;
        for (var step = now - Tolerance; step <= now + Tolerance; step++)
        {
            // All of them are compared, and each of them whole.
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Compute(key, step)), Encoding.ASCII.GetBytes(code))) found = step;
        }

        return found;
    }

    /// <summary>What was entered, without blanks; null for what is not six digits.</summary>
    public static string? Read(string? entered)
    {
        if (entered is null or { Length: > Digits * 4 }) return null;
        var text = new string([.. entered.Where(one => !char.IsWhiteSpace(one))]);
        return text.Length == Digits && text.All(char.IsAsciiDigit) ? text : null;
    }

    /// <summary>The code of one step.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "HMAC-SHA-1 is what authenticator apps compute.")]
    public static string Compute(string key, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        _ = HMACSHA1.HashData(FromBase32(key), counter, hash);
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 15)..]) & 0x7FFF_FFFF;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static byte[] FromBase32(string text)
    {
        var bytes = new byte[text.Length * 5 / 8];
        var (buffer, bits, at) = (0, 0, 0);
        foreach (var letter in text)
        {
            var value = Base32.IndexOf(letter, StringComparison.Ordinal);
            if (value < 0) throw new FormatException("An authenticator's key has a letter that is none of base 32.");
            buffer = ((buffer << 5) | value) & 0xFFF;
            bits += 5;
            if (bits < 8) continue;
            bits -= 8;
            bytes[at++] = (byte)(buffer >> bits);
        }

        return bytes;
    }
}
