namespace AdminPortal.Domain.Keys;

/// <summary>
/// A known value, sealed when the portal was first started: if it does not open at a later start, the stored secrets do
/// not open either.
/// </summary>
public sealed class KeyRingCanary
{
    /// <summary>There is one.</summary>
    public const int OnlyId = 1;

    public int Id { get; init; } = OnlyId;

    public required string Value { get; init; }

    public required DateTimeOffset WrittenAt { get; init; }
}
