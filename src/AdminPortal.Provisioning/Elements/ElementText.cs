namespace AdminPortal.Provisioning.Elements;

/// <summary>Names the resource file with the texts of elements, their fields and their checks.</summary>
public sealed class ElementText;
