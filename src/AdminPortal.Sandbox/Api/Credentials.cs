using AdminPortal.Sandbox.Tenancy;

namespace AdminPortal.Sandbox.Api;

/// <summary>Who a request comes from, once its secrets were found right.</summary>
/// <param name="Organization">Whether the organization secret was given.</param>
/// <param name="Instance">The instance of the element token, if one was given.</param>
internal sealed record Credentials(bool Organization, Instance? Instance);
