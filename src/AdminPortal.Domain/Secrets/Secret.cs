namespace AdminPortal.Domain.Secrets;

/// <summary>A sealed value with what is needed to open it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Owner">The id of the row that it belongs to.</param>
/// <param name="Value">The ciphertext.</param>
public sealed record Secret(SecretKind Kind, Guid Owner, Sealed Value);
