using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Sync;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Ui;

namespace AdminPortal.Features.Api;

/// <summary>The parameters of the API's lists. The document has them from <see cref="InstanceListParameters"/> and the others.</summary>
internal static class ApiLists
{
    public static ListAddress<AttemptListQuery> Attempts { get; } = new ListAddress<AttemptListQuery>(
        new AttemptListQuery { Group = AttemptGroup.All, PageSize = ApiPaging.UsualLimit })
        .Add("show", QueryFormats.Choice<AttemptGroup>(), query => query.Group, (query, group) => query with { Group = group })
        .Add(
            "search", QueryFormats.WholeText(AttemptListQuery.MaxSearchLength), query => query.Search,
            (query, search) => query with { Search = search })
        .Add(
            ApiPaging.LimitName, QueryFormats.Count(ApiPaging.MaxLimit), query => query.PageSize,
            (query, limit) => query with { PageSize = limit });

    public static ListAddress<DriftQuery> Drift { get; } = new ListAddress<DriftQuery>(new DriftQuery())
        .Add("account", QueryFormats.ExactId, query => query.PlatformAccountId, (query, id) => query with { PlatformAccountId = id })
        .Add("kind", QueryFormats.Member<DriftKind>(), query => query.Kind, (query, kind) => query with { Kind = kind })
        .Add("ignored", QueryFormats.Boolean, query => query.Ignored, (query, ignored) => query with { Ignored = ignored })
        .Add(
            ApiPaging.LimitName, QueryFormats.Count(ApiPaging.MaxLimit), query => query.PageSize,
            (query, limit) => query with { PageSize = limit });

    public static ListAddress<InstanceListQuery> Instances(ElementCatalog catalog) => new ListAddress<InstanceListQuery>(
        new InstanceListQuery { PageSize = ApiPaging.UsualLimit })
        .Add("state", QueryFormats.Member<InstanceState>(), query => query.State, (query, state) => query with { State = state })
        .Add(
            "element", QueryFormats.NameOf([.. catalog.All.Select(element => element.Key)]), query => query.ElementKey,
            (query, key) => query with { ElementKey = key })
        .Add("tag", QueryFormats.Text(255), query => query.Tag, (query, tag) => query with { Tag = tag })
        .Add("account", QueryFormats.ExactId, query => query.PlatformAccountId, (query, id) => query with { PlatformAccountId = id })
        .Add("attention", QueryFormats.Boolean, query => query.NeedsAttention, (query, needs) => query with { NeedsAttention = needs })
        .Add(
            "search", QueryFormats.WholeText(InstanceListQuery.MaxSearchLength), query => query.Search,
            (query, search) => query with { Search = search })
        .Add("sort", QueryFormats.Choice<InstanceSort>(), query => query.Sort, (query, sort) => query with { Sort = sort })
        .Add(
            "descending", QueryFormats.Boolean, query => query.Descending,
            (query, descending) => query with { Descending = descending }, query => query.Sort == InstanceSort.Created)
        .Add(
            ApiPaging.LimitName, QueryFormats.Count(ApiPaging.MaxLimit), query => query.PageSize,
            (query, limit) => query with { PageSize = limit });
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
