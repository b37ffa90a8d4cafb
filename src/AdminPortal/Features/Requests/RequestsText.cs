namespace AdminPortal.Features.Requests;

/// <summary>Names the resource file with the texts of the page that makes requests.</summary>
public sealed class RequestsText;
