using AdminPortal.Provisioning.Attempts;
using AdminPortal.Ui;

namespace AdminPortal.Features.Attempts;

/// <summary>The list of attempts as it is in its address.</summary>
internal static class AttemptListAddress
{
    public const string Path = "/attempts";

    private static readonly ListAddress<AttemptListQuery> Fields = new ListAddress<AttemptListQuery>(new AttemptListQuery())
        .Add("show", QueryFormats.Choice<AttemptGroup>(), query => query.Group, (query, group) => query with { Group = group })
        .Add(
            "search", QueryFormats.CutText(AttemptListQuery.MaxSearchLength), query => query.Search,
            (query, search) => query with { Search = search })
        // A page has one place: the first of these that is given.
        .Add("after", Place, query => query.After, (query, place) => query with { After = place })
        .Add(
            "before", Place, query => query.After is null ? query.Before : null,
            (query, place) => query with { Before = query.After is null ? place : null });

    private static QueryFormat<AttemptEdge?> Place => QueryFormats.Of<AttemptEdge>(AttemptEdge.TryRead, place => place?.Write());

    /// <summary>Reads the query of an address.</summary>
    public static AttemptListQuery Read(string address) => Fields.Read(address);

    /// <summary>The address that <see cref="Read"/> reads as this query.</summary>
    public static string Write(AttemptListQuery query) => Path + Fields.Write(query);

    /// <summary>The search as <see cref="Read"/> would read it.</summary>
    public static string CleanSearch(string? search) => QueryFormats.Cut(search, AttemptListQuery.MaxSearchLength);
}
