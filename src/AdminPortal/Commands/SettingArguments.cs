namespace AdminPortal.Commands;

/// <summary>Separates settings of the portal from the other words of a command line.</summary>
internal static class SettingArguments
{
    // Settings of the host, whose keys have no section.
    private static readonly string[] HostSettings = ["--urls", "--environment"];

    /// <summary>
    /// Splits a command line. A setting is <c>--Section:Key=value</c> or <c>--Section:Key value</c>, and likewise <c>--urls</c> and
    /// <c>--environment</c>. They are unknown to the parser, which would take them for values of the command's arguments.
    /// </summary>
    /// <returns>The settings, as the configuration reads them, and the other words in their order.</returns>
    public static (string[] Settings, string[] Words) Split(IReadOnlyList<string> arguments)
    {
        List<string> settings = [];
        List<string> words = [];
        for (var i = 0; i < arguments.Count; i++)
        {
            var parts = arguments[i].Split('=', 2);
            if (!IsSetting(parts[0]))
            {
                words.Add(arguments[i]);
                continue;
            }

            settings.Add(arguments[i]);
            if (parts.Length == 1 && i + 1 < arguments.Count) settings.Add(arguments[++i]);
        }

        return ([.. settings], [.. words]);
    }

    private static bool IsSetting(string key) =>
        key.StartsWith("--", StringComparison.Ordinal)
        && (key.Contains(':', StringComparison.Ordinal) || HostSettings.Contains(key, StringComparer.OrdinalIgnoreCase));
}
