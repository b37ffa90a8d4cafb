namespace AdminPortal.Features.Api;

/// <summary>Names the resource file with the texts of the API and of its reference.</summary>
public sealed class ApiText;
