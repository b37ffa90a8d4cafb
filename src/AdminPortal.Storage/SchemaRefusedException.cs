namespace AdminPortal.Storage;

/// <summary>This program must not open the database. The message says why and what to do.</summary>
public sealed class SchemaRefusedException(string message) : Exception(message);
