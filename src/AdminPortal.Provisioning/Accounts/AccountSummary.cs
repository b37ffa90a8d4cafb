using AdminPortal.Domain.Accounts;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Accounts;

/// <summary>A platform account as screens see it: without its secrets.</summary>
public sealed record AccountSummary(Guid Id, string Name, string BaseUrl, IReadOnlyList<string> SignInHosts, int? CheckEveryMinutes, DateTimeOffset CreatedAt)
{
    internal static AccountSummary Of(PlatformAccount account) =>
        new(account.Id, account.Name, account.BaseUrl, account.SignInHosts, account.CheckEveryMinutes, account.CreatedAt) { IsUnreadable = account.IsUnreadable() };

    /// <summary>Whether a part of what is stored cannot be read.</summary>
    public bool IsUnreadable { get; init; }
}

/// <summary>A well-known address of the platform.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="BaseUrl">The address; <c>{region}</c> stands for a part that the person fills in.</param>
/// <remarks>Source: platform contract, section 6.</remarks>
public sealed record HostPreset(string Name, string BaseUrl)
{
    public static IReadOnlyList<HostPreset> All { get; } =
    [
        new("Cloud Elements, production", "https://api.cloud-elements.com"),
        new("Cloud Elements, staging", "https://staging.cloud-elements.com"),
        new("SAP Open Connectors, production", "https://api.openconnectors.{region}.ext.hana.ondemand.com"),
        new("SAP Open Connectors, trial", "https://api.openconnectors.trial.{region}.ext.hana.ondemand.com"),
    ];

    /// <summary>SAP regions that were seen in use; there may be others.</summary>
    public static IReadOnlyList<string> SeenRegions { get; } = ["eu10", "us10", "us2", "ap21"];
}
