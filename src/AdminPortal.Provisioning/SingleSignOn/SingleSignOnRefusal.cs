namespace AdminPortal.Provisioning.SingleSignOn;

/// <summary>Why somebody was not let in by single sign-on. Their sentences are resources named <c>SingleSignOn.{name}</c>.</summary>
public enum SingleSignOnRefusal
{
    /// <summary>Not the answer to a sign-in of this browser, or too late, or for the second time.</summary>
    UnknownState,

    /// <summary>The authority could not be reached in time.</summary>
    Unreachable,

    /// <summary>What it says about itself cannot be used.</summary>
    Misconfigured,

    /// <summary>The authority answered with an error instead of a code.</summary>
    Denied,

    /// <summary>The answer names another issuer, or none where the authority promises to.</summary>
    OtherIssuer,

    NoCode,

    /// <summary>The authority did not take the code.</summary>
    CodeRefused,

    /// <summary>What it gave for the code is no token.</summary>
    NoToken,

    TokenSignature,

    TokenIssuer,

    TokenAudience,

    TokenExpired,

    TokenNonce,

    /// <summary>Anything else that is wrong with the token.</summary>
    TokenInvalid,

    /// <summary>A fresh sign-in was asked for, and the token does not prove one.</summary>
    NotFresh,

    /// <summary>Somebody else came back than the one who is signed in.</summary>
    OtherPerson,

    NoEmail,

    EmailNotVerified,

    NoRole,

    /// <summary>The token leaves out the user's groups, because there are too many.</summary>
    GroupsLeftOut,

    Disabled,

    /// <summary>The email address is that of somebody who came another way.</summary>
    EmailTaken,

    /// <summary>The portal would be without an administrator.</summary>
    LastAdministrator,

    /// <summary>This identity belongs to somebody else already.</summary>
    AlreadyConnected,
}
