using AdminPortal.Domain;

namespace AdminPortal.Features.Sync;

/// <summary>What came of settling differences, for the page to say.</summary>
/// <param name="Text">The sentence; null where nothing was done.</param>
/// <param name="IsIncomplete">Whether some are left.</param>
/// <param name="Problems">What stood in the way.</param>
/// <param name="JobId">The job that goes on with it.</param>
public sealed record Settlement(string? Text, bool IsIncomplete, IReadOnlyList<Problem> Problems, Guid? JobId = null);
