using System.Diagnostics;
using System.Security.Claims;
using AdminPortal.Access;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Storage;
using Bunit.TestDoubles;
using FluentValidation;
using Microsoft.AspNetCore.Components;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Radzen;

namespace AdminPortal.Components.Tests.Support;

/// <summary>
/// Renders the portal's components over its real services: a database file of its own, a fake platform, a clock that
/// stands still. Ada is signed in, as an administrator. Services can be added until the first one is asked for.
/// </summary>
public abstract class PortalTest : BunitContext, IAsyncLifetime
{
    internal const string CallbackUrl = "https://portal.example.com/oauth/callback";
    internal const string Server = DraftSeed.Server;
    internal const string EncryptedKey = DraftSeed.EncryptedKey;
    internal const string ClientSecret = "client-secret-value";
    internal const string ElementToken = "element-token-value";

    private readonly TemporaryFolder _folder = new();
    private readonly BunitAuthorizationContext _authorization;
    private long _lastPlatformId = 500;
    private readonly IConfiguration _configuration;

    protected PortalTest()
    {
        _configuration = TestServices.Settings(_folder.Path);
        Services.AddPortal(_configuration).ReplaceOutside(Clock, Platform, Network);
        // The parts of AddPortalUi and AddPortalSignIn that bUnit has no double for.
        Services.AddRadzenComponents();
        Services.AddValidatorsFromAssemblyContaining<Program>(ServiceLifetime.Singleton, includeInternalTypes: true);
        Services.AddScoped<Confirmation>();
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddPeople(_ => { });
        _authorization = AddAuthorization();
        SignInAs(Role.Administrator);
    }

    internal static Guid Ada { get; } = Guid.Parse("0199f0a1-0000-7000-8000-00000000ada0");

    internal static Guid AdasSession { get; } = Guid.Parse("0199f0a1-0000-7000-8000-0000000adae5");

    internal TestClock Clock { get; } = new();

    internal FakePlatform Platform { get; } = new();

    internal FakeNetwork Network { get; } = new();

    internal BunitNavigationManager Navigation => (BunitNavigationManager)Get<NavigationManager>();

    /// <summary>Where the browser is, from the portal's root.</summary>
    internal string Address => "/" + Navigation.ToBaseRelativePath(Navigation.Uri);

    /// <summary>The navigation that was asked for last.</summary>
    internal NavigationHistory LastNavigation => Navigation.History.First();

    public async ValueTask InitializeAsync()
    {
        await TemplateDatabase.CopyToAsync(_folder.Path);
        // By services of its own: the test may still add to its own ones.
        await using var services = new ServiceCollection().AddPortal(_configuration).BuildServiceProvider();
        await services.GetRequiredService<ActivityKeeper>().PrepareAsync(Token);
    }

