namespace AdminPortal.Domain.ApiTokens;

/// <summary>
/// What a call that may be sent twice was answered with, by the key that its sender chose. It is written in the
/// transaction that does what was asked: either both are there, or neither.
/// </summary>
public sealed class ApiReceipt
{
    public const int MaxKeyLength = 100;
    public const int MaxBodyLength = 200_000;

    public required Guid Id { get; init; }

    public required Guid TokenId { get; init; }

    /// <summary>The sender's key; unique for the token.</summary>
    public required string Key { get; init; }

    /// <summary>A keyed hash of the request's body; 32 bytes.</summary>
    public required byte[] BodyHash { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The attempt that was made.</summary>
    public required Guid AttemptId { get; init; }

    /// <summary>The answer's HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>The answer's body; never a secret.</summary>
    public required string Body { get; init; }
}
