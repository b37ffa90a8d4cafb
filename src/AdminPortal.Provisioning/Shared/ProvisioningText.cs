namespace AdminPortal.Provisioning.Shared;

/// <summary>Names the resource file with the sentences that services answer with.</summary>
public sealed class ProvisioningText;
