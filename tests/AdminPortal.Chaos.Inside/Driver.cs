using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Chaos.Inside;

/// <summary>What the driver asks of the portal from inside: the same services that the pages' buttons call, and the clock.</summary>
internal static class Driver
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    public static async Task AnswerAsync(HttpContext context, string path)
    {
        var services = context.RequestServices;
        var query = context.Request.Query;
        object? answer = (context.Request.Method, path.Split('/', StringSplitOptions.RemoveEmptyEntries)) switch
        {
            ("POST", ["account"]) => await AccountAsync(services, await ReadAsync<AccountInput>(context)),
            ("POST", ["app"]) => await AppAsync(services, await ReadAsync<ProviderAppInput>(context)),
            ("POST", ["draft"]) => await DraftAsync(services, await ReadAsync<DraftInput>(context)),
            ("GET", ["attempts"]) => await ListAsync(services, query["name"]),
            ("GET", ["attempts", var id]) => await AttemptAsync(services, Guid.Parse(id)),
            ("POST", ["attempts", var id, "authorize"]) => Lines((await services.GetRequiredService<ConsentService>().AuthorizeAsync(Guid.Parse(id), PreflightContext.Unattended, Actor.Portal, context.RequestAborted)).Lines),
            ("POST", ["attempts", var id, "check"]) => Lines(await services.GetRequiredService<ConsentService>().CheckAsync(Guid.Parse(id), PreflightContext.Unattended, null, Actor.Portal, context.RequestAborted)),
            ("POST", ["attempts", var id, "decide"]) =>
                new { counted = (await services.GetRequiredService<ConsentService>().DecideAsync(Guid.Parse(id), query["accept"] == "true", Actor.Portal, context.RequestAborted)).Value },
            ("POST", ["instances", var id, "reauthenticate"]) =>
                new { id = (await services.GetRequiredService<ReauthenticationService>().StartAsync(Guid.Parse(id), Actor.Portal, context.RequestAborted)).Value },
            ("GET", ["instances", var id, "token"]) => await TokenAsync(services, Guid.Parse(id)),
            ("POST", ["arm"]) => Arm(int.Parse(query["at"].ToString(), CultureInfo.InvariantCulture)),
            ("POST", ["stop"]) => ArmStop(int.Parse(query["at"].ToString(), CultureInfo.InvariantCulture)),
            ("POST", ["disarm"]) => Disarm(),
            ("GET", ["points"]) => Points.Reached(),
            ("POST", ["clock"]) => Clock(services, double.Parse(query["seconds"].ToString(), CultureInfo.InvariantCulture)),
            ("POST", ["limit"]) => Limit(double.Parse(query["seconds"].ToString(), CultureInfo.InvariantCulture)),
            ("GET", ["process"]) => Memory(query["collect"] == "1"),
            _ => null,
        };
        if (answer is null) context.Response.StatusCode = StatusCodes.Status404NotFound;
        else await context.Response.WriteAsJsonAsync(answer, Json);
    }

    private static async Task<T> ReadAsync<T>(HttpContext context) =>
        await context.Request.ReadFromJsonAsync<T>(Json) ?? throw new InvalidOperationException("The driver sent nothing.");

    private static object Arm(int killAt)
    {
        Points.Arm(killAt);
        return new { armed = killAt };
    }

    private static object ArmStop(int stopAt)
    {
        Points.Arm(0, stopAt);
        return new { stopsAt = stopAt };
    }

    private static object Disarm()
    {
        Points.Disarm();
        return new { armed = 0 };
    }

    private static object Clock(IServiceProvider services, double seconds)
    {
        var time = services.GetRequiredService<ShiftedTime>();
        time.Advance(TimeSpan.FromSeconds(seconds));
        return new { offsetSeconds = time.Offset.TotalSeconds, utcNow = time.GetUtcNow() };
    }

    private static object Limit(double seconds)
    {
        AnswerLimit.Value = TimeSpan.FromSeconds(seconds);
        return new { seconds };
    }

    private static object Memory(bool collect)
    {
        if (collect)
        {
            for (var turn = 0; turn < 3; turn++)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                GC.WaitForPendingFinalizers();
            }
        }

        using var process = Process.GetCurrentProcess();
        return new
        {
            heapBytes = GC.GetTotalMemory(forceFullCollection: false),
            residentBytes = process.WorkingSet64,
            threads = process.Threads.Count,
            handles = Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : process.HandleCount,
        };
    }

    // One that is named by its id is pointed at another address.
    private static async Task<object> AccountAsync(IServiceProvider services, AccountInput input)
    {
        if (input.Id is { } moved)
        {
            await MovedAccount.PointAsync(services, moved, input.BaseUrl);
            return new { id = moved };
        }

        var accounts = services.GetRequiredService<AccountService>();
        var known = (await accounts.ListAsync(CancellationToken.None)).FirstOrDefault(account => account.Name == input.Name);
        return new { id = known?.Id ?? (await accounts.SaveAsync(input, Actor.Portal, CancellationToken.None)).Value };
    }

    private static async Task<object> AppAsync(IServiceProvider services, ProviderAppInput input)
    {
        var apps = services.GetRequiredService<ProviderAppService>();
        var known = (await apps.ListAsync(CancellationToken.None)).FirstOrDefault(app => app.Name == input.Name);
        return new { id = known?.Id ?? (await apps.SaveAsync(input, Actor.Portal, CancellationToken.None)).Value };
    }

    // Goes on with what is there under the name, as a person does who finds the draft on the overview.
    private static async Task<object> DraftAsync(IServiceProvider services, DraftInput input)
    {
        var drafts = services.GetRequiredService<DraftService>();
        await using var db = await services.GetRequiredService<IDbContextFactory<PortalDb>>().CreateDbContextAsync();
        var open = await db.Attempts.AsNoTracking()
            .Where(attempt => (attempt.Name == input.Name || attempt.Name == "") && attempt.State == AttemptState.Draft && attempt.ElementKey == input.ElementKey)
            .OrderByDescending(attempt => attempt.Name).Select(attempt => (Guid?)attempt.Id).FirstOrDefaultAsync();
        var id = open ?? (await drafts.StartAsync(new ElementChoice { ElementKey = input.ElementKey, PlatformAccountId = input.AccountId }, Actor.Portal, CancellationToken.None)).Value;
        // The app is there before most of the accounts are. Two drafts at once may allow it at the same moment.
        while ((await services.GetRequiredService<ProviderAppService>().AllowAsync(input.AppId, input.AccountId, Actor.Portal, CancellationToken.None)) is { Succeeded: false } refused)
        {
            if (refused.Problems[0].Kind != ProblemKind.Stale) throw new InvalidOperationException(refused.Problems[0].Message);
        }

        _ = (await drafts.SaveProviderAsync(id, new ProviderChoice { ProviderAppId = input.AppId }, Actor.Portal, CancellationToken.None)).Value;
        if (input.Values.Count > 0)
            _ = (await drafts.SaveAccountAsync(id, new AccountDetails { Values = input.Values }, Actor.Portal, CancellationToken.None)).Value;
        _ = (await drafts.SaveOptionsAsync(id, new InstanceOptions { Name = input.Name, Tags = input.Tags }, Actor.Portal, CancellationToken.None)).Value;
        return new { id };
    }

    private static async Task<object> ListAsync(IServiceProvider services, string? name)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<PortalDb>>().CreateDbContextAsync();
        return await db.Attempts.AsNoTracking().Where(attempt => name == null || attempt.Name == name)
            .OrderBy(attempt => attempt.CreatedAt).Select(attempt => new { id = attempt.Id, state = attempt.State }).ToListAsync();
    }

    private static async Task<object?> AttemptAsync(IServiceProvider services, Guid id)
    {
        if (await services.GetRequiredService<AttemptService>().FindAsync(id, CancellationToken.None) is not { } view) return null;
        await using var db = await services.GetRequiredService<IDbContextFactory<PortalDb>>().CreateDbContextAsync();
        var row = await db.Attempts.AsNoTracking().SingleAsync(attempt => attempt.Id == id);
        return new
        {
            view.Id,
            view.State,
            view.IsOver,
            view.Name,
            view.PortalTag,
            view.Tries,
            view.Searches,
            view.SentAt,
            view.NextAt,
            row.LeaseUntil,
            hasCode = row.Code is not null,
            view.VerifiedAt,
            reason = view.Ending?.Reason,
            view.Ending?.Status,
            view.Ending?.Message,
            view.InstanceId,
            view.PlatformInstanceId,
            orphans = view.Orphans.Count,
            now = services.GetRequiredService<TimeProvider>().GetUtcNow(),
            history = view.History.Select(entry => new { entry.At, entry.Event, entry.State, entry.Detail }),
        };
    }

    private static async Task<object?> TokenAsync(IServiceProvider services, Guid id)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<PortalDb>>().CreateDbContextAsync();
        if (await db.Instances.AsNoTracking().SingleOrDefaultAsync(instance => instance.Id == id) is not { } instance) return null;
        var baseUrl = await db.Accounts.Where(account => account.Id == instance.PlatformAccountId).Select(account => account.BaseUrl).SingleAsync();
        var token = services.GetRequiredService<ISecretBox>().Open(new Secret(SecretKind.InstanceToken, id, instance.Token), SecretOrigin.Of(baseUrl));
        return new { sha256 = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token))), instance.PlatformId };
    }

    private static object Lines(IReadOnlyList<CheckLine> lines) =>
        new { passed = lines.All(line => line.Level != CheckLevel.Failed), failed = lines.Where(line => line.Level == CheckLevel.Failed).Select(line => line.Detail) };

    private sealed record DraftInput(string Name, string ElementKey, Guid AccountId, Guid AppId)
    {
        public Dictionary<string, string> Values { get; init; } = [];

        public List<string> Tags { get; init; } = [];
    }
}
