namespace AdminPortal.Storage;

/// <summary>Names the resource file with what is said when the database's file is in trouble.</summary>
public sealed class StorageText;
