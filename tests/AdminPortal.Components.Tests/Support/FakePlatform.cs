using AdminPortal.Provisioning;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Platform;

namespace AdminPortal.Components.Tests.Support;

/// <summary>A platform that answers as it is told and remembers what it was asked.</summary>
internal sealed class FakePlatform : IElementsPlatform
{
    private readonly Lock _gate = new();
    private long _nextId = 1000;

    public List<OAuthUrlRequest> UrlRequests { get; } = [];

    public List<NewInstance> Created { get; } = [];

    public List<(string? Tag, string? Page)> Listed { get; } = [];

    public List<(long Id, InstanceChange Change)> Updated { get; } = [];

    public List<(long Id, bool Enabled)> Switched { get; } = [];

    public List<long> Deleted { get; } = [];


    public Func<OAuthUrlRequest, PlatformOutcome<string>> OnOAuthUrl { get; set; } = request => new PlatformOutcome<string>.Success(GoodUrl(request), "url-1");

    public Func<NewInstance, Task<PlatformOutcome<PlatformInstance>>> OnCreate { get; set; }

    public Func<string?, string?, PlatformOutcome<PlatformInstancePage>> OnList { get; set; } =
        (_, _) => new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage([], null), "list-1");

    public Func<long, InstanceChange, PlatformOutcome<PlatformInstance>> OnUpdate { get; set; } =
        (id, change) => new PlatformOutcome<PlatformInstance>.Success(Instance(id, change.Name, change.Tags), "update-1");

    public Func<PlatformOutcome<Done>> OnSetEnabled { get; set; } = () => new PlatformOutcome<Done>.Success(default, null);

    public Func<PlatformOutcome<Done>> OnDelete { get; set; } = () => new PlatformOutcome<Done>.Success(default, null);

    public Func<PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>> OnConfiguration { get; set; } =
        () => new PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>.Success([], null);

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
        Task.FromResult<PlatformOutcome<PlatformInstance>>(new PlatformOutcome<PlatformInstance>.Success(Instance(id), null));

    public async Task<PlatformOutcome<PlatformInstancePage>> ListAsync(PlatformAccount account, string? tag, string? page, CancellationToken cancellationToken)
    {
        lock (_gate) Listed.Add((tag, page));
        await Task.Yield();
        return OnList(tag, page);
    }

    public Task<PlatformOutcome<PlatformInstance>> UpdateAsync(PlatformAccount account, long id, InstanceChange change, CancellationToken cancellationToken)
    {
        lock (_gate) Updated.Add((id, change));
        return Task.FromResult(OnUpdate(id, change));
    }

    public Task<PlatformOutcome<Done>> SetEnabledAsync(PlatformAccount account, long id, bool enabled, CancellationToken cancellationToken)
    {
        lock (_gate) Switched.Add((id, enabled));
        return Task.FromResult(OnSetEnabled());
    }

    public Task<PlatformOutcome<Done>> DeleteAsync(PlatformAccount account, long id, CancellationToken cancellationToken)
    {
        lock (_gate) Deleted.Add(id);
        return Task.FromResult(OnDelete());
    }

    public Task<PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>> GetElementConfigurationAsync(
        PlatformAccount account, string elementKey, CancellationToken cancellationToken) =>
        Task.FromResult(OnConfiguration());
}
