namespace AdminPortal.Domain.Attempts;

/// <summary>The request to the platform behind a line of an attempt's history.</summary>
/// <param name="RequestId">The platform's request id, where it answered with one.</param>
/// <param name="Took">From asking until the answer, or until it was given up.</param>
/// <param name="Sent">The request's body without secrets; see <see cref="AttemptHistoryEntry.Sent"/>.</param>
/// <param name="Received">The answer without secrets; see <see cref="AttemptHistoryEntry.Received"/>.</param>
internal sealed record HistoryCall(string? RequestId, TimeSpan Took, string? Sent = null, string? Received = null);
