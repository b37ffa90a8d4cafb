namespace AdminPortal.Ui;

/// <summary>Names the resource file with the texts of the shared components.</summary>
public sealed class UiText;
