namespace AdminPortal.Domain.Attempts;

/// <summary>The wizard's steps, in order. The names are stored.</summary>
public enum WizardStep
{
    Element,
    Provider,
    Account,
    Options,
    Review,
}
