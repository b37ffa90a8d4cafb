namespace AdminPortal.Features.Help;

/// <summary>Names the resource file with the texts around the help pages.</summary>
public sealed class HelpText;
