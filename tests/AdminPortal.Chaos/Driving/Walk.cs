using System.Net.Sockets;

namespace AdminPortal.Chaos.Driving;

/// <summary>What a walk does.</summary>
public sealed record WalkPlan
{
    /// <summary>The instance's name; also how an attempt is found again that was cut off before its id was known.</summary>
    public required string Name { get; init; }

    public required Guid Account { get; init; }

    public required Guid App { get; init; }

    public string Element { get; init; } = "infusionsoftrest";

    public IReadOnlyDictionary<string, string>? Values { get; init; }

    /// <summary>The instance that is authorized anew; null for a new one.</summary>
    public Guid? Target { get; init; }

    /// <summary>Whether the person allows at the provider.</summary>
    public bool Allows { get; init; } = true;

    /// <summary>The account chosen at the provider.</summary>
    public string Tenant { get; init; } = "dt123.infusionsoft.com";
}

/// <summary>
/// One attempt from the draft to its end, as a person with a browser walks it. Where the portal goes away underneath, the
/// person waits until it is there again and loads the same page once more.
/// </summary>
public sealed class Walk(PortalUnderTest portal, SandboxUnderTest sandbox, Browser browser, WalkPlan plan)
{
    /// <summary>Longer than one request may take, so that the lease of a dead process is over.</summary>
    public static readonly TimeSpan PastTheLease = TimeSpan.FromSeconds(61);

    private const int MaxReloads = 8;

    // The portal alone may need a lease's time: for a request whose answer it could not write down.
    private static readonly TimeSpan Patience = PastTheLease + TimeSpan.FromSeconds(60);

    private DateTime _lastTrouble;

    /// <summary>Which process the browser is led to; the main one unless told otherwise.</summary>
    public Func<PortalProcess> Entry { get; init; } = () => portal.Main;

    /// <summary>What happens when that process is gone; without it the walk ends there.</summary>
    public Func<Task>? WhenGone { get; init; }

    /// <summary>The attempt, once it is known.</summary>
    public Guid AttemptId { get; private set; }

    /// <summary>The callback's path and query, once the provider has sent the browser back.</summary>
    public string? Callback { get; private set; }

    /// <summary>Walks all of it.</summary>
    /// <returns>How the attempt ended.</returns>
    public async Task<AttemptReport> RunAsync()
    {
        await LeaveAsync();
        await ReturnAsync();
        return await WaitForTheEndAsync();
    }

    /// <summary>Fills in the draft, or goes on with it.</summary>
    public async Task<Guid> DraftAsync() => AttemptId = await StepAsync(() =>
        plan.Target is { } target ? Entry().ReauthenticateAsync(target) : Entry().DraftAsync(plan.Name, plan.Account, plan.App, plan.Element, plan.Values));

    /// <summary>Up to the provider and its answer: <see cref="Callback"/> is known afterwards, and was not delivered.</summary>
    public async Task LeaveAsync()
    {
        await DraftAsync();
        var problems = await StepAsync(() => Entry().AuthorizeAsync(AttemptId));
        if (problems.Count > 0) throw new InvalidOperationException("The pre-flight stopped: " + string.Join(' ', problems));
        await ConsentAsync();
    }

    /// <summary>From the portal to the provider, once more if need be, and its answer.</summary>
    public async Task ConsentAsync()
    {
        var provider = await StepAsync(() => GoAsync($"/connect/{AttemptId}/go"));
        if (!provider.IsAbsoluteUri || provider.Port != sandbox.Address.Port) throw new InvalidOperationException($"The way out led to {provider.OriginalString}.");
        Callback = (await sandbox.ConsentAsync(provider, plan.Allows, plan.Tenant)).PathAndQuery;
    }

    /// <summary>Delivers the callback.</summary>
    /// <returns>Where it leads.</returns>
    public async Task<Uri> ReturnAsync()
    {
        var to = await StepAsync(() => GoAsync(Callback!));
        return to.OriginalString.StartsWith($"/connect/{AttemptId}", StringComparison.Ordinal)
            ? to
            : throw new InvalidOperationException($"The callback led to {to.OriginalString}.");
    }

    /// <summary>Looks at the attempt until nothing more happens to it, and moves the clock over every wait.</summary>
    public async Task<AttemptReport> WaitForTheEndAsync()
    {
        _lastTrouble = DateTime.UtcNow;
        while (true)
        {
            var report = await StepAsync(() => Entry().AttemptAsync(AttemptId));
            if (report.IsOver && (report.State != "Active" || report.VerifiedAt is not null)) return report;
            if (DateTime.UtcNow - _lastTrouble > Patience) throw new TimeoutException($"The attempt is stuck: {report.State}, {report.Reason}, next at {report.NextAt:O}, now {report.Now:O}.");

            // The lease of a process that is no more is over already: whoever starts the next one moves the clock.
            var wait = report.State switch
            {
                "CodeReceived" or "Ambiguous" or "Active" when report.NextAt > report.Now => report.NextAt.Value - report.Now + TimeSpan.FromMilliseconds(20),
                "AwaitingDecision" => await DecideAsync(),
                _ => TimeSpan.Zero,
            };
            if (wait > TimeSpan.Zero)
            {
                await StepAsync(async () =>
                {
                    await portal.AdvanceAsync(wait, Entry());
                    return true;
                });
            }

            await Task.Delay(25);
        }
    }

    private async Task<TimeSpan> DecideAsync()
    {
        await StepAsync(async () =>
        {
            await Entry().DecideAsync(AttemptId, accept: true);
            return true;
        });
        return TimeSpan.Zero;
    }

    private async Task<Uri> GoAsync(string path)
    {
        using var answer = await browser.GetAsync(Entry(), path);
        return (int)answer.StatusCode is 302 or 303
            ? answer.Headers.Location!
            : throw new InvalidOperationException($"{path.Split('?')[0]} answered {(int)answer.StatusCode}.");
    }

    private async Task<T> StepAsync<T>(Func<Task<T>> step)
    {
        for (var reload = 1; ; reload++)
        {
            try
            {
                return await step();
            }
            catch (Exception gone) when (gone is HttpRequestException or IOException or SocketException or OperationCanceledException && WhenGone is not null && reload <= MaxReloads)
            {
                // A cut connection is first of all the process's end; without that it is a failure of the portal. One that is
                // cut in the moment in which it comes about is told by the socket itself.
                for (var look = 0; look < 100 && !Entry().HasExited; look++) await Task.Delay(10);
                if (!Entry().HasExited) throw;
                await WhenGone();
                _lastTrouble = DateTime.UtcNow;
            }
        }
    }
}
