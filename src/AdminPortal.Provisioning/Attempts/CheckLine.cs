using AdminPortal.Domain.Attempts;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>One line of the pre-flight: what was checked and what came of it.</summary>
/// <param name="Level">How it went.</param>
/// <param name="Title">What was checked.</param>
/// <param name="Detail">What came of it, and what to do about it.</param>
/// <param name="Step">The step at which it is mended; null where that is not in the wizard.</param>
public sealed record CheckLine(CheckLevel Level, string Title, string Detail, WizardStep? Step = null)
{
    /// <summary>The <see cref="Key"/> of the line that says that the browser knows the portal by another address.</summary>
    public const string OtherAddress = "Check.Browser.Other";

    /// <summary>What came of it, as a name that stays the same: by it a warning is known again that was accepted.</summary>
    public string Key { get; init; } = "";
}

/// <summary>How a check went: a failed one stops, a warning asks.</summary>
public enum CheckLevel
{
    Passed,
    Warning,
    Failed,
}
