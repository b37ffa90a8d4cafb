namespace AdminPortal.Provisioning.People;

/// <summary>With what a person who is signed in can prove again who they are.</summary>
public enum ProofKind
{
    /// <summary>The password.</summary>
    Password,

    /// <summary>A code of the person's authenticator.</summary>
    Code,

    /// <summary>Neither of them is known here: by signing in anew.</summary>
    SignIn,
}
