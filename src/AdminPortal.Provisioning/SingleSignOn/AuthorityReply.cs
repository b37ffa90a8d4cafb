namespace AdminPortal.Provisioning.SingleSignOn;

/// <summary>What came back in the address when the authority sent a person here; each at most once and not too long, otherwise null.</summary>
public sealed record AuthorityReply(string? State, string? Code, string? Error, string? ErrorDescription, string? Issuer)
{
    /// <summary>Never prints any of it.</summary>
    public override string ToString() => nameof(AuthorityReply);
}
