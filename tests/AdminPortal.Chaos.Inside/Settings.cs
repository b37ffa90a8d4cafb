namespace AdminPortal.Chaos.Inside;

/// <summary>The environment variables that the driver sets.</summary>
internal static class Settings
{
    public const string KillAt = "CHAOS_KILL_AT";
    public const string KilledFile = "CHAOS_KILLED_FILE";
    public const string ClockOffset = "CHAOS_CLOCK_OFFSET";
}
