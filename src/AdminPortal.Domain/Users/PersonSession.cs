namespace AdminPortal.Domain.Users;

/// <summary>One browser in which a person is signed in. Its id is a claim in the cookie; without the row, the cookie is worth nothing.</summary>
public sealed class PersonSession
{
    public const int MaxBrowserLength = 255;

    /// <summary>The value of <see cref="ConfirmedAt"/> in a session that was opened with less than a re-authentication asks for.</summary>
    public static readonly DateTimeOffset NotConfirmed = DateTimeOffset.UnixEpoch;

    public Guid Id { get; init; }

    public required Guid PersonId { get; init; }

    /// <summary>The person's security stamp when the session was opened, or renewed after a change of the person's own: with another one it is over.</summary>
    public required string SecurityStamp { get; set; }

    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>When the person last did something in it; to the minute.</summary>
    public required DateTimeOffset SeenAt { get; set; }

    /// <summary>When the person last re-authenticated, at the sign-in or since; <see cref="NotConfirmed"/> for never.</summary>
    public required DateTimeOffset ConfirmedAt { get; set; }

    /// <summary>When the person last used a passkey in it, at the sign-in or since; null for never.</summary>
    public DateTimeOffset? PasskeyUsedAt { get; set; }

    /// <summary>The address that it was opened from.</summary>
    public string? From { get; init; }

    /// <summary>What the browser says that it is, cleaned and bounded.</summary>
    public string? Browser { get; init; }

    /// <summary>When it was ended; null for one that nobody ended, whether it still holds or not.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>What ended it.</summary>
    public SessionEnding? Ending { get; set; }
}
