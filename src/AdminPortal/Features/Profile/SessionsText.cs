namespace AdminPortal.Features.Profile;

/// <summary>Names the resource file with the texts of a person's sessions.</summary>
public sealed class SessionsText;
