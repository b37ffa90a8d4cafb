using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Provisioning.People;

/// <summary>A person who can sign in to the portal.</summary>
public sealed class PortalUser : IdentityUser<Guid>;
