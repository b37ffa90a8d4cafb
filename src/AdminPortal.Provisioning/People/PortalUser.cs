using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Provisioning.People;

/// <summary>A person who can sign in to the portal, or was invited to.</summary>
public sealed class PortalUser : IdentityUser<Guid>
{
    /// <summary>What the person may do.</summary>
    public Role Role { get; set; }

    /// <summary>Since when the person may not sign in; null for one who may.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    /// <summary>When the person signed in last; null for never.</summary>
    public DateTimeOffset? LastSignInAt { get; set; }

    /// <summary>SHA-256 of the one-time link with which the person sets a password; null where there is none.</summary>
    public byte[]? LinkHash { get; set; }

    /// <summary>Until when the one-time link is good.</summary>
    public DateTimeOffset? LinkExpiresAt { get; set; }
}
