namespace AdminPortal.Features.Profile;

/// <summary>Names the resource file with the texts of API tokens.</summary>
public sealed class TokensText;
