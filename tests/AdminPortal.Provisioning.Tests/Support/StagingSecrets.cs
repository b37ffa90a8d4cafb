using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Secrets;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>Seals and opens for the account that most tests have: <see cref="TestPortal.AddAccountAsync"/>.</summary>
internal static class StagingSecrets
{
    public const string BaseUrl = "https://staging.cloud-elements.com";

    public static SecretOrigin Origin { get; } = SecretOrigin.Of(BaseUrl);

    /// <summary>Where values of a kind are sent.</summary>
    public static SecretOrigin DestinationOf(SecretKind kind) => kind.IsSent() ? Origin : SecretOrigin.Nowhere;

    public static Sealed Seal(this ISecretBox box, SecretKind kind, Guid row, string value) => box.Seal(kind, row, DestinationOf(kind), value);

    public static string Open(this ISecretBox box, Secret secret) => box.Open(secret, DestinationOf(secret.Kind));

    /// <summary>The copy of the app's client secret for the account, opened.</summary>
    public static string OpenClientSecret(this ISecretBox box, ProviderApp app) =>
        box.Open(app.CredentialsFor(Origin).ShouldNotBeNull().ClientSecret, Origin);
}
