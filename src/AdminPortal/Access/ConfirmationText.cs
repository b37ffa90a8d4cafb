namespace AdminPortal.Access;

/// <summary>Names the resource file with the texts of confirming who somebody is.</summary>
public sealed class ConfirmationText;
