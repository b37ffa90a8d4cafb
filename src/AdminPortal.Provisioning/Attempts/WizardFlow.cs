using AdminPortal.Provisioning.Elements;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>Which steps the wizard has for an element, in order.</summary>
public static class WizardFlow
{
    private static readonly IReadOnlyList<WizardStep> All = Enum.GetValues<WizardStep>();

    /// <summary>The steps; the account step only where the element asks for anything there.</summary>
    public static IReadOnlyList<WizardStep> StepsFor(ElementDefinition? element) =>
        element is { NeedsAccountDetails: false } ? [.. All.Where(step => step != WizardStep.Account)] : All;

    /// <summary>The step after this one.</summary>
    public static WizardStep Next(ElementDefinition? element, WizardStep step) => StepsFor(element).FirstOrDefault(other => other > step, WizardStep.Review);

    /// <summary>The step before this one.</summary>
    public static WizardStep Previous(ElementDefinition? element, WizardStep step) => StepsFor(element).LastOrDefault(other => other < step, WizardStep.Element);
}
