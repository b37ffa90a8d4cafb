namespace AdminPortal.Sandbox.Faults;

internal sealed record ClockBody(DateTimeOffset UtcNow, double OffsetSeconds);
