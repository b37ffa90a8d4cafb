namespace AdminPortal.Features.Attempts;

/// <summary>Names the resource file with the texts of the wizard and of the attempt's page.</summary>
public sealed class ConnectText;
