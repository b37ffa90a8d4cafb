namespace AdminPortal.Sandbox.Journal;

/// <summary>The newest requests, oldest first.</summary>
internal sealed class RequestJournal
{
    private const int Capacity = 5_000;

    private readonly Lock _gate = new();
    private readonly Queue<JournalEntry> _entries = new();
    private long _sequence;

    public void Add(JournalEntry entry)
    {
        lock (_gate)
        {
            if (_entries.Count == Capacity)
                _entries.Dequeue();
            _entries.Enqueue(entry with { Sequence = ++_sequence });
        }
    }

    public IReadOnlyList<JournalEntry> Entries()
    {
        lock (_gate)
            return [.. _entries];
    }

    public void Clear()
    {
        lock (_gate)
        {
            _entries.Clear();
            _sequence = 0;
        }
    }
}
