namespace AdminPortal.Features.Attempts;

/// <summary>Names the resource file with the texts of the list of attempts.</summary>
public sealed class AttemptListText;
