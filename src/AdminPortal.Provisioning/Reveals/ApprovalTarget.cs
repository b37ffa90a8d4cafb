using AdminPortal.Domain.Access;
using AdminPortal.Domain.Reveals;
using AdminPortal.Domain.Secrets;

namespace AdminPortal.Provisioning.Reveals;

/// <summary>Exactly what one person asks another to approve: an approval is good for nothing else.</summary>
/// <param name="Kind">What is to be done.</param>
/// <param name="Id">The platform account or provider app; null for a new account.</param>
/// <param name="Text">
/// The origin, and on further lines the sign-in hosts; for a move also the provider apps, by id. It is stored and compared.
/// </param>
internal sealed record ApprovalTarget(ApprovalKind Kind, Guid? Id, string Text)
{
    /// <summary>A new account, or another base URL or other sign-in hosts of one that exists.</summary>
    public static ApprovalTarget Host(Guid? account, SecretOrigin origin, IEnumerable<string> signInHosts) => new(ApprovalKind.PlatformHost, account, Lines(origin, signInHosts));

    // Stored. A host name holds no blank.
    private const string AppPrefix = "app ";

    /// <summary>An account that moves with its instances, and with the provider apps that it uses.</summary>
    public static ApprovalTarget Move(Guid account, SecretOrigin origin, IEnumerable<string> signInHosts, IEnumerable<Guid> apps) => new(
        ApprovalKind.PlatformMove, account,
        string.Join('\n', apps.Select(app => $"{AppPrefix}{app:D}").Order(StringComparer.Ordinal).Prepend(Lines(origin, signInHosts))));

    /// <summary>A further origin of a provider app.</summary>
    public static ApprovalTarget App(Guid app, SecretOrigin origin) => new(ApprovalKind.ProviderAppOrigin, app, origin.Text);

    /// <summary>The origin and the sign-in hosts in a stored text.</summary>
    public static IReadOnlyList<string> HostsIn(string text) =>
        [.. text.Split('\n').Where(line => line.Length > 0 && !line.StartsWith(AppPrefix, StringComparison.Ordinal))];

    /// <summary>The provider apps in a stored text.</summary>
    public static IReadOnlyList<Guid> AppsIn(string text) =>
        [.. text.Split('\n').Where(line => line.StartsWith(AppPrefix, StringComparison.Ordinal))
            .Select(line => Guid.Parse(line[AppPrefix.Length..]))];

    /// <summary>The operation that requester and approver must be permitted to do.</summary>
    public static Operation OperationOf(ApprovalKind kind) => kind switch
    {
        ApprovalKind.TokenReveal => Operation.RevealTokens,
        ApprovalKind.PlatformHost or ApprovalKind.PlatformMove => Operation.ManageAccounts,
        ApprovalKind.ProviderAppOrigin => Operation.ManageProviderApps,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "The table of approvals does not name this kind."),
    };

    private static string Lines(SecretOrigin origin, IEnumerable<string> signInHosts) => string.Join('\n', signInHosts.Order(StringComparer.Ordinal).Prepend(origin.Text));
}
