namespace AdminPortal.Sandbox.Journal;

/// <summary>One request that the sandbox saw. Every secret in it is masked.</summary>
/// <param name="Sequence">1 for the first request since the start or since the journal was cleared.</param>
/// <param name="At">When the request arrived, by the sandbox's clock.</param>
/// <param name="Status">The status sent; 0 when the connection was dropped instead.</param>
/// <param name="Fault">What was done to the request on purpose; null for nothing.</param>
internal sealed record JournalEntry(
    long Sequence,
    DateTimeOffset At,
    string Method,
    string Path,
    string Query,
    int Status,
    long DurationMilliseconds,
    IReadOnlyDictionary<string, string> RequestHeaders,
    string? RequestBody,
    string? ResponseBody,
    string? Fault);
