namespace AdminPortal.Provisioning.Secrets;

/// <summary>What a sealed value is; a value sealed as one kind does not open as another.</summary>
public enum SecretKind
{
    OrganizationSecret,
    UserSecret,
    ClientSecret,
    ConfigurationValue,
    OAuthUrl,
    OAuthCode,
    InstanceToken,

    /// <summary>The key of the chain over the activity record.</summary>
    ActivityKey,

    /// <summary>The key that a person's authenticator app has.</summary>
    AuthenticatorKey,
}
