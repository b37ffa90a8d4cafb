using AdminPortal.Domain.Instances;

namespace AdminPortal.Provisioning.Instances;

/// <summary>One page of the list.</summary>
/// <param name="Rows">Its rows, in order.</param>
/// <param name="Previous">Where the page before it ends; null on the first one.</param>
/// <param name="Next">Behind which place the next page begins; null on the last one.</param>
public sealed record InstancePage(IReadOnlyList<InstanceRow> Rows, InstanceEdge? Previous, InstanceEdge? Next);

/// <summary>How many instances match.</summary>
/// <param name="Total">All of them.</param>
/// <param name="NeedAttention">Those of them that need a person.</param>
public sealed record InstanceCount(int Total, int NeedAttention);

/// <summary>One line of the list.</summary>
public sealed record InstanceRow(
    Guid Id,
    string Name,
    IReadOnlyList<string> Tags,
    string ElementKey,
    string ElementName,
    string? AccountServer,
    InstanceState State,
    Guid PlatformAccountId,
    string AccountName,
    bool HasLegacyKey,
    DateTimeOffset LastCheckedAt,
    DateTimeOffset CreatedAt)
{
    /// <summary>Whether a part of what is stored cannot be read: the line is marked, the others are not touched.</summary>
    public bool IsUnreadable { get; init; }
}

/// <summary>One instance as its page shows it: without its token.</summary>
public sealed record InstanceView(
    Guid Id,
    long PlatformId,
    string Name,
    IReadOnlyList<string> Tags,
    string? PortalTag,
    string ElementKey,
    string ElementName,
    string? AccountServer,
    InstanceState State,
    string AccountName,
    string AccountBaseUrl,
    Guid? AttemptId,
    DateTimeOffset LastCheckedAt,
    DateTimeOffset CreatedAt)
{
    public required Guid PlatformAccountId { get; init; }

    /// <summary>The provider app that it was last authorized with; null where the portal does not know it.</summary>
    public required Guid? ProviderAppId { get; init; }

    /// <summary>Why it needs a person; null in the states that need none.</summary>
    public required AttentionReason? Attention { get; init; }

    /// <summary>The platform's words to <see cref="Attention"/>.</summary>
    public required string? AttentionMessage { get; init; }

    /// <summary>Whether it carries <c>infusionsoft.private.key</c>, which Keap has retired.</summary>
    public required bool HasLegacyKey { get; init; }

    /// <summary>When the platform last refreshed the provider's token; null where it does not tell.</summary>
    public required DateTimeOffset? RefreshedAt { get; init; }

    /// <summary>How long an access token holds, in seconds; null where the platform does not tell.</summary>
    public required long? RefreshIntervalSeconds { get; init; }

    /// <summary>Until when the platform keeps a trace of its calls, as far as the portal switched that on.</summary>
    public required DateTimeOffset? TraceUntil { get; init; }

    /// <summary>Another one after each change of what is stored.</summary>
    public int Version { get; init; }

    /// <summary>Whether a part of what is stored cannot be read.</summary>
    public bool IsUnreadable { get; init; }
}
