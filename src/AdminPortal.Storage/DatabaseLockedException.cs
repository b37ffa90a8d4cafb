namespace AdminPortal.Storage;

/// <summary>Another process upgrades the database, and the time to wait for it is over.</summary>
public sealed class DatabaseLockedException(string message) : Exception(message);
