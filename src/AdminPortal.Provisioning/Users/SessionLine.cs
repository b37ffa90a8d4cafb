namespace AdminPortal.Provisioning.Users;

/// <summary>One of a person's open sessions, as its list shows it.</summary>
/// <param name="Id">The session's id.</param>
/// <param name="OpenedAt">When it was opened.</param>
/// <param name="SeenAt">When something was last done in it.</param>
/// <param name="From">The address that it was opened from; null where it is not known.</param>
/// <param name="Browser">What the browser says that it is; null where it says nothing.</param>
/// <param name="IsThis">Whether it is the one that asks.</param>
public sealed record SessionLine(Guid Id, DateTimeOffset OpenedAt, DateTimeOffset SeenAt, string? From, string? Browser, bool IsThis);
