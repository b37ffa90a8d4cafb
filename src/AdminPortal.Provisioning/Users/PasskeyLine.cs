namespace AdminPortal.Provisioning.Users;

/// <summary>A passkey as its person's page lists it.</summary>
/// <param name="Id">The credential's id, as base64url.</param>
/// <param name="Name">What the person calls it.</param>
/// <param name="CreatedAt">When it was added.</param>
/// <param name="LastUsedAt">When the person signed in with it last; null for never.</param>
public sealed record PasskeyLine(string Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);
