using AdminPortal.Domain.Jobs;

namespace AdminPortal.Provisioning.Jobs;

/// <summary>A job as its page shows it.</summary>
/// <param name="Id">Its name in addresses.</param>
/// <param name="Kind">What it does.</param>
/// <param name="State">Where it is.</param>
/// <param name="Tags">The tags that it adds or removes.</param>
/// <param name="PersonName">Who started it; null for the portal.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="EndedAt">When the last row was done, or when it was called off.</param>
/// <param name="Total">How many instances it is for.</param>
/// <param name="Succeeded">How many were done.</param>
/// <param name="Failed">How many were not.</param>
/// <param name="Skipped">For how many there was nothing to do.</param>
/// <param name="PausedUntil">Until when it waits because the platform is busy, as far as this process knows; null where it does not wait.</param>
public sealed record JobView(
    Guid Id, JobKind Kind, JobState State, IReadOnlyList<string> Tags, string? PersonName, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt,
    int Total, int Succeeded, int Failed, int Skipped, DateTimeOffset? PausedUntil)
{
    /// <summary>How many have a result.</summary>
    public int Finished => Succeeded + Failed + Skipped;

    /// <summary>How many have none yet, or, where the job was called off, will have none.</summary>
    public int Waiting => Total - Finished;
}

/// <summary>What a job would do, before it is started.</summary>
/// <param name="Total">How many instances it is for.</param>
/// <param name="NothingToDo">For how many of them, as far as the portal knows, there is nothing to do.</param>
/// <param name="Examples">Names of the first few.</param>
public sealed record JobReview(int Total, int NothingToDo, IReadOnlyList<string> Examples)
{
    /// <summary>How many names there are at most.</summary>
    public const int MaxExamples = 5;
}

/// <summary>One instance of a job.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="Name">Its name when the job was made.</param>
/// <param name="Exists">Whether the portal still has it.</param>
/// <param name="State">Where it is.</param>
/// <param name="Message">What stood in the way, or why there was nothing to do.</param>
/// <param name="DoneAt">When it was done.</param>
public sealed record JobItemView(Guid InstanceId, string Name, bool Exists, JobItemState State, string? Message, DateTimeOffset? DoneAt);

/// <summary>Some rows of a job, failed ones first.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Next">Where the next ones begin; null where there are none.</param>
public sealed record JobItemPage(IReadOnlyList<JobItemView> Rows, JobItemCursor? Next);

/// <summary>A place in a job's rows.</summary>
public sealed record JobItemCursor
{
    internal JobItemCursor(JobItemState state, long number)
    {
        State = state;
        Number = number;
    }

    internal JobItemState State { get; }

    internal long Number { get; }
}
