namespace AdminPortal.Provisioning.Users;

/// <summary>What an authenticator app has to be given: both are secrets.</summary>
/// <param name="Key">The key in base 32, to be typed.</param>
/// <param name="Address">The <c>otpauth</c> address, to be scanned.</param>
public sealed record AuthenticatorSetup(string Key, string Address)
{
    /// <summary>Never prints the key.</summary>
    public override string ToString() => nameof(AuthenticatorSetup);
}
