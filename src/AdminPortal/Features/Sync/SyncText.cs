namespace AdminPortal.Features.Sync;

/// <summary>Names the resource file with the texts of syncs and differences.</summary>
public sealed class SyncText;
