namespace AdminPortal.EndToEnd.Tests.Infrastructure;

/// <summary>Finds the browser. Without one the tests fail: a skipped browser test proves nothing.</summary>
internal static class Chromium
{
    // The build without a window first: it asks half as much of the processors.
    private static readonly string[] Usual =
        ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];

    /// <summary>What it is started with: nothing that looks for the internet.</summary>
    public static string[] Arguments => ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    public static string Find() =>
        Environment.GetEnvironmentVariable("ADMINPORTAL_CHROMIUM") is { Length: > 0 } named
            ? named
            : Usual.FirstOrDefault(File.Exists)
                ?? throw new InvalidOperationException("No Chromium was found. Install it, or name its executable in ADMINPORTAL_CHROMIUM. tests/run.sh installs it on Debian and Ubuntu.");
}
