namespace AdminPortal.Provisioning.Shared;

/// <summary>How an export is written.</summary>
public enum ExportFormat
{
    /// <summary>Comma-separated values (RFC 4180), UTF-8, with a line of headers.</summary>
    Csv,

    /// <summary>One array of objects, UTF-8.</summary>
    Json,
}

/// <summary>An export's file.</summary>
/// <param name="Name">Its name, with the day in it.</param>
/// <param name="ContentType">Its media type.</param>
public sealed record ExportFile(string Name, string ContentType);
