namespace AdminPortal.Features.Lapses;

/// <summary>Names the resource file with the texts of token times, the calendar of lapses and its feed.</summary>
public sealed class LapsesText;
