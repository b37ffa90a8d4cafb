using Microsoft.Playwright;

namespace AdminPortal.EndToEnd.Tests.Infrastructure;

/// <summary>A sandbox, an authority, a portal with an administrator and the sandbox's account, and a Chromium.</summary>
public sealed class Stage : IAsyncLifetime
{
    public const string Email = "ada@example.com";
    public const string Password = "correct horse battery";

    // A limit for what never comes, not for what comes late: other tests run beside these on the same machine.
    private const float Patience = 60_000;

    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;
    private readonly List<IBrowserContext> _open = [];
    private string _signedIn = null!;
    private string? _openedBy;

    /// <summary>Settings of the portal beside the usual ones.</summary>
    public IReadOnlyDictionary<string, string>? Settings { get; init; }

    internal Sandbox Sandbox { get; private set; } = null!;

    /// <summary>By which people can sign in as well.</summary>
    public TestAuthority Authority { get; } = TestAuthority.Start();

    internal Portal Portal { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Sandbox = await Sandbox.StartAsync();
        var settings = Authority.Settings().ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);
        foreach (var (key, value) in Settings ?? new Dictionary<string, string>()) settings[key] = value;
        Portal = await Portal.StartAsync(Sandbox, settings);
        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium.Find(),
            Args = Chromium.Arguments,
        });

        await using var context = await _browser.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(await Portal.SetupLinkAsync());
        await page.GetByLabel("Email").FillAsync(Email);
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create administrator" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).WaitForAsync();
        _signedIn = await context.StorageStateAsync();
    }

    /// <summary>A fresh browser, signed in unless told otherwise.</summary>
    public async Task<IBrowserContext> NewBrowserAsync(bool signedIn = true, int width = 1280, int height = 900)
    {
        await CloseThoseOfEarlierTestsAsync();
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = Portal.Address.AbsoluteUri,
            ColorScheme = ColorScheme.Light,
            StorageState = signedIn ? _signedIn : null,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            Permissions = ["clipboard-read", "clipboard-write"],
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(Patience);
        _open.Add(context);
        return context;
    }

    /// <summary>A page in a fresh browser.</summary>
    public async Task<IPage> NewPageAsync(bool signedIn = true) => await (await NewBrowserAsync(signedIn)).NewPageAsync();

    // A page that is left open is a circuit that goes on asking: a hundred of them slow down whatever comes after.
    private async Task CloseThoseOfEarlierTestsAsync()
    {
        var test = TestContext.Current.Test?.UniqueID;
        if (test == _openedBy) return;
        _openedBy = test;
        foreach (var context in _open) await context.DisposeAsync();
        _open.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (Portal is not null) await Portal.DisposeAsync();
        if (Sandbox is not null) await Sandbox.DisposeAsync();
        await Authority.DisposeAsync();
    }
}
