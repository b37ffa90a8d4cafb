namespace AdminPortal.Features.Jobs;

/// <summary>Names the resource file with the texts of jobs and their pages.</summary>
public sealed class JobsText;
