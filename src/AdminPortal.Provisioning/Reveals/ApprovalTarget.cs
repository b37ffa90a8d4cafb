using AdminPortal.Provisioning.People;
using AdminPortal.Provisioning.Secrets;

namespace AdminPortal.Provisioning.Reveals;

/// <summary>Exactly what one person asks another to approve: an approval is good for nothing else.</summary>
/// <param name="Kind">What is to be done.</param>
/// <param name="Id">The platform account or provider app; null for a new account.</param>
/// <param name="Text">The origin, and on further lines the sign-in hosts. It is stored, compared and shown.</param>
internal sealed record ApprovalTarget(ApprovalKind Kind, Guid? Id, string Text)
{
    /// <summary>A new account, or another base URL or other sign-in hosts of one that exists.</summary>
    public static ApprovalTarget Host(Guid? account, SecretOrigin origin, IEnumerable<string> signInHosts) => new(ApprovalKind.PlatformHost, account, Lines(origin, signInHosts));

    /// <summary>An account that moves with its instances.</summary>
    public static ApprovalTarget Move(Guid account, SecretOrigin origin, IEnumerable<string> signInHosts) => new(ApprovalKind.PlatformMove, account, Lines(origin, signInHosts));

    /// <summary>A further origin of a provider app.</summary>
    public static ApprovalTarget App(Guid app, SecretOrigin origin) => new(ApprovalKind.ProviderAppOrigin, app, origin.Text);

    /// <summary>What somebody has to be allowed to who asks for this or approves it.</summary>
    public static Operation OperationOf(ApprovalKind kind) => kind switch
    {
        ApprovalKind.TokenReveal => Operation.RevealTokens,
        ApprovalKind.PlatformHost or ApprovalKind.PlatformMove => Operation.ManageAccounts,
        ApprovalKind.ProviderAppOrigin => Operation.ManageProviderApps,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "The table of approvals does not name this kind."),
    };

    private static string Lines(SecretOrigin origin, IEnumerable<string> signInHosts) => string.Join('\n', signInHosts.Order(StringComparer.Ordinal).Prepend(origin.Text));
}
