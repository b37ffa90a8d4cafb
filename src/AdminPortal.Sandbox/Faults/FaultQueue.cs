namespace AdminPortal.Sandbox.Faults;

/// <summary>The faults still to come, in the order in which they were queued.</summary>
internal sealed class FaultQueue
{
    private readonly Lock _gate = new();
    private readonly List<Fault> _faults = [];
    private long _lastId;

    /// <returns>The fault with the id that it can be removed by.</returns>
    public Fault Add(Fault fault)
    {
        lock (_gate)
        {
            var added = fault with { Id = ++_lastId };
            _faults.Add(added);
            return added;
        }
    }

    public IReadOnlyList<Fault> Waiting()
    {
        lock (_gate)
            return [.. _faults];
    }

    public bool Remove(long id)
    {
        lock (_gate)
            return _faults.RemoveAll(fault => fault.Id == id) > 0;
    }

    public void Clear()
    {
        lock (_gate)
            _faults.Clear();
    }

    /// <summary>Takes the first fault that meets a call, and one of its times.</summary>
    public Fault? Take(Predicate<Fault> meets)
    {
        lock (_gate)
        {
            var index = _faults.FindIndex(meets);
            if (index < 0)
                return null;
            var found = _faults[index];
            if (found.Times > 1)
                _faults[index] = found with { Times = found.Times - 1 };
            else if (found.Times == 1)
                _faults.RemoveAt(index);
            return found;
        }
    }
}
