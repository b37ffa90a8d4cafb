namespace AdminPortal.Provisioning.Users;

/// <summary>Whether a person can sign in.</summary>
public enum PersonState
{
    /// <summary>Has not set a password yet.</summary>
    Invited,

    Active,

    Disabled,
}
