namespace AdminPortal.Features.Profile;

/// <summary>Names the resource file with the texts of a person's own pages.</summary>
public sealed class MeText;
