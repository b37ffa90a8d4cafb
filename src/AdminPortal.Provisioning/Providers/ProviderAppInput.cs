using AdminPortal.Provisioning.Storage;

namespace AdminPortal.Provisioning.Providers;

/// <summary>What a person enters for a provider app.</summary>
public sealed class ProviderAppInput
{
    /// <summary>The app that is edited; null for a new one.</summary>
    public Guid? Id { get; set; }

    public string Name { get; set; } = "";

    public string ClientId { get; set; } = "";

    /// <summary>Empty keeps the stored one.</summary>
    public string ClientSecret { get; set; } = "";
}

/// <summary>A provider app as screens see it: without its secret.</summary>
/// <param name="Instances">How many attempts that led to an instance used it.</param>
public sealed record ProviderAppSummary(Guid Id, string Name, string ClientId, DateTimeOffset CreatedAt, int Instances)
{
    /// <summary>Whether a part of what is stored cannot be read.</summary>
    public bool IsUnreadable => Unreadable.Is(CreatedAt);
}
