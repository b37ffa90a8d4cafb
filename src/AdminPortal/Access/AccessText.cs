namespace AdminPortal.Access;

/// <summary>Names the resource file with the texts of what every session needs.</summary>
public sealed class AccessText;
