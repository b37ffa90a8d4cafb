using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Users;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>The library as the host registers it, on a database file of its own, with a fake platform and a fake clock.</summary>
internal sealed class TestPortal : IAsyncDisposable
{
    public const string CallbackUrl = "https://portal.example.com/oauth/callback";
    public const string Server = DraftSeed.Server;
    public const string EncryptedKey = DraftSeed.EncryptedKey;
    public const string Code = "evcfr8vfne4smad3nbnw652e";

    private readonly TemporaryFolder? _folder;
    private readonly ServiceProvider _services;

    private TestPortal(string dataDirectory, TemporaryFolder? folder, TestClock clock, FakePlatform platform, ServiceProvider services)
    {
        DataDirectory = dataDirectory;
        _folder = folder;
        Clock = clock;
        Platform = platform;
        _services = services;
    }

    public string DataDirectory { get; }

    public TestClock Clock { get; }

    public FakePlatform Platform { get; }

    public FakeNetwork Network => Get<FakeNetwork>();

    /// <summary>The value of the cookie with which the helper methods leave for the provider.</summary>
    public string Browser { get; } = OneTimeValue.Create();

    public static async Task<TestPortal> StartAsync(
        Action<IServiceCollection>? configure = null, IReadOnlyDictionary<string, string?>? settings = null, string environment = "Production", bool prepare = true)
    {
        var folder = new TemporaryFolder();
        await TemplateDatabase.CopyToAsync(folder.Path);
        var clock = new TestClock();
        var platform = new FakePlatform();
        var services = Build(folder.Path, clock, platform, configure, settings, environment);
        if (prepare) await services.GetRequiredService<ActivityKeeper>().PrepareAsync(Token);
        return new TestPortal(folder.Path, folder, clock, platform, services);
    }

    /// <summary>The library on a database that exists already, as a start of the portal finds it. Nothing is prepared.</summary>
    public static TestPortal On(string dataDirectory, TestClock clock, IReadOnlyDictionary<string, string?>? settings = null, Action<IServiceCollection>? configure = null)
    {
        var platform = new FakePlatform();
        return new TestPortal(dataDirectory, null, clock, platform, Build(dataDirectory, clock, platform, configure, settings, "Production"));
    }

    /// <summary>A second process on the same database, or the same one after a restart.</summary>
    public TestPortal Another(Action<IServiceCollection>? configure = null, IReadOnlyDictionary<string, string?>? settings = null, string environment = "Production") =>
        new(DataDirectory, null, Clock, Platform, Build(DataDirectory, Clock, Platform, configure, settings, environment));

    /// <summary>The services alone, for what needs no database.</summary>
    public static ServiceProvider BuildServices(string dataDirectory, Action<IServiceCollection>? configure = null) =>
        Build(dataDirectory, new TestClock(), new FakePlatform(), configure, null, "Production");

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public AccountService Accounts => Get<AccountService>();

    public ProviderAppService Apps => Get<ProviderAppService>();

    public DraftService Drafts => Get<DraftService>();

    public ConsentService Consents => Get<ConsentService>();

    public AttemptWork Provisioner => new(this);

