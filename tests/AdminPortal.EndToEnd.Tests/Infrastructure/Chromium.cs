using Microsoft.Playwright;

namespace AdminPortal.EndToEnd.Tests.Infrastructure;

/// <summary>The one Chromium in which every stage has browsers of its own. Without one the tests fail: a skipped browser test proves nothing.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static IPlaywright? _playwright;
    private static IBrowser? _browser;

    private static readonly string[] Usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];

    /// <summary>What it is started with: nothing that looks for the internet.</summary>
    private static readonly string[] Arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    /// <summary>It is there for as long as tests run.</summary>
    internal static IBrowser Browser => _browser ?? throw new InvalidOperationException("Chromium is not started: the assembly's fixture does that.");

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Find(), Args = Arguments });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    private static string Find() =>
        Environment.GetEnvironmentVariable("ADMINPORTAL_CHROMIUM") is { Length: > 0 } named
            ? named
            : Usual.FirstOrDefault(File.Exists)
                ?? throw new InvalidOperationException("No Chromium was found. Install it, or name its executable in ADMINPORTAL_CHROMIUM. tests/run.sh installs it on Debian and Ubuntu.");
}
