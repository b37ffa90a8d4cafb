using AdminPortal.Provisioning.Instances;

namespace AdminPortal.Provisioning.Jobs;

/// <summary>Which instances a job is for: those that were named one by one, or all that match a query.</summary>
public sealed record InstanceSelection
{
    /// <summary>How many instances can be named one by one.</summary>
    public const int MaxIds = 10_000;

    private InstanceSelection(IReadOnlyList<Guid>? ids, InstanceListQuery? query)
    {
        Ids = ids;
        Query = query;
    }

    /// <summary>The instances; null where all that match <see cref="Query"/> are meant.</summary>
    public IReadOnlyList<Guid>? Ids { get; }

    /// <summary>What the instances match; its order and its page's edge do not matter. Null where <see cref="Ids"/> names them.</summary>
    public InstanceListQuery? Query { get; }

    /// <summary>These instances, at most <see cref="MaxIds"/>; one that is named twice counts once.</summary>
    public static InstanceSelection Of(IEnumerable<Guid> ids) => new([.. ids.Distinct()], null);

    /// <summary>All instances that match at the moment at which the job is made.</summary>
    public static InstanceSelection Matching(InstanceListQuery query) => new(null, query);
}
