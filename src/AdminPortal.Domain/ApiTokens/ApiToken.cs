namespace AdminPortal.Domain.ApiTokens;

/// <summary>A person's token for scripts; the value itself is not kept, only its hash.</summary>
public sealed class ApiToken
{
    public const int MaxNameLength = 60;
    public const int MaxFromLength = 64;

    public required Guid Id { get; init; }

    public required Guid PersonId { get; init; }

    public required string Name { get; init; }

    /// <summary>Names of <see cref="ApiScope"/>.</summary>
    public required List<string> Scopes { get; init; }

    /// <summary>SHA-256 of the whole value, prefix included.</summary>
    public required byte[] Hash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it was last used, to the minute; null for never.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>The address that it was last used from.</summary>
    public string? LastUsedFrom { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }
}
