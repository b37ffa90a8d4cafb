namespace AdminPortal.Provisioning.Activity;

/// <summary>Who does something: a signed-in person, or the portal itself.</summary>
/// <param name="PersonId">The person's id; null for the portal.</param>
/// <param name="Name">The person's name as the record shows it; null for the portal.</param>
public sealed record Actor(Guid? PersonId, string? Name)
{
    /// <summary>The portal, working by itself.</summary>
    public static Actor Portal { get; } = new(null, null);
}
