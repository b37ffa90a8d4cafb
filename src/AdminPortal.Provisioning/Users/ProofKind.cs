namespace AdminPortal.Provisioning.Users;

/// <summary>How a signed-in user re-authenticates.</summary>
public enum ProofKind
{
    /// <summary>The password.</summary>
    Password,

    /// <summary>A code of the person's authenticator.</summary>
    Code,

    /// <summary>By signing in again: the user has neither a password nor an authenticator app here.</summary>
    SignIn,

    /// <summary>With a passkey: the user has one and no authenticator app, and the password alone does not replace it.</summary>
    Passkey,
}
