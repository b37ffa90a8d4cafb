namespace AdminPortal.Provisioning.Instances;

/// <summary>One page of the list.</summary>
/// <param name="Rows">Its rows, in order.</param>
/// <param name="HasPrevious">Whether there are rows before them.</param>
/// <param name="HasNext">Whether there are rows behind them.</param>
/// <param name="Total">How many rows match in all.</param>
/// <param name="NeedAttention">How many of them need a person.</param>
public sealed record InstancePage(IReadOnlyList<InstanceRow> Rows, bool HasPrevious, bool HasNext, int Total, int NeedAttention);

/// <summary>One line of the list.</summary>
public sealed record InstanceRow(
    Guid Id,
    string Name,
    IReadOnlyList<string> Tags,
    string ElementKey,
    string ElementName,
    string? AccountServer,
    InstanceState State,
    string AccountName,
    DateTimeOffset LastCheckedAt,
    DateTimeOffset CreatedAt);

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
    DateTimeOffset CreatedAt);
