namespace AdminPortal.Features.SingleSignOn;

/// <summary>Names the resource file with the texts of single sign-on.</summary>
public sealed class SingleSignOnText;
