namespace AdminPortal.Sandbox.Tenancy;

/// <summary>What a code was issued for. The code itself is not kept, only its hash.</summary>
/// <param name="Hash">SHA-256 of the code, lower-case hexadecimal.</param>
/// <param name="AccountHost">Host name of the Infusionsoft account that was chosen.</param>
internal sealed record IssuedCode(string Hash, string ClientId, string RedirectUri, string AccountHost, DateTimeOffset IssuedAt)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>The state that the consent was asked for with.</summary>
    public string? State { get; init; }
}
