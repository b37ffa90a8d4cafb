using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Sync;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Ui;

namespace AdminPortal.Features.Api;

/// <summary>The parameters of the API's lists. <see cref="InstanceListParameters"/> and the others describe them for the document.</summary>
internal static class ApiLists
{
    public static ListAddress<AttemptListQuery> Attempts { get; } = new(
        new AttemptListQuery { Group = AttemptGroup.All, PageSize = ApiPaging.UsualLimit },
        ListField.Of<AttemptListQuery, AttemptGroup>("show", QueryFormats.Choice<AttemptGroup>(), query => query.Group, (query, group) => query with { Group = group }),
        ListField.Of<AttemptListQuery, string>(
            "search", QueryFormats.WholeText(AttemptListQuery.MaxSearchLength), query => query.Search, (query, search) => query with { Search = search }),
        Limit<AttemptListQuery>(query => query.PageSize, (query, limit) => query with { PageSize = limit }));

    public static ListAddress<DriftQuery> Drift { get; } = new(
        new DriftQuery(),
        ListField.Of<DriftQuery, Guid?>("account", QueryFormats.ExactId, query => query.PlatformAccountId, (query, id) => query with { PlatformAccountId = id }),
        ListField.Of<DriftQuery, DriftKind?>("kind", QueryFormats.Member<DriftKind>(), query => query.Kind, (query, kind) => query with { Kind = kind }),
        ListField.Of<DriftQuery, bool>("ignored", QueryFormats.Boolean, query => query.Ignored, (query, ignored) => query with { Ignored = ignored }),
        Limit<DriftQuery>(query => query.PageSize, (query, limit) => query with { PageSize = limit }));

    public static ListAddress<InstanceListQuery> Instances(ElementCatalog catalog) => new(
        new InstanceListQuery { PageSize = ApiPaging.UsualLimit },
        ListField.Of<InstanceListQuery, InstanceState?>(
            "state", QueryFormats.Member<InstanceState>(), query => query.State, (query, state) => query with { State = state }),
        ListField.Of<InstanceListQuery, string?>(
            "element", QueryFormats.NameOf([.. catalog.All.Select(element => element.Key)]), query => query.ElementKey, (query, key) => query with { ElementKey = key }),
        ListField.Of<InstanceListQuery, string?>("tag", QueryFormats.Text(255), query => query.Tag, (query, tag) => query with { Tag = tag }),
        ListField.Of<InstanceListQuery, Guid?>("account", QueryFormats.ExactId, query => query.PlatformAccountId, (query, id) => query with { PlatformAccountId = id }),
        ListField.Of<InstanceListQuery, bool>(
            "attention", QueryFormats.Boolean, query => query.NeedsAttention, (query, needs) => query with { NeedsAttention = needs }),
        ListField.Of<InstanceListQuery, string>(
            "search", QueryFormats.WholeText(InstanceListQuery.MaxSearchLength), query => query.Search, (query, search) => query with { Search = search }),
        ListField.Of<InstanceListQuery, InstanceSort>("sort", QueryFormats.Choice<InstanceSort>(), query => query.Sort, (query, sort) => query with { Sort = sort }),
        ListField.Of<InstanceListQuery, bool>(
            "descending", QueryFormats.Boolean, query => query.Descending, (query, descending) => query with { Descending = descending },
            query => query.Sort == InstanceSort.Created),
        Limit<InstanceListQuery>(query => query.PageSize, (query, limit) => query with { PageSize = limit }));

    private static ListField<TQuery> Limit<TQuery>(Func<TQuery, int> get, Func<TQuery, int, TQuery> set) =>
        ListField.Of(ApiPaging.LimitName, QueryFormats.Count(ApiPaging.MaxLimit), get, set);
}

/// <summary>Which differences are asked for.</summary>
internal sealed record DriftQuery
{
    /// <summary>Those of one platform account; null for all.</summary>
    public Guid? PlatformAccountId { get; init; }

    public DriftKind? Kind { get; init; }

    /// <summary>True to include those that were set aside.</summary>
    public bool Ignored { get; init; }

    public int PageSize { get; init; } = ApiPaging.UsualLimit;
}
