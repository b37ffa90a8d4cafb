using AdminPortal.Provisioning.Accounts;

namespace AdminPortal.Provisioning.Platform;

/// <summary>The platform's API, as far as the portal uses it (platform contract, sections 1a to 1c).</summary>
/// <remarks>Every method returns an outcome for whatever happens; only cancellation is thrown.</remarks>
public interface IElementsPlatform
{
    /// <summary>
    /// <c>POST /elements/{key}/oauth/url</c>, and <c>GET</c> where the platform does not know the POST form.
    /// The value is the <c>oauthUrl</c>, not yet checked.
    /// </summary>
    Task<PlatformOutcome<string>> GetOAuthUrlAsync(PlatformAccount account, OAuthUrlRequest request, CancellationToken cancellationToken);

    /// <summary><c>POST /instances</c>, exactly once: never retried here.</summary>
    Task<PlatformOutcome<PlatformInstance>> CreateAsync(PlatformAccount account, NewInstance instance, CancellationToken cancellationToken);

    /// <summary><c>GET /instances/{id}</c>.</summary>
    Task<PlatformOutcome<PlatformInstance>> GetAsync(PlatformAccount account, long id, CancellationToken cancellationToken);

    /// <summary><c>GET /instances?hydrate=true</c>, one page; the documented 404 for an empty listing is an empty page.</summary>
    Task<PlatformOutcome<PlatformInstancePage>> ListAsync(PlatformAccount account, string? tag, string? page, CancellationToken cancellationToken);

    /// <summary><c>PATCH /instances/{id}</c> with name, tags or both.</summary>
    Task<PlatformOutcome<PlatformInstance>> UpdateAsync(PlatformAccount account, long id, InstanceChange change, CancellationToken cancellationToken);

    /// <summary><c>PUT</c> or <c>DELETE /instances/{id}/enabled</c>.</summary>
    Task<PlatformOutcome<Done>> SetEnabledAsync(PlatformAccount account, long id, bool enabled, CancellationToken cancellationToken);

    /// <summary><c>DELETE /instances/{id}</c>.</summary>
    Task<PlatformOutcome<Done>> DeleteAsync(PlatformAccount account, long id, CancellationToken cancellationToken);

    /// <summary><c>GET /elements/{key}/configuration</c>: what the platform itself says an element needs.</summary>
    Task<PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>> GetElementConfigurationAsync(PlatformAccount account, string elementKey, CancellationToken cancellationToken);
}
