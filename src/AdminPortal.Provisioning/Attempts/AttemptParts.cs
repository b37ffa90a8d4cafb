using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Secrets;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>A draft and the rows that it refers to, as far as they are there.</summary>
internal sealed record AttemptParts(ProvisioningAttempt Attempt, PlatformAccount? Account, ProviderApp? App, ElementInstance? Target)
{
    /// <summary>Whether the app's client secret may be sent to the account's origin.</summary>
    public bool IsAppAllowed => Credentials is not null;

    /// <summary>What is sent of the app to the account; null where it is not allowed for the account's origin.</summary>
    public ProviderAppCredentials? Credentials => SecretOrigin.Find(Account?.BaseUrl) is { } origin ? App?.CredentialsFor(origin) : null;
}
