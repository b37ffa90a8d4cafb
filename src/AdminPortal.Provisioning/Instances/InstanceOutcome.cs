using AdminPortal.Domain;
using AdminPortal.Domain.Instances;

namespace AdminPortal.Provisioning.Instances;

/// <summary>What an action on one instance came to, and what it changes of the portal's row.</summary>
internal sealed record InstanceOutcome
{
    /// <summary>What stood in the way; null where nothing did.</summary>
    public Problem? Problem { get; init; }

    /// <summary>Why there was nothing to do; null where there was.</summary>
    public string? Nothing { get; init; }

    /// <summary>Whether nothing was sent, because the change was taken over or cancelled.</summary>
    public bool NotStarted { get; init; }

    /// <summary>Whether nothing was sent, because this process was paused until after the deadline. It may start again.</summary>
    public bool IsWithheld { get; init; }

    /// <summary>Whether the platform turned the request away because it is busy.</summary>
    public bool IsBusy { get; init; }

    /// <summary>When a busy platform wants to be asked again, where it said so.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the platform has told something about the instance.</summary>
    public bool Told { get; init; }

    /// <summary>Whether the platform does not have it any more, as was wanted.</summary>
    public bool Deleted { get; init; }

    /// <summary>What is known of the instance now; applied to the row as it is when it is saved.</summary>
    public Action<ElementInstance> Apply { get; init; } = _ => { };
}
