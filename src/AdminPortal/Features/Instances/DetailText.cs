namespace AdminPortal.Features.Instances;

/// <summary>Names the resource file with the texts that an instance's pages have beyond the list's.</summary>
public sealed class DetailText;
