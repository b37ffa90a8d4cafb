namespace AdminPortal.Provisioning.Background;

/// <summary>A piece of work that is due.</summary>
/// <param name="Id">The row; it is never worked on twice at once by this process.</param>
/// <param name="Work">Does the work; the token is cancelled when the portal stops.</param>
internal readonly record struct DueItem(Guid Id, Func<CancellationToken, Task> Work);
