namespace AdminPortal.Features.Me;

/// <summary>Names the resource file with the texts of API tokens.</summary>
public sealed class TokensText;
