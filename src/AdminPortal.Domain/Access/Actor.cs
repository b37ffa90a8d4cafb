namespace AdminPortal.Domain.Access;

/// <summary>Who does something: a signed-in person, or the portal itself.</summary>
/// <param name="PersonId">The person's id; null for the portal and for nobody.</param>
/// <param name="Name">The person's name as the record shows it; null for the portal and for nobody.</param>
public sealed record Actor(Guid? PersonId, string? Name)
{
    /// <summary>The address that the person's request came from; null where nobody is at the other end any more, and for the portal.</summary>
    public string? From { get; init; }

    /// <summary>The portal, working by itself.</summary>
    public static Actor Portal { get; } = new(null, null) { IsPortal = true };

    /// <summary>Somebody who is not signed in, and may do nothing.</summary>
    public static Actor Nobody { get; } = new(null, null);

    /// <summary>What the person may do; null, as where it was forgotten, may do nothing.</summary>
    public Role? Role { get; init; }

    /// <summary>The session in which the person is signed in; null where there is no browser.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>Whether it is the portal itself.</summary>
    internal bool IsPortal { get; private init; }
}
