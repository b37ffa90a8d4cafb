namespace AdminPortal.Domain.Users;

/// <summary>A code that stands in for the authenticator app, once: the row goes with its use.</summary>
public sealed class RecoveryCode
{
    public required Guid PersonId { get; init; }

    /// <summary>SHA-256 of the code, in the form that <c>RecoveryCodes.Read</c> gives it; 32 bytes.</summary>
    public required byte[] Hash { get; init; }
}
