namespace AdminPortal.Provisioning.Users;

/// <summary>A link with which a person sets a password, once.</summary>
/// <param name="Email">Whom it is for.</param>
/// <param name="Url">The whole link: a secret.</param>
/// <param name="ExpiresAt">Until when it is good.</param>
public sealed record OneTimeLink(string Email, string Url, DateTimeOffset ExpiresAt)
{
    /// <summary>Never prints the link.</summary>
    public override string ToString() => nameof(OneTimeLink);
}
