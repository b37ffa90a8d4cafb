namespace AdminPortal.Features.Jobs;

/// <summary>Names the resource file with the texts of what is done to many instances at once.</summary>
public sealed class BulkText;
