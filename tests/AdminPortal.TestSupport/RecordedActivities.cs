using System.Collections.Concurrent;
using System.Diagnostics;

namespace AdminPortal.TestSupport;

/// <summary>Listens to every activity source of the process, as a trace exporter does, and records the activities.</summary>
public sealed class RecordedActivities : IDisposable
{
    private readonly ConcurrentQueue<string> _said = new();
    private readonly ActivityListener _listener;

    public RecordedActivities()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Keep,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Names, tags, events and baggage, a line for each activity that has ended.</summary>
    public IReadOnlyCollection<string> Said => _said;

    public void Dispose() => _listener.Dispose();

    private void Keep(System.Diagnostics.Activity activity)
    {
        var words = new List<object?> { activity.Source.Name, activity.OperationName, activity.DisplayName, activity.StatusDescription };
        foreach (var tag in activity.TagObjects) words.Add($"{tag.Key}={tag.Value}");
        foreach (var tag in activity.Events.SelectMany(happened => happened.Tags)) words.Add($"{tag.Key}={tag.Value}");
        foreach (var item in activity.Baggage) words.Add($"{item.Key}={item.Value}");
        _said.Enqueue(string.Join(' ', words));
    }
}
