namespace AdminPortal.Sandbox.Tenancy;

/// <summary>What the state file holds.</summary>
internal sealed record TenantSnapshot
{
    public int Version { get; init; } = 1;

    public long LastInstanceId { get; init; }

    public long LastConfigurationId { get; init; }

    public IReadOnlyList<Instance> Instances { get; init; } = [];

    /// <summary>Codes not yet used: whoever restarts between sign-in and creation can still use theirs.</summary>
    public IReadOnlyList<IssuedCode> Codes { get; init; } = [];

    public IReadOnlyDictionary<string, long> Drawn { get; init; } = new Dictionary<string, long>();
}
