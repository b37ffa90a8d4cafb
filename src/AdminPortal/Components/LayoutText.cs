namespace AdminPortal.Components;

/// <summary>Names the resource file with the texts of the frame around all pages.</summary>
public sealed class LayoutText;
