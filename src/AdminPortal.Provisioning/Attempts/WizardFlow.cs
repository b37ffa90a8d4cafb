using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>Which steps the wizard has for an element, in order.</summary>
public static class WizardFlow
{
    private static readonly IReadOnlyList<WizardStep> All = Enum.GetValues<WizardStep>();

    /// <summary>The steps; the account step only where the element asks for anything there.</summary>
    /// <param name="element">The element; null while none is chosen.</param>
    /// <param name="reauthenticates">
    /// Whether an instance is authorized anew: its element, its name and its options are what they are, so there is
    /// nothing to choose of them.
    /// </param>
    public static IReadOnlyList<WizardStep> StepsFor(ElementDefinition? element, bool reauthenticates = false) =>
    [
        .. All.Where(step => step switch
        {
            WizardStep.Account => element is not { NeedsAccountDetails: false },
            WizardStep.Element or WizardStep.Options => !reauthenticates,
            _ => true,
        }),
    ];

    /// <summary>The step after this one.</summary>
    public static WizardStep Next(ElementDefinition? element, WizardStep step, bool reauthenticates = false) =>
        StepsFor(element, reauthenticates).FirstOrDefault(other => other > step, WizardStep.Review);

    /// <summary>The step before this one; the first one has none before it and answers itself.</summary>
    public static WizardStep Previous(ElementDefinition? element, WizardStep step, bool reauthenticates = false)
    {
        var steps = StepsFor(element, reauthenticates);
        return steps.LastOrDefault(other => other < step, steps[0]);
    }
}
