namespace AdminPortal.Provisioning.Users;

/// <summary>How the user of a new session has proved the identity.</summary>
public enum SessionProof
{
    /// <summary>By the password alone. It does not re-authenticate a user who has a passkey.</summary>
    PasswordAlone,

    /// <summary>With a passkey.</summary>
    Passkey,

    /// <summary>With a password and a second factor, by single sign-on, or with a link that a command created.</summary>
    Full,
}
