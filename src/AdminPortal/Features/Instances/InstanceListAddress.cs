using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Ui;

namespace AdminPortal.Features.Instances;

/// <summary>The list's filters, order and page as they are in its address.</summary>
internal static class InstanceListAddress
{
    public const string Path = "/instances";

    /// <summary>The list with no filter at all, also for a user whose default view has some.</summary>
    public const string Everything = Path + "?view=all";

    private const int MaxTagLength = 255;

    // Before the fields, which use it while they are created.
    public static IReadOnlyList<int> PageSizes { get; } = [25, 50, 100];

    private static readonly ListAddress<InstanceListQuery> Fields = new ListAddress<InstanceListQuery>(new InstanceListQuery())
        .Add(
            "search", QueryFormats.CutText(InstanceListQuery.MaxSearchLength), query => query.Search,
            (query, search) => query with { Search = search })
        .Add("element", QueryFormats.ExactText(100), query => query.ElementKey, (query, key) => query with { ElementKey = key })
        .Add("state", QueryFormats.Member<InstanceState>(), query => query.State, (query, state) => query with { State = state })
        .Add("account", QueryFormats.Id, query => query.PlatformAccountId, (query, id) => query with { PlatformAccountId = id })
        .Add("tag", QueryFormats.Text(MaxTagLength), query => query.Tag, (query, tag) => query with { Tag = tag })
        .Add("attention", QueryFormats.Word("1"), query => query.NeedsAttention, (query, needs) => query with { NeedsAttention = needs })
        .Add("legacy", QueryFormats.Word("1"), query => query.LegacyKey, (query, has) => query with { LegacyKey = has })
        .Add("sort", QueryFormats.Choice<InstanceSort>(), query => query.Sort, (query, sort) => query with { Sort = sort })
        .Add(
            "dir", QueryFormats.EitherWord("desc", "asc"), query => query.Descending,
            (query, descending) => query with { Descending = descending }, query => DescendsAtFirst(query.Sort))
        .Add("size", QueryFormats.NumberOf(PageSizes), query => query.PageSize, (query, size) => query with { PageSize = size })
        // A page has one place: the first of these that is given.
        .Add("after", Place, query => query.After, (query, place) => query with { After = place })
        .Add(
            "before", Place, query => query.After is null ? query.Before : null,
            (query, place) => query with { Before = query.After is null ? place : null })
        .Add(
            "page", QueryFormats.Word("last"), query => query is { After: null, Before: null, Last: true },
            (query, last) => query with { Last = last && query is { After: null, Before: null } });

    private static QueryFormat<InstanceEdge?> Place => QueryFormats.Of<InstanceEdge>(InstanceEdge.TryRead, place => place?.Write());

    /// <summary>Reads the query of an address. An element that the catalog does not know counts as not given.</summary>
    public static InstanceListQuery Read(ElementCatalog catalog, string address) =>
        Fields.Read(address) is var query && catalog.Find(query.ElementKey) is null ? query with { ElementKey = null } : query;

    /// <summary>The address that <see cref="Read"/> reads as this query.</summary>
    public static string Write(InstanceListQuery query) => Fields.Write(query) is { Length: > 0 } text ? Path + text : Everything;

    /// <summary>The search as <see cref="Read"/> would read it.</summary>
    public static string CleanSearch(string? search) => QueryFormats.Cut(search, InstanceListQuery.MaxSearchLength);

    /// <summary>The tag as <see cref="Read"/> would read it; null if nothing is left of it.</summary>
    public static string? CleanTag(string? tag) => tag?.Trim() is { Length: > 0 and <= MaxTagLength } text ? text : null;

    /// <summary>The default order of a column: names from A to Z, the newest first, the oldest check first.</summary>
    public static bool DescendsAtFirst(InstanceSort sort) => sort == InstanceSort.Created;

    public static string Name(InstanceSort sort) => sort.ToString().ToLowerInvariant();
}
