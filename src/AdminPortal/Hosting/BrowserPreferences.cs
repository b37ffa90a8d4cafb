namespace AdminPortal.Hosting;

/// <summary>What a browser has told about itself in cookies that hold no secret and that scripts may set.</summary>
/// <param name="Theme">"light" or "dark" where the person has chosen; null follows the system.</param>
/// <param name="TimeZoneId">The IANA name of the browser's time zone.</param>
public sealed record BrowserPreferences(string? Theme, string? TimeZoneId)
{
    private const string Always = "all";
    private const string Never = "not all";
    private const int MaxTimeZoneLength = 64;

    /// <summary>When the light style sheets apply.</summary>
    public string LightMedia => Theme switch { "light" => Always, "dark" => Never, _ => "not all and (prefers-color-scheme: dark)" };

    /// <summary>When the dark style sheets apply.</summary>
    public string DarkMedia => Theme switch { "dark" => Always, "light" => Never, _ => "(prefers-color-scheme: dark)" };

    /// <summary>Reads the cookies; anything unknown is taken as not said.</summary>
    public static BrowserPreferences Read(HttpRequest request)
    {
        // As portal.js names them. The prefix keeps other hosts of the domain from setting them.
        var prefix = request.IsHttps ? "__Host-" : "";
        var theme = request.Cookies[prefix + "theme"];
        var zone = request.Cookies[prefix + "time-zone"];
        return new BrowserPreferences(
            theme is "light" or "dark" ? theme : null,
            zone is { Length: > 0 and <= MaxTimeZoneLength } ? zone : null);
    }
}
