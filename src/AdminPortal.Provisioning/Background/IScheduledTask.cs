namespace AdminPortal.Provisioning.Background;

/// <summary>A task that a <see cref="ScheduledWorker{TTask}"/> runs at the start and then at the times that it names.</summary>
internal interface IScheduledTask
{
    /// <summary>Runs once.</summary>
    /// <returns>When to run again; null if it is switched off.</returns>
    Task<DateTimeOffset?> RunAsync(CancellationToken cancellationToken);
}