    /// <summary>Ada has a session in which she has just confirmed who she is; from then on she may do what is dangerous.</summary>
    internal async Task ConfirmAdaAsync()
    {
        await using var db = OpenDatabase();
        var stamp = await db.Users.Where(person => person.Id == Ada).Select(person => person.SecurityStamp).SingleOrDefaultAsync(Token);
        if (stamp is null)
        {
            stamp = "stamp";
            db.Users.Add(new PortalUser
            {
                Id = Ada, UserName = "ada@example.com", NormalizedUserName = "ADA@EXAMPLE.COM", Email = "ada@example.com", Role = Role.Administrator, PasswordHash = "hash", SecurityStamp = stamp,
            });
        }

        var now = Clock.GetUtcNow();
        if (await db.Sessions.SingleOrDefaultAsync(session => session.Id == AdasSession, Token) is { } open) open.ConfirmedAt = open.SeenAt = now;
        else db.Sessions.Add(new PersonSession { Id = AdasSession, PersonId = Ada, SecurityStamp = stamp, OpenedAt = now, SeenAt = now, ConfirmedAt = now, From = "203.0.113.1", Browser = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36" });
        await db.SaveChangesAsync(Token);
    }

    internal T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    /// <summary>Ada has this role from now on; none for null.</summary>
    internal void SignInAs(Role? role)
    {
        _authorization.SetAuthorized("ada@example.com");
        Claim[] claims = [new Claim(ClaimTypes.NameIdentifier, Ada.ToString()), new Claim(SessionClaim.Type, AdasSession.ToString())];
        _authorization.SetClaims(role is { } known ? [.. claims, new Claim(ClaimTypes.Role, known.ToString())] : claims);
    }

    /// <summary>Lets the browser have the portal under this address.</summary>
    internal void OpenUnder(string root)
    {
        var navigation = Get<NavigationManager>();
        // Only the framework itself sets these: a circuit is told them by its browser.
        typeof(NavigationManager).GetProperty(nameof(NavigationManager.BaseUri))!.SetValue(navigation, root);
        typeof(NavigationManager).GetProperty(nameof(NavigationManager.Uri))!.SetValue(navigation, root);
    }

    internal void GoTo(string address) => Navigation.NavigateTo(address);

    /// <summary>
    /// Lets time pass until it holds, one second at a time: a timer that is not waited for yet keeps only one tick. What works
    /// in the background meanwhile takes real time, so each of these seconds lasts a while: on a slow machine the clock must
    /// not pass a lease of minutes while a worker is between two statements.
    /// </summary>
    internal async Task PassTimeUntilAsync(IRenderedComponent<IComponent> page, Func<bool> holds)
    {
        var waited = Stopwatch.StartNew();
        while (!holds() && waited.Elapsed < DefaultWaitTimeout)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await page.InvokeAsync(() => { });
            await Task.Delay(TimeSpan.FromMilliseconds(50), Token);
        }

        holds().ShouldBeTrue(page.Markup);
    }

    /// <summary>How often the browser's script was asked for this.</summary>
    internal int Calls(string function) => JSInterop.Invocations.Count(call => call.Identifier == function);

    /// <summary>Waits until the focus was moved there last. A page does that after it has drawn, so that no drawing tells of it.</summary>
    internal void WaitForFocus(string selector)
    {
        _ = SpinWait.SpinUntil(() => LastFocus == selector, DefaultWaitTimeout);
        LastFocus.ShouldBe(selector);
    }

    internal string? LastFocus => JSInterop.Invocations.LastOrDefault(call => call.Identifier == "portal.focus").Arguments?[0] as string;

    internal string Text<T>(string key, params object[] arguments) => Get<IStringLocalizer<T>>()[key, arguments].Value;

    internal PortalDb OpenDatabase() => Get<IDbContextFactory<PortalDb>>().CreateDbContext();

    internal async Task<AttemptView> ReadAttemptAsync(Guid id) => (await Get<AttemptService>().FindAsync(id, Token)).ShouldNotBeNull();

    internal async Task<IReadOnlyList<Guid>> ListAttemptsAsync()
    {
        await using var db = OpenDatabase();
        return await db.Attempts.OrderBy(attempt => attempt.Id).Select(attempt => attempt.Id).ToListAsync(Token);
    }

    internal async Task<Guid> AddAccountAsync(string name = "Staging", string baseUrl = "https://staging.cloud-elements.com") =>
        (await Get<AccountService>().SaveAsync(
            new AccountInput { Name = name, BaseUrl = baseUrl, OrganizationSecret = "org-secret-value", UserSecret = "user-secret-value" }, Token)).Value;

    internal async Task<Guid> AddAppAsync(string name = "Keap app", string clientId = "client-id") =>
        (await Get<ProviderAppService>().SaveAsync(new ProviderAppInput { Name = name, ClientId = clientId, ClientSecret = ClientSecret, AllowedFor = ["https://staging.cloud-elements.com"] }, Token)).Value;

    /// <summary>A draft whose first step is done.</summary>
    internal async Task<Guid> BeginAsync(string elementKey = ElementKey.Crm)
    {
        await using var db = OpenDatabase();
        var account = await db.Accounts.Select(row => (Guid?)row.Id).FirstOrDefaultAsync(Token) ?? await AddAccountAsync();
        return (await Get<DraftService>().StartAsync(new ElementChoice { ElementKey = elementKey, PlatformAccountId = account }, Actor.Portal, Token)).Value;
    }

    /// <summary>A draft with every step filled in.</summary>
    internal async Task<Guid> AddDraftAsync(string elementKey = ElementKey.Crm, string name = "API instance")
    {
        await using var db = OpenDatabase();
        var account = await db.Accounts.Select(row => (Guid?)row.Id).FirstOrDefaultAsync(Token) ?? await AddAccountAsync();
        var app = await db.ProviderApps.Select(row => (Guid?)row.Id).FirstOrDefaultAsync(Token) ?? await AddAppAsync();
        return await Services.AddDraftAsync(account, app, elementKey, name, null, Token);
    }

    /// <summary>A draft that was authorized and left for the provider; the answer is the attempt and its state value.</summary>
    internal async Task<(Guid Id, Func<string?, string?, Task> ReturnAsync)> AddAwaitingAsync(string elementKey = ElementKey.Crm)
    {
        var id = await AddDraftAsync(elementKey);
        var browser = OneTimeValue.Create();
        // A history has an order only where time passes.
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await Get<ConsentService>().AuthorizeAsync(id, Token)).ShouldAllBe(line => line.Level == CheckLevel.Passed);
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await Get<ConsentService>().LeaveAsync(id, OneTimeValue.Hash(browser), Token)).Url.ShouldNotBeNull();
        var state = Platform.UrlRequests[^1].State;
        return (id, async (code, error) =>
            _ = (await Get<ConsentService>().TakeAsync(new Callback(code, state, error, null, code is null ? null : $"full|{Server}", browser), Token)).Outcome.ShouldBeOfType<CallbackOutcome.Attempt>());
    }

    /// <summary>A row as it stands in this state, whatever led there.</summary>
    internal async Task<Guid> AddAttemptAsync(AttemptState state, AttemptEnding? ending = null, Action<EntityEntry<ProvisioningAttempt>>? change = null)
    {
        var id = await AddDraftAsync();
        await SetAttemptAsync(id, state, ending, change);
        return id;
    }

    internal async Task SetAttemptAsync(Guid id, AttemptState state, AttemptEnding? ending = null, Action<EntityEntry<ProvisioningAttempt>>? change = null)
    {
        await using var db = OpenDatabase();
        var entry = db.Entry(await db.Attempts.SingleAsync(attempt => attempt.Id == id, Token));
        entry.Property(attempt => attempt.State).CurrentValue = state;
        entry.Property(attempt => attempt.Ending).CurrentValue = ending;
        change?.Invoke(entry);
        await db.SaveChangesAsync(Token);
    }

    internal async Task<Guid> AddInstanceAsync(
        string name = "Alpha", InstanceState state = InstanceState.Active, string elementKey = ElementKey.Rest, string[]? tags = null, string? server = Server, Guid? attempt = null)
    {
        await using var db = OpenDatabase();
        var account = await db.Accounts.Select(row => (Guid?)row.Id).FirstOrDefaultAsync(Token) ?? await AddAccountAsync();
        var baseUrl = await db.Accounts.Where(row => row.Id == account).Select(row => row.BaseUrl).SingleAsync(Token);
        // One second apart, so that "newest first" has one meaning.
        var now = Clock.GetUtcNow() - TimeSpan.FromHours(1) + TimeSpan.FromSeconds(_lastPlatformId - 500);
        var id = Guid.CreateVersion7(now);
        db.Instances.Add(new ElementInstance
        {
            Id = id,
            PlatformAccountId = account,
            PlatformId = ++_lastPlatformId,
            ElementKey = elementKey,
            Name = name,
            Tags = [.. tags ?? []],
            AccountServer = server,
            Token = Get<ISecretBox>().Seal(SecretKind.InstanceToken, id, SecretOrigin.Of(baseUrl), ElementToken),
            State = state,
            AttemptId = attempt,
            CreatedAt = now,
            LastCheckedAt = now,
        });
        await db.SaveChangesAsync(Token);
        return id;
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        using (var connection = new SqliteConnection(PortalDatabase.ConnectionString(_folder.Path))) SqliteConnection.ClearPool(connection);
        _folder.Dispose();
    }
}
