using AdminPortal.Provisioning.Platform;

namespace AdminPortal.Provisioning.Instances;

internal static class InstanceStates
{
    /// <summary>What the platform's answer says of an instance's health.</summary>
    public static InstanceState From(PlatformInstance instance) => instance switch
    {
        { IsDisabled: true } => InstanceState.Disabled,
        { IsValid: false } => InstanceState.NeedsAttention,
        _ => InstanceState.Active,
    };
}
