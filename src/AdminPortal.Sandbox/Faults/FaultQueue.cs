using System.IO.Enumeration;

namespace AdminPortal.Sandbox.Faults;

/// <summary>The faults still to come, in the order in which they were queued.</summary>
internal sealed class FaultQueue
{
    private readonly Lock _gate = new();
    private readonly List<Fault> _faults = [];

    public void Add(Fault fault)
    {
        lock (_gate)
            _faults.Add(fault);
    }

    public IReadOnlyList<Fault> Waiting()
    {
        lock (_gate)
            return [.. _faults];
    }

    public void Clear()
    {
        lock (_gate)
            _faults.Clear();
    }

    /// <summary>Takes the first fault for this call, and one of its times.</summary>
    public Fault? Take(string method, string path)
    {
        var call = $"{method} {path}";
        lock (_gate)
        {
            var index = _faults.FindIndex(fault => FileSystemName.MatchesSimpleExpression(fault.Match, call));
            if (index < 0)
                return null;
            var found = _faults[index];
            if (found.Times > 1)
                _faults[index] = found with { Times = found.Times - 1 };
            else
                _faults.RemoveAt(index);
            return found;
        }
    }
}
