using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Instances;
using Microsoft.AspNetCore.Http.Extensions;

namespace AdminPortal.Features.Instances;

/// <summary>
/// The list's filters, order and page as they stand in its address. What stands there may come from anywhere: a value
/// that is not understood counts as not given.
/// </summary>
internal static class InstanceListAddress
{
    public const string Path = "/instances";

    /// <summary>The list with no filter at all, also for somebody whose default view has some.</summary>
    public const string Everything = Path + "?view=all";

    public static IReadOnlyList<int> PageSizes { get; } = [25, 50, 100];

    /// <param name="catalog">The elements that are known.</param>
    /// <param name="parameter">The value of a query parameter; null where it is not given.</param>
    public static InstanceListQuery Read(ElementCatalog catalog, Func<string, string?> parameter)
    {
        var column = OneOf<InstanceSort>(parameter("sort")) ?? InstanceSort.Created;
        var behind = InstanceEdge.TryRead(parameter("after"));
        var before = behind is null ? InstanceEdge.TryRead(parameter("before")) : null;
        return new InstanceListQuery
        {
            Search = CleanSearch(parameter("search")),
            ElementKey = catalog.Find(parameter("element"))?.Key,
            State = OneOf<InstanceState>(parameter("state")),
            PlatformAccountId = Guid.TryParse(parameter("account"), out var account) ? account : null,
            Tag = CleanTag(parameter("tag")),
            NeedsAttention = parameter("attention") == "1",
            LegacyKey = parameter("legacy") == "1",
            Sort = column,
            Descending = parameter("dir") switch { "asc" => false, "desc" => true, _ => DescendsAtFirst(column) },
            PageSize = PageSizes.FirstOrDefault(known => string.Equals(parameter("size"), Text(known), StringComparison.Ordinal), PageSizes[0]),
            After = behind,
            Before = before,
            Last = behind is null && before is null && parameter("page") == "last",
        };
    }

    /// <summary>The address that <see cref="Read"/> understands as this query; what is as usual is left out.</summary>
    public static string Write(InstanceListQuery query)
    {
        var parameters = new QueryBuilder();
        if (query.Search.Length > 0) parameters.Add("search", query.Search);
        if (query.ElementKey is { } element) parameters.Add("element", element);
        if (query.State is { } state) parameters.Add("state", state.ToString());
        if (query.PlatformAccountId is { } account) parameters.Add("account", account.ToString());
        if (query.Tag is { } tag) parameters.Add("tag", tag);
        if (query.NeedsAttention) parameters.Add("attention", "1");
        if (query.LegacyKey) parameters.Add("legacy", "1");
        if (query.Sort != InstanceSort.Created) parameters.Add("sort", Name(query.Sort));
        if (query.Descending != DescendsAtFirst(query.Sort)) parameters.Add("dir", query.Descending ? "desc" : "asc");
        if (query.PageSize != PageSizes[0]) parameters.Add("size", Text(query.PageSize));
        if (query.After is { } after) parameters.Add("after", after.Write());
        else if (query.Before is { } before) parameters.Add("before", before.Write());
        else if (query.Last) parameters.Add("page", "last");
        var text = parameters.ToQueryString().ToUriComponent();
        return text.Length == 0 ? Everything : Path + text;
    }

    /// <summary>The search as it is understood: without blanks around it, and not longer than the service takes.</summary>
    public static string CleanSearch(string? search)
    {
        var text = search?.Trim() ?? "";
        return text.Length > InstanceListQuery.MaxSearchLength ? text[..InstanceListQuery.MaxSearchLength] : text;
    }

    /// <summary>The tag as it is understood; null where nothing is left of it.</summary>
    public static string? CleanTag(string? tag) => tag?.Trim() is { Length: > 0 and <= 255 } text ? text : null;

    /// <summary>The order in which a column is usually wanted: words from A to Z, what is newest first, what was checked longest ago first.</summary>
    public static bool DescendsAtFirst(InstanceSort sort) => sort == InstanceSort.Created;

    public static string Name(InstanceSort sort) => sort.ToString().ToLowerInvariant();

    // By name alone: numbers, which would parse as well, are nobody's words for a state or a column.
    private static T? OneOf<T>(string? name)
        where T : struct, Enum =>
        Enum.GetValues<T>().Where(value => string.Equals(value.ToString(), name, StringComparison.OrdinalIgnoreCase)).Select(value => (T?)value).FirstOrDefault();

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
