namespace AdminPortal.Provisioning.Background;

/// <summary>Work that is found in the database and done by a <see cref="DueWorker{TWork}"/>.</summary>
internal interface IDueWork
{
    /// <summary>What one piece of work is called in the log.</summary>
    static abstract string Subject { get; }

    /// <summary>The changes that wake the worker.</summary>
    static abstract ChangeTopic Topic { get; }

    /// <summary>How many pieces are worked on at once.</summary>
    static abstract int MaxAtOnce { get; }

    /// <summary>What is due, the most urgent first.</summary>
    Task<IEnumerable<DueItem>> FindDueItemsAsync(CancellationToken stoppingToken);
}
