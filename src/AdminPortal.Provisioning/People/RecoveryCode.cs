namespace AdminPortal.Provisioning.People;

/// <summary>A code that stands in for the authenticator app, once: the row goes with its use.</summary>
public sealed class RecoveryCode
{
    public required Guid PersonId { get; init; }

    /// <summary>SHA-256 of the code, in the form that <see cref="RecoveryCodes.Read"/> gives it; 32 bytes.</summary>
    public required byte[] Hash { get; init; }
}
