namespace AdminPortal.Features.Help;

/// <summary>A part of a help page, for its table of contents.</summary>
/// <param name="Id">The id of its heading.</param>
/// <param name="Title">The heading.</param>
internal sealed record HelpSection(string Id, string Title);
