namespace AdminPortal.Provisioning.Users;

/// <summary>With what somebody signed in. Their words are resources named <c>SignInFactor.{name}</c>.</summary>
public enum SignInFactor
{
    Password,
    PasswordAndCode,
    PasswordAndRecoveryCode,
    Passkey,

    /// <summary>A link that the console command made.</summary>
    ConsoleLink,
}
