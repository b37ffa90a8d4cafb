namespace AdminPortal.Features.Providers;

/// <summary>Names the resource file with the texts of the API provider setup.</summary>
public sealed class ProviderSetupText;
