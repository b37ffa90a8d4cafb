namespace AdminPortal.Hosting;

/// <summary>Names the resource file with the texts of what is refused before a page is reached.</summary>
public sealed class HostingText;
