using System.Text.Json;
using System.Text.Json.Nodes;
using AdminPortal.Domain;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Secrets;

namespace AdminPortal.Platform;

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

    /// <summary>
    /// <c>PUT /instances/{id}?reAuthenticate=true</c> with a new code, exactly once: never retried here. Id, and with it
    /// everything that hangs on it, stays; the token is read from the answer, which may bring a new one.
    /// </summary>
    Task<PlatformOutcome<PlatformInstance>> ReauthenticateAsync(PlatformAccount account, long id, Reauthentication reauthentication, CancellationToken cancellationToken);

    /// <summary><c>PATCH /instances/{id}</c> with a part of its configuration, by key; values that are left out stay.</summary>
    Task<PlatformOutcome<PlatformInstance>> ConfigureAsync(PlatformAccount account, long id, JsonObject configuration, CancellationToken cancellationToken);

    /// <summary><c>GET /instances/count</c>: how many instances the account has, of all elements.</summary>
    Task<PlatformOutcome<long>> CountAsync(PlatformAccount account, CancellationToken cancellationToken);

    /// <summary><c>GET /ping</c> with the instance's own token: whether the provider answers for it.</summary>
    Task<PlatformOutcome<PlatformPong>> PingAsync(PlatformAccount account, Secret token, CancellationToken cancellationToken);

    /// <summary><c>GET /instances/{id}/configuration</c>.</summary>
    Task<PlatformOutcome<IReadOnlyList<InstanceConfigurationEntry>>> GetConfigurationAsync(PlatformAccount account, long id, CancellationToken cancellationToken);

    /// <summary><c>PATCH /instances/{id}/configuration/{entry}</c> with one value.</summary>
    Task<PlatformOutcome<InstanceConfigurationEntry>> SetConfigurationAsync(PlatformAccount account, long id, long entryId, string value, CancellationToken cancellationToken);

    /// <summary><c>PUT /instances/{id}/trace-logging</c> for so many minutes, or <c>DELETE</c> for null.</summary>
    Task<PlatformOutcome<Done>> SetTraceLoggingAsync(PlatformAccount account, long id, int? minutes, CancellationToken cancellationToken);

    /// <summary><c>GET /instances/{id}/docs</c>: the instance's Swagger 2.0 document, as it came.</summary>
    Task<PlatformOutcome<JsonElement>> GetDocsAsync(PlatformAccount account, long id, CancellationToken cancellationToken);

    /// <summary>
    /// A person's own request to the instance, with its token. Whatever status comes back is a success: the person is
    /// to see it. The body is cut at <see cref="InstanceResponse.MaxBodyLength"/>. Nothing is repeated.
    /// </summary>
    Task<PlatformOutcome<InstanceResponse>> SendAsync(PlatformAccount account, Secret token, InstanceRequest request, CancellationToken cancellationToken);

    /// <summary><c>PUT</c> or <c>DELETE /instances/{id}/enabled</c>; not sent when the deadline is past.</summary>
    Task<PlatformOutcome<Done>> SetEnabledAsync(
        PlatformAccount account, long id, bool enabled, CancellationToken cancellationToken, SendDeadline? deadline = null);

    /// <summary><c>DELETE /instances/{id}</c>; not sent when the deadline is past.</summary>
    Task<PlatformOutcome<Done>> DeleteAsync(
        PlatformAccount account, long id, CancellationToken cancellationToken, SendDeadline? deadline = null);

    /// <summary><c>GET /elements/{key}/configuration</c>: what the platform itself says an element needs.</summary>
    Task<PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>> GetElementConfigurationAsync(PlatformAccount account, string elementKey, CancellationToken cancellationToken);

    /// <summary><c>GET /elements/{key}</c>: whether the platform offers the element.</summary>
    Task<PlatformOutcome<PlatformElement>> GetElementAsync(PlatformAccount account, string elementKey, CancellationToken cancellationToken);
}
