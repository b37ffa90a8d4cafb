using System.Net;
using AdminPortal.Chaos.Driving;

namespace AdminPortal.EndToEnd.Tests.Infrastructure;

/// <summary>The published portal and the sandbox, with an account, an app and a browser that is signed in; driven over HTTP.</summary>
public sealed class RehearsalStage : IAsyncLifetime
{
    private int _walks;

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
    }

    /// <summary>A walk of its own, after the faults and the journal of the one before are forgotten.</summary>
    public async Task<Walk> NewWalkAsync(string element = "infusionsoftrest", IReadOnlyDictionary<string, string>? values = null)
    {
        await Sandbox.ClearFaultsAsync();
        await Sandbox.ClearJournalAsync();
        var plan = new WalkPlan { Name = $"Rehearsal {Interlocked.Increment(ref _walks)}", Account = Account, App = App, Element = element, Values = values };
        return new Walk(Portal, Sandbox, Browser, plan);
    }

    /// <summary>A page of the portal as the browser is sent it, its entities decoded.</summary>
    public async Task<string> ReadAsync(string path)
    {
        using var page = await Browser.GetAsync(Portal.Main, path);
        return WebUtility.HtmlDecode(await page.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        Browser?.Dispose();
        if (Portal is not null) await Portal.DisposeAsync();
        if (Sandbox is not null) await Sandbox.DisposeAsync();
    }
}
