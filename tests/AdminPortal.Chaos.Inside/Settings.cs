namespace AdminPortal.Chaos.Inside;

/// <summary>The environment variables that the driver sets.</summary>
internal static class Settings
{
    public const string KillAt = "CHAOS_KILL_AT";
    public const string KilledFile = "CHAOS_KILLED_FILE";
    public const string ClockOffset = "CHAOS_CLOCK_OFFSET";

    /// <summary>The file that says how much later it is when a stopped process goes on; it is written before that.</summary>
    public const string ResumedFile = "CHAOS_RESUMED_FILE";
}
