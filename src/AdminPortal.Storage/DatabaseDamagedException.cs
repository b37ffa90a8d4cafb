namespace AdminPortal.Storage;

/// <summary>A page of the database is damaged.</summary>
/// <param name="table">The table that it belongs to.</param>
/// <param name="found">What SQLite says.</param>
public sealed class DatabaseDamagedException(string table, string found) : Exception($"The table {table} of the database is damaged: {found}");
