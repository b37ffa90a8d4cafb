namespace AdminPortal.Domain.Instances;

/// <summary>What is known of an instance's health. The names are stored.</summary>
public enum InstanceState
{
    /// <summary>Enabled and, as far as is known, working.</summary>
    Active,

    /// <summary>The platform reports it as not valid.</summary>
    NeedsAttention,

    /// <summary>Switched off on the platform.</summary>
    Disabled,

    /// <summary>The platform does not know it (any more).</summary>
    MissingOnPlatform,
}
