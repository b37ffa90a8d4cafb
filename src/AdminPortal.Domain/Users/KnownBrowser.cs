namespace AdminPortal.Domain.Users;

/// <summary>
/// A browser in which a user has signed in completely. Its cookie lets nobody in; it only has a counter of attempts of its own,
/// so that strangers who fail to sign in as the user do not lock the user out.
/// </summary>
public sealed class KnownBrowser
{
    public Guid Id { get; init; }

    public required Guid PersonId { get; init; }

    /// <summary>SHA-256 of the cookie's value; 32 bytes.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>When the user last signed in with it.</summary>
    public required DateTimeOffset UsedAt { get; set; }

    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>The attempts to sign in since the last one that succeeded.</summary>
    public int Attempts { get; set; }

    /// <summary>Until when no attempt is evaluated.</summary>
    public DateTimeOffset? LockedUntil { get; set; }
}
