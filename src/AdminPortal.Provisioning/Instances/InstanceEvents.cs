using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;

namespace AdminPortal.Provisioning.Instances;

/// <summary>An instance's polling events as the platform has them.</summary>
/// <param name="Support">What the element can poll.</param>
/// <param name="Settings">What is set.</param>
/// <param name="HasSignatureKey">Whether notifications are signed; the key itself is never shown.</param>
public sealed record InstanceEvents(EventSupport Support, EventSettings Settings, bool HasSignatureKey);
