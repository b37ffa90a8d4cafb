namespace AdminPortal.Ui;

/// <summary>What a <see cref="LiveComponent"/> follows, and how.</summary>
/// <param name="Look">Reads what is shown. It is called on the component's dispatcher, and the component is drawn afterwards.</param>
public sealed record LiveSource(Func<Task> Look)
{
    /// <summary>Subscribes to changes that this process makes; null if nothing tells of them. The callback returns at once.</summary>
    public Func<Action, IDisposable>? Subscribe { get; init; }

    /// <summary>How often to look without having been told: nothing tells of changes by another process. At least a second.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>False while only a change that is told of can make a difference.</summary>
    public Func<bool> ExpectsChange { get; init; } = static () => true;

    /// <summary>True to look at once when told of a change; false to look at the next second, for changes in quick succession.</summary>
    public bool LooksAtOnce { get; init; }

    /// <summary>True to draw every second, for a countdown.</summary>
    public bool DrawsEverySecond { get; init; }
}
