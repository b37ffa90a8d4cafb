namespace AdminPortal.Provisioning.Maintenance;

/// <summary>How good or bad a <see cref="Finding"/> is.</summary>
public enum FindingLevel
{
    Ok,

    /// <summary>It works, and somebody should look at it.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Problem,
}

/// <summary>What one check of <see cref="Doctor"/> came to.</summary>
/// <param name="Level">How good or bad it is.</param>
/// <param name="Topic">What was looked at, in a word or two.</param>
/// <param name="Text">What was found, as a sentence.</param>
/// <param name="Remedy">What to do; null where there is nothing to be done.</param>
public sealed record Finding(FindingLevel Level, string Topic, string Text, string? Remedy = null)
{
    private const int NamedRows = 5;

    internal static Finding Ok(string topic, string text) => new(FindingLevel.Ok, topic, text);

    internal static Finding Warning(string topic, string text, string remedy) => new(FindingLevel.Warning, topic, text, remedy);

    internal static Finding Bad(string topic, string text, string remedy) => new(FindingLevel.Problem, topic, text, remedy);

    /// <summary>Names the first of some rows, and counts the others.</summary>
    internal static string Name(List<string> rows) => string.Join(", ", rows.Take(NamedRows)) + (rows.Count > NamedRows ? $" and {rows.Count - NamedRows} more" : "");
}
