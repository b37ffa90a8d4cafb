namespace AdminPortal.Domain.Settings;

/// <summary>Signing in with a password of the portal's own: the configuration section <c>Portal:LocalSignIn</c>.</summary>
public sealed class LocalSignInOptions
{
    /// <summary>Whether passwords are taken. They can be switched off only where there is single sign-on.</summary>
    public bool Enabled { get; set; } = true;
}
