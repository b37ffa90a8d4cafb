namespace AdminPortal.Features.Keys;

/// <summary>Names the resource file with the texts of the page about keys.</summary>
public sealed class KeysText;
