using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace AdminPortal.Provisioning.Instances;

/// <summary>
/// A place in the order of the list: the sort column's value and the number of a row that stood there. It stays a place
/// when the row is gone, so a page that begins behind it misses nothing and repeats nothing.
/// </summary>
/// <param name="Key">The sort column's value; times as UTC ticks.</param>
/// <param name="Number">The row's running number.</param>
public sealed record InstanceEdge(string Key, long Number)
{
    private const int MaxLength = 2000;

    /// <summary>The place as one word that fits into an address.</summary>
    public string Write() => $"{Number.ToString(CultureInfo.InvariantCulture)}.{WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(Key))}";

    /// <summary>Reads what <see cref="Write"/> wrote; null for anything else.</summary>
    public static InstanceEdge? TryRead(string? text)
    {
        if (text is null or { Length: > MaxLength } || text.Split('.') is not [var number, var key]) return null;
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var row)) return null;
        try
        {
            return new InstanceEdge(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(WebEncoders.Base64UrlDecode(key)), row);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            // Not base64, or not text: an address that somebody made up.
            return null;
        }
    }
}
