namespace AdminPortal.Domain.Secrets;

/// <summary>A secret at rest: ciphertext that only <see cref="ISecretBox"/> opens. It prints as stars.</summary>
/// <param name="Ciphertext">The protected value, as text.</param>
public sealed record Sealed(string Ciphertext)
{
    /// <inheritdoc />
    public override string ToString() => "***";
}
