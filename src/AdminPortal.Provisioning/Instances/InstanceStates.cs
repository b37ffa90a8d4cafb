using AdminPortal.Domain.Instances;
using AdminPortal.Platform;

namespace AdminPortal.Provisioning.Instances;

/// <summary>What the states mean to the list and to the checks.</summary>
public static class InstanceStates
{
    /// <summary>The states in which an instance needs a person.</summary>
    public static IReadOnlyList<InstanceState> NeedAttention { get; } = [InstanceState.NeedsAttention, InstanceState.MissingOnPlatform];

    /// <summary>What the platform's answer says of an instance's health.</summary>
    internal static InstanceState From(PlatformInstance instance) => instance switch
    {
        { IsDisabled: true } => InstanceState.Disabled,
        { IsValid: false } => InstanceState.NeedsAttention,
        _ => InstanceState.Active,
    };
}
