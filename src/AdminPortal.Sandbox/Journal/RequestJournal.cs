namespace AdminPortal.Sandbox.Journal;

/// <summary>The newest requests, oldest first.</summary>
internal sealed class RequestJournal
{
    private const int Capacity = 5_000;

    // Of the bodies together: 32 MiB, however long a client walks through a large tenant.
    private const long MostCharacters = 16 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<JournalEntry> _entries = new();
    private long _sequence;
    private long _characters;

    public void Add(JournalEntry entry)
    {
        lock (_gate)
        {
            _characters += Characters(entry);
            while (_entries.Count > 0 && (_entries.Count == Capacity || _characters > MostCharacters))
                _characters -= Characters(_entries.Dequeue());
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
            _characters = 0;
        }
    }

    private static int Characters(JournalEntry entry) => (entry.RequestBody?.Length ?? 0) + (entry.ResponseBody?.Length ?? 0);
}
