using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AdminPortal.Chaos.Driving;

namespace AdminPortal.Chaos.Trouble;

/// <summary>
/// People come back from the provider while the portal has no more of something: each callback is kept, or refused with a page
/// that says why and how to go on. When there is enough again the refused ones are loaded anew, and every consent ends in one
/// instance or in a reason. Where the runtime itself gives up for want of it, the portal is started again, as a service manager does.
/// </summary>
public sealed class ScarceRun(IScarcity scarcity, int consents, TextWriter log)
{
    private readonly List<string> _violations = [];
    private readonly List<Walk> _unkept = [];
    private bool _died;

    /// <summary>Runs it once.</summary>
    public async Task<ScarceResult> RunAsync()
    {
        await using var sandbox = await SandboxUnderTest.StartAsync();
        await using var portal = await scarcity.StartAsync();
        using var browser = new Browser();
        await browser.SetUpAsync(portal.Main);
        var account = await portal.Main.AccountAsync(sandbox);
        var app = await portal.Main.AppAsync();
        // The runtime never looks again for an assembly that it could not open: what a callback needs is loaded before.
        _ = await new Walk(portal, sandbox, browser, new WalkPlan { Name = "Plenty", Account = account, App = app }).RunAsync();
        List<Walk> walks = [];
        for (var number = 1; number <= consents; number++)
        {
            var walk = new Walk(portal, sandbox, browser, new WalkPlan { Name = string.Create(CultureInfo.InvariantCulture, $"Scarce {number}"), Account = account, App = app });
            await walk.LeaveAsync();
            walks.Add(walk);
        }

        await scarcity.BeginAsync(portal);
        await log.WriteLineAsync($"{scarcity.Name}: begun");
        foreach (var walk in walks) await DeliverAsync(portal, browser, walk);
        await scarcity.EndAsync();
        if (portal.Main.HasExited)
        {
            _died = true;
            await portal.RestartAsync(Walk.PastTheLease);
        }

        foreach (var walk in _unkept) _ = await walk.ReturnAsync();
        var active = 0;
        foreach (var walk in walks)
        {
            var report = await walk.WaitForTheEndAsync();
            if (report.State == "Active") active++;
            if (await Promises.CheckAsync(portal, sandbox, report) is { } broken) _violations.Add(broken);
        }

        // Whoever comes now, on a connection of their own, meets a portal that works.
        using var newcomer = new HttpClient { BaseAddress = portal.Main.Address };
        if (await newcomer.GetStringAsync("/health") is var health and not "Healthy") _violations.Add($"Afterwards /health says {health}.");
        if (await portal.IntegrityAsync() is var integrity and not "ok") _violations.Add(integrity);
        return new ScarceResult(scarcity.Name, walks.Count - _unkept.Count, _unkept.Count, active, _died, _violations);
    }

    private async Task DeliverAsync(PortalUnderTest portal, Browser browser, Walk walk)
    {
        try
        {
            using var answer = await browser.GetAsync(portal.Main, walk.Callback!);
            if (answer.StatusCode == HttpStatusCode.SeeOther) return;
            _unkept.Add(walk);
            var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || !page.Contains(scarcity.Sentence, StringComparison.Ordinal) || !page.Contains("reload it to try again", StringComparison.Ordinal))
                _violations.Add($"A callback was answered with {(int)answer.StatusCode} and a page that does not say \"{scarcity.Sentence}\".");
        }
        catch (Exception gone) when (gone is HttpRequestException or SocketException)
        {
            // Cut off, or not let in: the person loads the tab anew, like after a page that says why.
            _unkept.Add(walk);
        }
    }
}

/// <summary>What a portal can run out of.</summary>
public interface IScarcity
{
    string Name { get; }

    /// <summary>What the page of a refused callback says.</summary>
    string Sentence { get; }

    /// <summary>Starts a portal that can be made to run out of it.</summary>
    Task<PortalUnderTest> StartAsync();

    /// <summary>From here on nothing is left.</summary>
    Task BeginAsync(PortalUnderTest portal);

    /// <summary>There is enough again.</summary>
    Task EndAsync();
}

/// <summary>What came of it.</summary>
/// <param name="Name">What was scarce.</param>
/// <param name="Kept">Callbacks that were kept at once.</param>
/// <param name="Unkept">Those that were refused with a reason, or cut off, and loaded anew.</param>
/// <param name="Active">Consents that have ended in an instance.</param>
/// <param name="Died">Whether the process ended.</param>
/// <param name="Violations">Every broken promise.</param>
public sealed record ScarceResult(string Name, int Kept, int Unkept, int Active, bool Died, IReadOnlyList<string> Violations)
{
    public override string ToString() =>
        $"{Name}: {Kept} callbacks kept, {Unkept} loaded anew, {Active} instances{(Died ? "; the process died and was started again" : "")}; {Violations.Count} broken promises";
}
