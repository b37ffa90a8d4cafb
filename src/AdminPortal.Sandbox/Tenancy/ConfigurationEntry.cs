namespace AdminPortal.Sandbox.Tenancy;

/// <summary>One configuration value of one instance. Every value is text, as the platform returns it.</summary>
internal sealed record ConfigurationEntry(long Id, string Key, string? Value);
