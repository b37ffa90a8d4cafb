namespace AdminPortal.Provisioning.Background;

/// <summary>What a change is about, and what the id of its subject is.</summary>
public enum ChangeTopic
{
    /// <summary>A provisioning attempt, by its id.</summary>
    Attempts,

    /// <summary>A bulk job, by its id.</summary>
    Jobs,

    /// <summary>A bulk job that a person has cancelled, by its id.</summary>
    JobCancellations,

    /// <summary>A platform account's sync or its differences, by the account's id.</summary>
    Sync,

    /// <summary>A rotation of the key ring, by its id.</summary>
    KeyRotations,
}
