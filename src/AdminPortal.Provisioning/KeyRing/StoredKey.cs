namespace AdminPortal.Provisioning.KeyRing;

/// <summary>A key of the ring.</summary>
/// <param name="Id">Its id, which stands before everything that it sealed.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Opens">Whether it could be unwrapped.</param>
internal sealed record StoredKey(Guid Id, DateTimeOffset CreatedAt, bool Opens);
