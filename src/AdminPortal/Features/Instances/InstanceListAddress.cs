using AdminPortal.Provisioning.Elements;
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

    public static IReadOnlyList<int> PageSizes { get; } = [25, 50, 100];

    public static InstanceListQuery Read(
        ElementCatalog catalog, string? search, string? element, string? state, string? sort, string? direction, string? size, string? after, string? before)
    {
        var column = OneOf<InstanceSort>(sort) ?? InstanceSort.Created;
        var behind = Row(after);
        return new InstanceListQuery
        {
            Search = CleanSearch(search),
            ElementKey = catalog.Find(element)?.Key,
            State = OneOf<InstanceState>(state),
            Sort = column,
            Descending = direction switch { "asc" => false, "desc" => true, _ => DescendsAtFirst(column) },
            PageSize = PageSizes.FirstOrDefault(known => string.Equals(size, Text(known), StringComparison.Ordinal), PageSizes[0]),
            After = behind,
            Before = behind is null ? Row(before) : null,
        };
    }

    /// <summary>The address that <see cref="Read"/> understands as this query; what is as usual is left out.</summary>
    public static string Write(InstanceListQuery query)
    {
        var parameters = new QueryBuilder();
        if (query.Search.Length > 0) parameters.Add("search", query.Search);
        if (query.ElementKey is { } element) parameters.Add("element", element);
        if (query.State is { } state) parameters.Add("state", state.ToString());
        if (query.Sort != InstanceSort.Created) parameters.Add("sort", Name(query.Sort));
        if (query.Descending != DescendsAtFirst(query.Sort)) parameters.Add("dir", query.Descending ? "desc" : "asc");
        if (query.PageSize != PageSizes[0]) parameters.Add("size", Text(query.PageSize));
        if (query.After is { } after) parameters.Add("after", after.ToString());
        else if (query.Before is { } before) parameters.Add("before", before.ToString());
        return Path + parameters.ToQueryString();
    }

    /// <summary>The search as it is understood: without blanks around it, and not longer than the service takes.</summary>
    public static string CleanSearch(string? search)
    {
        var text = search?.Trim() ?? "";
        return text.Length > InstanceListQuery.MaxSearchLength ? text[..InstanceListQuery.MaxSearchLength] : text;
    }

    /// <summary>The order in which a column is usually wanted: names from A to Z, what is newest first.</summary>
    public static bool DescendsAtFirst(InstanceSort sort) => sort == InstanceSort.Created;

    public static string Name(InstanceSort sort) => sort.ToString().ToLowerInvariant();

    // By name alone: numbers, which would parse as well, are nobody's words for a state or a column.
    private static T? OneOf<T>(string? name)
        where T : struct, Enum =>
        Enum.GetValues<T>().Where(value => string.Equals(value.ToString(), name, StringComparison.OrdinalIgnoreCase)).Select(value => (T?)value).FirstOrDefault();

    private static Guid? Row(string? id) => Guid.TryParse(id, out var row) ? row : null;

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
