namespace AdminPortal.Features.Reveals;

/// <summary>Names the resource file with the texts of revealing tokens.</summary>
public sealed class RevealsText;
