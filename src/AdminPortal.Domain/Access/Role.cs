namespace AdminPortal.Domain.Access;

/// <summary>What a person may do; each role may do everything that the one before it may. The names are stored.</summary>
public enum Role
{
    /// <summary>Sees everything but secrets.</summary>
    Viewer,

    /// <summary>Connects, edits, checks, authorizes anew, runs jobs and syncs, cleans up.</summary>
    Operator,

    /// <summary>Platform accounts, provider apps, people, keys and settings.</summary>
    Administrator,
}
