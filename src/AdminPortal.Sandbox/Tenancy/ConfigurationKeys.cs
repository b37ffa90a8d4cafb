namespace AdminPortal.Sandbox.Tenancy;

internal static class ConfigurationKeys
{
    public const string ApiKey = "oauth.api.key";
    public const string ApiSecret = "oauth.api.secret";
    public const string CallbackUrl = "oauth.callback.url";
    public const string Scope = "oauth.scope";
    public const string AuthorizationUrl = "oauth.authorization.url";
    public const string TokenUrl = "oauth.token.url";
    public const string UserToken = "oauth.user.token";
    public const string RefreshToken = "oauth.user.refresh_token";
    public const string RefreshInterval = "oauth.user.refresh_interval";
    public const string RefreshTime = "oauth.user.refresh_time";
    public const string Server = "infusionsoft.server";
    public const string PrivateKey = "infusionsoft.private.key";
    public const string BaseUrl = "base.url";
    public const string EventsEnabled = "event.notification.enabled";
    public const string EventVendorType = "event.vendor.type";
    public const string EventsCallbackUrl = "event.notification.callback.url";
    public const string PollerMinutes = "event.poller.refresh_interval";
    public const string PollerConfiguration = "event.poller.configuration";
    public const string SignatureKey = "event.notification.signature.key";
    public const string BasicPassword = "event.notification.basic.password";

    /// <summary>What the platform shows instead of a secret value, and what it ignores when it is sent back.</summary>
    public const string Masked = "********";

    /// <summary>Keys whose values the API never gives back in clear.</summary>
    public static bool IsMaskedInAnswers(string key) => key is ApiKey or ApiSecret or PrivateKey or BasicPassword;

    /// <summary>
    /// Keys whose values the sandbox forgets as soon as it has seen that they are there. It never calls the provider, so it needs
    /// the client id alone (to check a code against), and what is not kept cannot leak from the state file.
    /// </summary>
    public static bool IsForgotten(string key) => key is ApiSecret or PrivateKey or BasicPassword;
}
