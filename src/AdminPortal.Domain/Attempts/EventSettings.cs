namespace AdminPortal.Domain.Attempts;

/// <summary>What a person chose for an element's polling events.</summary>
public sealed record EventSettings
{
    public const int MinMinutes = 1;
    public const int MaxMinutes = 1440;
    public const int MaxPollerConfigurationLength = 20_000;

    public bool Enabled { get; init; }

    /// <summary>Where the platform sends what it found: an https address.</summary>
    public string CallbackUrl { get; init; } = "";

    /// <summary>Minutes between two polls.</summary>
    public int Minutes { get; init; } = 15;

    /// <summary>The resources to poll.</summary>
    public IReadOnlyList<string> Resources { get; init; } = [];

    /// <summary>The poller configuration as JSON where the person wrote their own; empty: the resources' defaults.</summary>
    public string PollerConfiguration { get; init; } = "";
}
