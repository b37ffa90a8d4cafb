using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Domain.Users;

/// <summary>A passkey of a person: the public half of a key that never leaves the person's device.</summary>
public sealed class PortalPasskey : IdentityUserPasskey<Guid>
{
    public const int MaxNameLength = 60;

    /// <summary>How many a person can have.</summary>
    public const int MaxCount = 20;

    /// <summary>When the person signed in with it last; null for never.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }
}
