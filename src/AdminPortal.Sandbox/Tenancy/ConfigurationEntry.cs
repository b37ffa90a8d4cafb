namespace AdminPortal.Sandbox.Tenancy;

/// <summary>
/// One configuration value of one instance. Every value is text, as the platform returns it. A value type: a large tenant has millions.
/// </summary>
internal readonly record struct ConfigurationEntry(long Id, string Key, string? Value);
