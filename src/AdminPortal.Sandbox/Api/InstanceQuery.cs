using System.Globalization;
using System.Text;
using AdminPortal.Sandbox.Tenancy;
using Microsoft.AspNetCore.WebUtilities;

namespace AdminPortal.Sandbox.Api;

/// <summary>The query of an instance list: filters, page size and cursor.</summary>
internal sealed record InstanceQuery(IReadOnlyList<string> Tags, string? SearchText, int PageSize, long After, bool Hydrate)
{
    private const int LargestPage = 200;

    private const string Prefix = "after:";
    private const string EmptyPrefix = "empty:";
    private static readonly string[] Prefixes = [Prefix, EmptyPrefix];

    public static (InstanceQuery? Query, ApiFailure? Failure) From(IQueryCollection query)
    {
        if (!TryPageSize(query, out var pageSize))
            return (null, WrongPageSize);

        var after = 0L;
        if (query.TryGetValue("nextPage", out var cursor) && !TryPosition(cursor.ToString(), out after))
            return (null, ApiFailure.BadRequest("nextPage is not a page token of this list"));

        var hydrate = false;
        if (query.TryGetValue("hydrate", out var wanted) && !bool.TryParse(wanted, out hydrate))
            return (null, ApiFailure.BadRequest("hydrate must be true or false"));

        var tags = query["tags[]"].Concat(query["tags"]).OfType<string>().Where(tag => tag.Length > 0).ToArray();
        return (new InstanceQuery(tags, query["searchText"].ToString() is { Length: > 0 } text ? text : null, pageSize, after, hydrate), null);
    }

    /// <summary>Opaque to clients; here the id of the page's last instance.</summary>
    public static string CursorAfter(Instance last) => CursorAfter(last.Id);

    public static string CursorAfter(long id) =>
        WebEncoders.Base64UrlEncode(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{id}")));

    /// <summary>The token that an empty page gives: the same position, told apart so that the page after it is not empty again.</summary>
    public static string CursorAfterEmptyPage(long after) =>
        WebEncoders.Base64UrlEncode(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{EmptyPrefix}{after}")));

    public static bool FollowsEmptyPage(IQueryCollection query) =>
        Decoded(query["nextPage"].ToString())?.StartsWith(EmptyPrefix, StringComparison.Ordinal) == true;

    /// <summary>Whether every instance is on the list, so that its length is known without looking.</summary>
    public bool IsUnfiltered => Tags.Count == 0 && SearchText is null;

    /// <summary>Refused rather than cut to size: which of the two the platform does is not documented.</summary>
    public static ApiFailure WrongPageSize => ApiFailure.BadRequest($"pageSize must be a number from 1 to {LargestPage}");

    public static bool TryPageSize(IQueryCollection query, out int pageSize)
    {
        pageSize = LargestPage;
        return !query.TryGetValue("pageSize", out var size)
            || (int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out pageSize) && pageSize is >= 1 and <= LargestPage);
    }

    // Several tags narrow the list together, as every other filter does; the documents do not say.
    public bool Matches(Instance instance) =>
        Tags.All(tag => instance.Tags.Contains(tag, StringComparer.Ordinal))
        && (SearchText is null
            || instance.Name.Contains(SearchText, StringComparison.OrdinalIgnoreCase)
            || instance.ElementKey.Contains(SearchText, StringComparison.OrdinalIgnoreCase));

    public static bool TryPosition(string cursor, out long after)
    {
        after = 0;
        return Decoded(cursor) is { } text
            && Array.Find(Prefixes, prefix => text.StartsWith(prefix, StringComparison.Ordinal)) is { } before
            && long.TryParse(text.AsSpan(before.Length), NumberStyles.None, CultureInfo.InvariantCulture, out after);
    }

    private static string? Decoded(string cursor)
    {
        try
        {
            return Encoding.ASCII.GetString(WebEncoders.Base64UrlDecode(cursor));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
