using System.Text.Json;
using System.Text.Json.Nodes;
using AdminPortal.Domain;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;

namespace AdminPortal.TestSupport;

/// <summary>A platform with configurable answers. It records the requests.</summary>
public sealed class FakePlatform : IElementsPlatform
{
    private readonly Lock _gate = new();
    private long _nextId = 1000;

    public List<OAuthUrlRequest> UrlRequests { get; } = [];

    public List<NewInstance> Created { get; } = [];

    public List<(string? Tag, string? Page)> Listed { get; } = [];

    public List<(long Id, InstanceChange Change)> Updated { get; } = [];

    public List<(long Id, bool Enabled)> Switched { get; } = [];

    public List<long> Deleted { get; } = [];

    public List<PlatformAccount> AskedWith { get; } = [];

    public Func<OAuthUrlRequest, PlatformOutcome<string>> OnOAuthUrl { get; set; } = request => new PlatformOutcome<string>.Success(GoodUrl(request), "url-1");

    public Func<NewInstance, Task<PlatformOutcome<PlatformInstance>>> OnCreate { get; set; }

    public Func<string?, string?, PlatformOutcome<PlatformInstancePage>> OnList { get; set; } =
        (_, _) => new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage([], null), "list-1");

    public Func<long, InstanceChange, PlatformOutcome<PlatformInstance>> OnUpdate { get; set; } =
        (id, change) => new PlatformOutcome<PlatformInstance>.Success(Instance(id, change.Name, change.Tags), "update-1");

    public Func<PlatformOutcome<Done>> OnSetEnabled { get; set; } = () => new PlatformOutcome<Done>.Success(default, null);

    /// <summary>Instead of <see cref="OnSetEnabled"/>, where the answer is to wait for something.</summary>
    public Func<Task<PlatformOutcome<Done>>>? OnSwitch { get; set; }

    /// <summary>Called before and after each call that reads or changes one instance: the call waits for what it returns.</summary>
    public Func<string, long, bool, Task>? OnReached { get; set; }

    public Func<PlatformOutcome<Done>> OnDelete { get; set; } = () => new PlatformOutcome<Done>.Success(default, null);

    public Func<PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>> OnConfiguration { get; set; } =
        () => new PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>.Success([], null);

    public Func<PlatformOutcome<PlatformElement>> OnElement { get; set; } = () => new PlatformOutcome<PlatformElement>.Success(new PlatformElement(true, false), "element-1");

    /// <summary>Tokens, still sealed, of the instances that were pinged.</summary>
    public List<Secret> Pinged { get; } = [];

    public List<(long Id, Reauthentication Sent)> Reauthenticated { get; } = [];

    public List<(long Id, string Json)> Configured { get; } = [];

    public List<(long Id, long EntryId, string Value)> Set { get; } = [];

    public List<(long Id, int? Minutes)> Traced { get; } = [];

    public List<InstanceRequest> Sent { get; } = [];

    public Func<long, PlatformOutcome<PlatformInstance>> OnGet { get; set; } = id => new PlatformOutcome<PlatformInstance>.Success(Instance(id), "get-1");

    public Func<long, Reauthentication, Task<PlatformOutcome<PlatformInstance>>> OnReauthenticate { get; set; } =
        (id, sent) => Task.FromResult<PlatformOutcome<PlatformInstance>>(new PlatformOutcome<PlatformInstance>.Success(Instance(id, sent.Name, token: "new-element-token"), "put-1"));

    public Func<long, PlatformOutcome<PlatformInstance>> OnConfigure { get; set; } = id => new PlatformOutcome<PlatformInstance>.Success(Instance(id), "configure-1");

    public Func<PlatformOutcome<long>> OnCount { get; set; } = () => Refuse<long>(404, "Not there");

    public Func<PlatformOutcome<PlatformPong>> OnPing { get; set; } = () => new PlatformOutcome<PlatformPong>.Success(new PlatformPong(null), "ping-1");

    public Func<long, PlatformOutcome<IReadOnlyList<InstanceConfigurationEntry>>> OnGetConfiguration { get; set; } =
        _ => new PlatformOutcome<IReadOnlyList<InstanceConfigurationEntry>>.Success([], "configuration-1");

    public Func<long, long, string, PlatformOutcome<InstanceConfigurationEntry>> OnSetConfiguration { get; set; } =
        (_, entryId, value) => new PlatformOutcome<InstanceConfigurationEntry>.Success(
            new InstanceConfigurationEntry(entryId, "key", "Name", value, "TEXTFIELD_1000", false, false, null), "set-1");

    public Func<PlatformOutcome<Done>> OnTrace { get; set; } = () => new PlatformOutcome<Done>.Success(default, null);

    public Func<PlatformOutcome<JsonElement>> OnDocs { get; set; } = () => Refuse<JsonElement>(404, "Not there");

    public Func<InstanceRequest, PlatformOutcome<InstanceResponse>> OnSend { get; set; } =
        _ => new PlatformOutcome<InstanceResponse>.Success(new InstanceResponse(200, [], "[]", false, TimeSpan.FromMilliseconds(5), "send-1"), "send-1");

    public FakePlatform() => OnCreate = created => Task.FromResult<PlatformOutcome<PlatformInstance>>(
        new PlatformOutcome<PlatformInstance>.Success(Instance(Interlocked.Increment(ref _nextId), created.Name, created.Tags), "create-1"));

    public static string GoodUrl(OAuthUrlRequest request) =>
        "https://accounts.infusionsoft.com/app/oauth/authorize?scope=full&response_type=code"
        + $"&client_id={Uri.EscapeDataString(request.ProviderApp.ClientId)}"
        + $"&redirect_uri={Uri.EscapeDataString(request.CallbackUrl)}&state={request.State}";

    public static PlatformInstance Instance(long id, string? name = "Made", IReadOnlyList<string>? tags = null, string? token = "element-token") =>
        new(id, name, token, "infusionsoftrest", tags, true, false, null, new Dictionary<string, string?>());

    public static PlatformOutcome<T> Refuse<T>(int status, string message = "No.", TimeSpan? retryAfter = null) =>
        new PlatformOutcome<T>.Refused(status, message, null, "refused-1", retryAfter);

    private async Task<T> ReachAsync<T>(string call, long id, Func<Task<T>> answer)
    {
        if (OnReached is null) return await answer();
        await OnReached(call, id, false);
        var told = await answer();
        await OnReached(call, id, true);
        return told;
    }

    public Task<PlatformOutcome<string>> GetOAuthUrlAsync(PlatformAccount account, OAuthUrlRequest request, CancellationToken cancellationToken)
    {
        lock (_gate) UrlRequests.Add(request);
        return Task.FromResult(OnOAuthUrl(request));
    }

    public async Task<PlatformOutcome<PlatformInstance>> CreateAsync(PlatformAccount account, NewInstance instance, CancellationToken cancellationToken)
    {
        lock (_gate) Created.Add(instance);
        // As a network would: the answer never comes on the caller's stack.
        await Task.Yield();
        return await OnCreate(instance);
    }

    public Task<PlatformOutcome<PlatformInstance>> GetAsync(PlatformAccount account, long id, CancellationToken cancellationToken) =>
        ReachAsync("get", id, () => Task.FromResult(OnGet(id)));

    public async Task<PlatformOutcome<PlatformInstance>> ReauthenticateAsync(
        PlatformAccount account, long id, Reauthentication reauthentication, CancellationToken cancellationToken)
    {
        lock (_gate) Reauthenticated.Add((id, reauthentication));
        await Task.Yield();
        return await OnReauthenticate(id, reauthentication);
    }

    public Task<PlatformOutcome<PlatformInstance>> ConfigureAsync(PlatformAccount account, long id, JsonObject configuration, CancellationToken cancellationToken)
    {
        lock (_gate) Configured.Add((id, configuration.ToJsonString()));
        return Task.FromResult(OnConfigure(id));
    }

    public Task<PlatformOutcome<long>> CountAsync(PlatformAccount account, CancellationToken cancellationToken) => Task.FromResult(OnCount());

    public Task<PlatformOutcome<PlatformPong>> PingAsync(PlatformAccount account, Secret token, CancellationToken cancellationToken)
    {
        lock (_gate) Pinged.Add(token);
        return Task.FromResult(OnPing());
    }

    public Task<PlatformOutcome<IReadOnlyList<InstanceConfigurationEntry>>> GetConfigurationAsync(
        PlatformAccount account, long id, CancellationToken cancellationToken) => Task.FromResult(OnGetConfiguration(id));

    public Task<PlatformOutcome<InstanceConfigurationEntry>> SetConfigurationAsync(
        PlatformAccount account, long id, long entryId, string value, CancellationToken cancellationToken)
    {
        lock (_gate) Set.Add((id, entryId, value));
        return Task.FromResult(OnSetConfiguration(id, entryId, value));
    }

    public Task<PlatformOutcome<Done>> SetTraceLoggingAsync(PlatformAccount account, long id, int? minutes, CancellationToken cancellationToken)
    {
        lock (_gate) Traced.Add((id, minutes));
        return Task.FromResult(OnTrace());
    }

    public Task<PlatformOutcome<JsonElement>> GetDocsAsync(PlatformAccount account, long id, CancellationToken cancellationToken) => Task.FromResult(OnDocs());

    public Task<PlatformOutcome<InstanceResponse>> SendAsync(PlatformAccount account, Secret token, InstanceRequest request, CancellationToken cancellationToken)
    {
        lock (_gate) Sent.Add(request);
        return Task.FromResult(OnSend(request));
    }

    public async Task<PlatformOutcome<PlatformInstancePage>> ListAsync(PlatformAccount account, string? tag, string? page, CancellationToken cancellationToken)
    {
        lock (_gate) Listed.Add((tag, page));
        await Task.Yield();
        return OnList(tag, page);
    }

    public Task<PlatformOutcome<PlatformInstance>> UpdateAsync(PlatformAccount account, long id, InstanceChange change, CancellationToken cancellationToken) =>
        ReachAsync("update", id, () =>
        {
            if (change.Deadline is { IsPast: true }) return Withheld<PlatformInstance>();
            lock (_gate) Updated.Add((id, change));
            return Task.FromResult(OnUpdate(id, change));
        });

    public Task<PlatformOutcome<Done>> SetEnabledAsync(
        PlatformAccount account, long id, bool enabled, CancellationToken cancellationToken, SendDeadline? deadline = null) =>
        ReachAsync("switch", id, () =>
        {
            if (deadline is { IsPast: true }) return Withheld<Done>();
            lock (_gate) Switched.Add((id, enabled));
            return OnSwitch?.Invoke() ?? Task.FromResult(OnSetEnabled());
        });

    public Task<PlatformOutcome<Done>> DeleteAsync(
        PlatformAccount account, long id, CancellationToken cancellationToken, SendDeadline? deadline = null) =>
        ReachAsync("delete", id, () =>
        {
            if (deadline is { IsPast: true }) return Withheld<Done>();
            lock (_gate) Deleted.Add(id);
            return Task.FromResult(OnDelete());
        });

    // As the client: a request whose deadline is past is not sent.
    private static Task<PlatformOutcome<T>> Withheld<T>() =>
        Task.FromResult<PlatformOutcome<T>>(new PlatformOutcome<T>.Unreachable(UnsentReason.Paused));

    public Task<PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>> GetElementConfigurationAsync(
        PlatformAccount account, string elementKey, CancellationToken cancellationToken)
    {
        lock (_gate) AskedWith.Add(account);
        return Task.FromResult(OnConfiguration());
    }

    public Task<PlatformOutcome<PlatformElement>> GetElementAsync(PlatformAccount account, string elementKey, CancellationToken cancellationToken) => Task.FromResult(OnElement());
}
