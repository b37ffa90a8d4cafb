using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Secrets;

namespace AdminPortal.Platform;

/// <summary>Everything that <c>POST /instances</c> is sent; secrets are still sealed.</summary>
public sealed record NewInstance
{
    public required ElementDefinition Element { get; init; }

    public required string Name { get; init; }

    /// <summary>All tags, the portal's own included.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>The callback URL, byte for byte as it was sent for the OAuth URL.</summary>
    public required string CallbackUrl { get; init; }

    public required ProviderAppCredentials ProviderApp { get; init; }

    public required Secret Code { get; init; }

    public required IReadOnlyDictionary<string, string> Configuration { get; init; }

    public required IReadOnlyDictionary<string, Secret> SecretConfiguration { get; init; }

    public EventSettings? Events { get; init; }

    /// <summary>When the body may be sent at the latest; null for a request that no process has claimed.</summary>
    public SendDeadline? Deadline { get; init; }
}

/// <summary>What is asked when a person is to be sent to the provider.</summary>
/// <param name="ElementKey">The element.</param>
/// <param name="ProviderApp">The OAuth client.</param>
/// <param name="CallbackUrl">Where the provider sends the person back to.</param>
/// <param name="State">The one-time value that comes back with the code.</param>
/// <param name="AccountServer">The tenant host, for the elements that have one.</param>
public sealed record OAuthUrlRequest(string ElementKey, ProviderAppCredentials ProviderApp, string CallbackUrl, string State, string? AccountServer)
{
    /// <summary>Never prints the state.</summary>
    public override string ToString() => $"OAuthUrlRequest {ElementKey}";
}

/// <summary>A change of an instance's name and tags; null leaves a part as it is.</summary>
public sealed record InstanceChange(string? Name, IReadOnlyList<string>? Tags)
{
    /// <summary>Until when the body may be sent; null for a change that no other process can take over.</summary>
    public SendDeadline? Deadline { get; init; }
}
