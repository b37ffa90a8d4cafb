namespace AdminPortal.Sandbox.Faults;

internal sealed record ClockMove
{
    public const string Form = """{"advanceSeconds":60}.""";

    private const double TenYears = 10 * 366 * 86_400d;

    /// <summary>Seconds to move the sandbox's clock by; negative is back.</summary>
    public required double AdvanceSeconds { get; init; }

    public string? Problem() => Math.Abs(AdvanceSeconds) <= TenYears ? null : "advanceSeconds must be within ten years.";
}
