using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Providers;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>A draft and the rows that it refers to, as far as they are there.</summary>
internal sealed record AttemptParts(ProvisioningAttempt Attempt, PlatformAccount? Account, ProviderApp? App, ElementInstance? Target);
