using AdminPortal.Domain.Attempts;

namespace AdminPortal.Features.Attempts;

/// <summary>The addresses of the wizard's steps.</summary>
internal static class WizardAddress
{
    /// <summary>The last part of a step's address.</summary>
    public static string Slug(WizardStep step) => step switch
    {
        WizardStep.Element => "element",
        WizardStep.Provider => "provider",
        WizardStep.Account => "account",
        WizardStep.Options => "options",
        _ => "review",
    };

    /// <summary>A step's address.</summary>
    public static string Of(Guid attempt, WizardStep step) => $"/connect/{attempt}/{Slug(step)}";

    /// <summary>The step with this slug, or null.</summary>
    public static WizardStep? Find(string? slug) =>
        Enum.GetValues<WizardStep>().Where(step => Slug(step) == slug).Select(step => (WizardStep?)step).FirstOrDefault();
}
