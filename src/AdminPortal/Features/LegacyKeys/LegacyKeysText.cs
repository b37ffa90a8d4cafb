namespace AdminPortal.Features.LegacyKeys;

/// <summary>Names the resource file with the texts of the radar for legacy keys and of the move.</summary>
public sealed class LegacyKeysText;
