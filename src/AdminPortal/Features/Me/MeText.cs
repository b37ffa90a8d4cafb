namespace AdminPortal.Features.Me;

/// <summary>Names the resource file with the texts of a person's own pages.</summary>
public sealed class MeText;
