namespace AdminPortal.Domain.Secrets;

/// <summary>What a sealed value is; a value sealed as one kind does not open as another.</summary>
public enum SecretKind
{
    OrganizationSecret,
    UserSecret,
    ClientSecret,
    ConfigurationValue,

    /// <summary>
    /// The address of the provider's sign-in page. It goes to the browser only, never to the platform, and its host is checked
    /// against the account's sign-in hosts before it is sealed. It is bound to kind and row.
    /// </summary>
    OAuthUrl,
    OAuthCode,
    InstanceToken,

    /// <summary>The key of the chain over the activity record.</summary>
    ActivityKey,

    /// <summary>The key that a person's authenticator app has.</summary>
    AuthenticatorKey,
}

/// <summary>What is fixed for each kind.</summary>
internal static class SecretKinds
{
    /// <summary>The kind's name in the sealing purpose. Stored: renaming the enum's members must not change it.</summary>
    public static string StoredName(this SecretKind kind) => kind switch
    {
        SecretKind.OrganizationSecret => "OrganizationSecret",
        SecretKind.UserSecret => "UserSecret",
        SecretKind.ClientSecret => "ClientSecret",
        SecretKind.ConfigurationValue => "ConfigurationValue",
        SecretKind.OAuthUrl => "OAuthUrl",
        SecretKind.OAuthCode => "OAuthCode",
        SecretKind.InstanceToken => "InstanceToken",
        SecretKind.ActivityKey => "ActivityKey",
        SecretKind.AuthenticatorKey => "AuthenticatorKey",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "The table of secrets does not name this kind."),
    };

    /// <summary>Whether values of the kind are sent to a platform, and so are bound to its origin.</summary>
    public static bool IsSent(this SecretKind kind) => kind is SecretKind.OrganizationSecret or SecretKind.UserSecret or SecretKind.ClientSecret
        or SecretKind.ConfigurationValue or SecretKind.OAuthCode or SecretKind.InstanceToken;
}
