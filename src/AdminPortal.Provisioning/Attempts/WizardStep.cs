namespace AdminPortal.Provisioning.Attempts;

/// <summary>The wizard's steps, in order. The names are stored.</summary>
public enum WizardStep
{
    Element,
    Provider,
    Account,
    Options,
    Review,
}
