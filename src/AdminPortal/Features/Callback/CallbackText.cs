namespace AdminPortal.Features.Callback;

/// <summary>Names the resource file with the texts of the landing pages.</summary>
public sealed class CallbackText;
