namespace AdminPortal.Provisioning.Users;

/// <summary>How a user proves the identity before the sign-in methods are changed. A new password asks for the present one, too.</summary>
public enum ChangeProofKind
{
    /// <summary>By the password: there is no second factor.</summary>
    Password,

    /// <summary>By a code of the authenticator app, or a recovery code.</summary>
    Code,

    /// <summary>By a passkey, which the user has to use now.</summary>
    Passkey,

    /// <summary>A passkey was used a moment ago in this session: nothing more is asked.</summary>
    Done,
}
