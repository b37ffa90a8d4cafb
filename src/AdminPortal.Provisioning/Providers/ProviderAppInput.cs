using AdminPortal.Domain.Secrets;
using AdminPortal.Storage;

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

    /// <summary>
    /// Base URLs of the platforms that a new app's secret may be sent to; null for those of the accounts that exist. Not used for an
    /// app that is edited: allowing a further origin is <see cref="ProviderAppService.AllowAsync"/>.
    /// </summary>
    public List<string>? AllowedFor { get; set; }
}

/// <summary>A provider app as screens see it: without its secret.</summary>
/// <param name="Instances">How many attempts that led to an instance used it.</param>
public sealed record ProviderAppSummary(Guid Id, string Name, string ClientId, DateTimeOffset CreatedAt, int Instances)
{
    /// <summary>Whether a part of what is stored cannot be read.</summary>
    public bool IsUnreadable => Unreadable.Is(CreatedAt);

    /// <summary>The platform origins that its client secret may be sent to.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    /// <summary>Whether the client secret may be sent to the origin of a base URL.</summary>
    public bool IsAllowedFor(string baseUrl) => SecretOrigin.Find(baseUrl) is { } origin && Origins.Contains(origin.Text);
}
