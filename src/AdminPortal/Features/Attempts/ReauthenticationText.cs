namespace AdminPortal.Features.Attempts;

/// <summary>Names the resource file with the texts of authorizing an instance anew.</summary>
public sealed class ReauthenticationText;
