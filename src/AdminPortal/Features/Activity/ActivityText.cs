namespace AdminPortal.Features.Activity;

/// <summary>Names the resource file with the texts of the activity record and of jobs.</summary>
public sealed class ActivityText;
