using AdminPortal.Provisioning.SingleSignOn;

namespace AdminPortal.Hosting.SingleSignOn;

/// <summary>A response of the authority that one of the portal's own rules refuses.</summary>
/// <param name="refusal">Which rule; its sentence is shown.</param>
/// <param name="error">The authority's error code, if it sent one.</param>
/// <param name="description">The authority's description of the error, as it was sent.</param>
internal sealed class SingleSignOnException(SingleSignOnRefusal refusal, string? error = null, string? description = null)
    : Exception(refusal.ToString())
{
    public SingleSignOnRefusal Refusal { get; } = refusal;

    public string? Error { get; } = error;

    public string? Description { get; } = description;
}
