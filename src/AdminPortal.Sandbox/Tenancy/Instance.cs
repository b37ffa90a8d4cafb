namespace AdminPortal.Sandbox.Tenancy;

/// <summary>One element instance. Immutable: a change is a new one in its place.</summary>
internal sealed record Instance
{
    public required long Id { get; init; }

    public required string ElementKey { get; init; }

    public required string Name { get; init; }

    public required string Token { get; init; }

    public required DateTimeOffset CreatedDate { get; init; }

    public required DateTimeOffset UpdatedDate { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public required IReadOnlyList<ConfigurationEntry> Configuration { get; init; }

    public bool Disabled { get; init; }

    public string? Value(string key) => Configuration.FirstOrDefault(entry => entry.Key == key)?.Value;
}
