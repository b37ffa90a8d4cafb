namespace AdminPortal.Provisioning.Record;

/// <summary>What this process knows about the record: for the pages of administrators.</summary>
public sealed class RecordStatus
{
    private readonly Lock _gate = new();
    private volatile Snapshot _current = new([], null);

    /// <summary>What was found since the start.</summary>
    public Snapshot Current => _current;

    internal void Report(string problem)
    {
        lock (_gate)
        {
            if (!_current.Problems.Contains(problem)) _current = _current with { Problems = [.. _current.Problems, problem] };
        }
    }

    internal void Verified(RecordVerification verification)
    {
        lock (_gate) _current = _current with { Last = verification };
    }

    /// <summary>The state at one moment.</summary>
    /// <param name="Problems">Sentences, in the order in which they were found.</param>
    /// <param name="Last">The last complete verification; null before the first one ended.</param>
    public sealed record Snapshot(IReadOnlyList<string> Problems, RecordVerification? Last);
}

/// <summary>A complete verification of the record.</summary>
/// <param name="At">When it ended.</param>
/// <param name="Rows">How many rows there were.</param>
/// <param name="IsComplete">Whether every row is as it was written.</param>
public sealed record RecordVerification(DateTimeOffset At, long Rows, bool IsComplete);
