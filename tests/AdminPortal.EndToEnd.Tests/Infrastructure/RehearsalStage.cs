using AdminPortal.Chaos.Driving;
using Microsoft.Playwright;

namespace AdminPortal.EndToEnd.Tests.Infrastructure;

/// <summary>The published portal and the sandbox, with an account, an app and a browser that is signed in; driven over HTTP.</summary>
public sealed class RehearsalStage : IAsyncLifetime
{
    private int _walks;
    private IPlaywright _playwright = null!;
    private IBrowser _chromium = null!;
    private IPage _page = null!;

    public SandboxUnderTest Sandbox { get; private set; } = null!;

    public PortalUnderTest Portal { get; private set; } = null!;

    public Browser Browser { get; private set; } = null!;

    public Guid Account { get; private set; }

    public Guid App { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Sandbox = await SandboxUnderTest.StartAsync();
        Portal = await PortalUnderTest.StartAsync();
        Browser = new Browser();
        await Browser.SetUpAsync(Portal.Main);
        Account = await Portal.Main.AccountAsync(Sandbox);
        App = await Portal.Main.AppAsync();

        _playwright = await Playwright.CreateAsync();
        _chromium = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium.Find(), Args = Chromium.Arguments });
        var context = await _chromium.NewContextAsync(new BrowserNewContextOptions { BaseURL = Portal.PublicAddress.AbsoluteUri });
        await context.AddCookiesAsync(Browser.Cookies.Select(cookie => new Cookie { Name = cookie.Key, Value = cookie.Value, Url = Portal.PublicAddress.AbsoluteUri }));
        _page = await context.NewPageAsync();
    }

    /// <summary>A walk of its own, after the faults and the journal of the one before are forgotten.</summary>
    public async Task<Walk> NewWalkAsync(string element = "infusionsoftrest", IReadOnlyDictionary<string, string>? values = null, Guid? account = null, Guid? target = null)
    {
        await Sandbox.ClearFaultsAsync();
        await Sandbox.ClearJournalAsync();
        await Portal.Main.GiveUpAfterAsync(null);
        var plan = new WalkPlan
        {
            Name = $"Rehearsal {Interlocked.Increment(ref _walks)}", Account = account ?? Account, App = App, Element = element, Values = values, Target = target,
        };
        return new Walk(Portal, Sandbox, Browser, plan);
    }

    /// <summary>Leaves for the provider in a real browser, signs in and allows.</summary>
    /// <param name="heading">The heading of the page that this ends on.</param>
    /// <returns>The page's path and query.</returns>
    public async Task<string> AllowInTheBrowserAsync(Guid attempt, string heading)
    {
        await _page.GotoAsync($"/connect/{attempt}/go");
        await _page.GetByLabel("User name").FillAsync("ada");
        await _page.GetByLabel("Password").FillAsync("any");
        await _page.GetByRole(AriaRole.Button, new() { Name = "Sign In" }).ClickAsync();
        await _page.GetByRole(AriaRole.Button, new() { Name = "Allow" }).ClickAsync();
        await _page.GetByRole(AriaRole.Heading, new() { Name = heading, Exact = true, Level = 1 }).WaitForAsync();
        return new Uri(_page.Url).PathAndQuery;
    }

    /// <summary>What a person reads on a page of the portal, once it has its heading.</summary>
    public async Task<string> ReadAsync(string path)
    {
        await _page.GotoAsync(path);
        await _page.Locator("main h1").First.WaitForAsync();
        return await _page.Locator("main").InnerTextAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null) await _chromium.DisposeAsync();
        _playwright?.Dispose();
        Browser?.Dispose();
        if (Portal is not null) await Portal.DisposeAsync();
        if (Sandbox is not null) await Sandbox.DisposeAsync();
    }
}
