namespace AdminPortal.Domain.Reveals;

/// <summary>What somebody else is asked to approve. The names are stored.</summary>
public enum ApprovalKind
{
    /// <summary>That a person sees an instance's token.</summary>
    TokenReveal,

    /// <summary>That secrets are sent to the host of a new platform account, or that an account's base URL or sign-in hosts change.</summary>
    PlatformHost,

    /// <summary>That a platform account moves to another host with its instances and their tokens.</summary>
    PlatformMove,

    /// <summary>That a provider app's client secret is sent to a further origin.</summary>
    ProviderAppOrigin,
}
