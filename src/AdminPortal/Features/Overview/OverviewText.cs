namespace AdminPortal.Features.Overview;

/// <summary>Names the resource file with the texts of the overview.</summary>
public sealed class OverviewText;
