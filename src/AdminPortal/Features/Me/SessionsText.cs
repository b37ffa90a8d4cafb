namespace AdminPortal.Features.Me;

/// <summary>Names the resource file with the texts of a person's sessions.</summary>
public sealed class SessionsText;
