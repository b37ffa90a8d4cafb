namespace AdminPortal.Domain.Activity;

/// <summary>One field that was changed.</summary>
/// <param name="Field">Its name; the words for it are resources named <c>Field.{name}</c>, and without one it is shown as it is.</param>
/// <param name="Before">What stood there; null for nothing, and for a secret.</param>
/// <param name="After">What stands there now; null for nothing, and for a secret.</param>
/// <param name="IsSecret">Whether it is a secret: of such a one it is said that it changed, and nothing else.</param>
public sealed record FieldChange(string Field, string? Before, string? After, bool IsSecret = false);