    /// <summary>Ends what has run out, as the worker does, and nothing else.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var (id, state) in await Provisioner.FindDueAsync(cancellationToken))
        {
            if (state is AttemptState.AwaitingConsent or AttemptState.AwaitingDecision or AttemptState.Provisioning) await Provisioner.WorkAsync(id, state, cancellationToken);
        }
    }

    public ISecretBox Secrets => Get<ISecretBox>();

    /// <summary>The person with a session that was opened just now; made where nobody has this id yet.</summary>
    public async Task<Actor> SignInAsync(Actor actor)
    {
        await using var db = OpenDatabase();
        var person = await db.Users.AsNoTracking().SingleOrDefaultAsync(row => row.Id == actor.PersonId, Token);
        if (person is null)
        {
            person = new PortalUser
            {
                Id = actor.PersonId!.Value,
                UserName = actor.Name,
                NormalizedUserName = actor.Name!.ToUpperInvariant(),
                Email = actor.Name,
                Role = actor.Role!.Value,
                PasswordHash = "hash",
                SecurityStamp = "stamp",
            };
            db.Users.Add(person);
            await db.SaveChangesAsync(Token);
        }

        return actor with { SessionId = await Get<SessionService>().OpenAsync(person, actor.From, "test", null, SessionProof.PasswordAlone, Token) };
    }

    public PortalDb OpenDatabase() => Get<IDbContextFactory<PortalDb>>().CreateDbContext();

    public async Task<ProvisioningAttempt> ReadAttemptAsync(Guid id)
    {
        await using var db = OpenDatabase();
        return await db.Attempts.AsNoTracking().Include(attempt => attempt.History).SingleAsync(attempt => attempt.Id == id, Token);
    }

    public async Task<Guid> AddAccountAsync(string name = "Staging", string baseUrl = StagingSecrets.BaseUrl) =>
        (await Accounts.SaveAsync(new AccountInput { Name = name, BaseUrl = baseUrl, OrganizationSecret = "org-secret", UserSecret = "user-secret" }, Token)).Value;

    public async Task<Guid> AddAppAsync(string name = "Keap app", params IEnumerable<string> allowedFor) =>
        (await Apps.SaveAsync(new ProviderAppInput { Name = name, ClientId = "client-id", ClientSecret = "client-secret", AllowedFor = [StagingSecrets.BaseUrl, .. allowedFor] }, Token)).Value;

    /// <summary>A draft with every step filled in.</summary>
    public async Task<Guid> AddDraftAsync(string elementKey = ElementKey.Crm, string name = "API instance", IReadOnlyDictionary<string, string>? details = null)
    {
        await using var db = OpenDatabase();
        var account = await db.Accounts.Select(row => (Guid?)row.Id).FirstOrDefaultAsync(Token) ?? await AddAccountAsync();
        var app = await db.ProviderApps.Select(row => (Guid?)row.Id).FirstOrDefaultAsync(Token) ?? await AddAppAsync();
        return await _services.AddDraftAsync(account, app, elementKey, name, details, Token);
    }

    /// <summary>Authorizes a draft and leaves; the answer is the state that was sent.</summary>
    public async Task<string> SendAwayAsync(Guid id)
    {
        var lines = await Consents.AuthorizeAsync(id, Token);
        lines.ShouldAllBe(line => line.Level == CheckLevel.Passed);
        (await Consents.LeaveAsync(id, OneTimeValue.Hash(Browser), Token)).Url.ShouldNotBeNull();
        return Platform.UrlRequests[^1].State;
    }

    public Callback Return(string state, string? code = Code) => new(code, state, null, null, $"full|{Server}", Browser);

    /// <summary>An attempt whose code has come back.</summary>
    public async Task<Guid> AddReceivedAsync(string elementKey = ElementKey.Crm, string name = "API instance", IReadOnlyDictionary<string, string>? details = null)
    {
        var id = await AddDraftAsync(elementKey, name, details);
        var state = await SendAwayAsync(id);
        _ = (await Consents.ReceiveAsync(Return(state), Token)).ShouldBeOfType<CallbackOutcome.Attempt>();
        return id;
    }

    /// <summary>An attempt whose request was sent and not answered.</summary>
    public async Task<Guid> AddAmbiguousAsync()
    {
        var id = await AddReceivedAsync();
        var answer = Platform.OnCreate;
        Platform.OnCreate = _ => Task.FromResult<PlatformOutcome<PlatformInstance>>(new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.TimedOut));
        await Provisioner.ExchangeAsync(id);
        Platform.OnCreate = answer;
        return id;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (_folder is null) return;
        using (var connection = new SqliteConnection(PortalDatabase.ConnectionString(DataDirectory))) SqliteConnection.ClearPool(connection);
        _folder.Dispose();
    }

    private static ServiceProvider Build(
        string dataDirectory, TestClock clock, FakePlatform platform, Action<IServiceCollection>? configure, IReadOnlyDictionary<string, string?>? settings, string environment)
    {
        var network = new FakeNetwork();
        var services = new ServiceCollection();
        services.AddPortal(TestServices.Settings(dataDirectory, settings), environment).ReplaceOutside(clock, platform, network).AddSingleton(network);
        configure?.Invoke(services);
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }
}
