using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace AdminPortal.Features.Api;

/// <summary>
/// Cursors: a place in a list, behind which the next page begins, whatever was added or removed meanwhile. One belongs to
/// the list that it came from, with its filters and its order.
/// </summary>
internal static class ApiPaging
{
    public const string LimitName = "limit";
    public const string CursorName = "cursor";
    public const int UsualLimit = 50;
    public const int MaxLimit = 200;

    private const int MaxLength = 4000;
    private const int CheckLength = 8;

    /// <summary>A place as a cursor.</summary>
    /// <param name="place">The place, as its list writes it.</param>
    /// <param name="list">The list, with its filters and its order.</param>
    public static string Write(string place, string list) => Base64Url.EncodeToString([.. Check(list), .. Encoding.UTF8.GetBytes(place)]);

    /// <summary>The place of a cursor of this list; null for anything else.</summary>
    public static string? Open(string cursor, string list)
    {
        if (cursor.Length > MaxLength || !Base64Url.IsValid(cursor)) return null;
        var bytes = Base64Url.DecodeFromChars(cursor);
        return bytes.Length > CheckLength && bytes.AsSpan(0, CheckLength).SequenceEqual(Check(list)) ? Encoding.UTF8.GetString(bytes.AsSpan(CheckLength)) : null;
    }

    /// <summary>Names the next page in a header as well: <c>Link: &lt;...&gt;; rel="next"</c>.</summary>
    public static void Link(HttpContext context, string publicBaseUrl, string? next)
    {
        if (next is null) return;
        var query = context.Request.Query.Where(pair => pair.Key != CursorName).ToDictionary(pair => pair.Key, pair => (string?)pair.Value);
        query[CursorName] = next;
        context.Response.Headers.Link = $"<{QueryHelpers.AddQueryString(publicBaseUrl + context.Request.Path.Value, query)}>; rel=\"next\"";
    }

    private static byte[] Check(string list) => SHA256.HashData(Encoding.UTF8.GetBytes(list))[..CheckLength];
}
