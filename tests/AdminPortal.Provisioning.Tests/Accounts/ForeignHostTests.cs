using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AdminPortal.Provisioning.Tests.Accounts;

/// <summary>What somebody with an administrator's session does to have stored secrets sent to a host of their own.</summary>
public sealed class ForeignHostTests : IAsyncLifetime
{
    private const string Evil = "https://evil.example";

    private readonly ScriptedHandler _network = new();
    private TestPortal _portal = null!;
    private Actor _ada = null!;

    public async ValueTask InitializeAsync()
    {
        _portal = await TestPortal.StartAsync(services =>
        {
            services.AddPeople(SignedInPeople.Configure);
            services.Replace(ServiceDescriptor.Singleton<IElementsPlatform, ElementsPlatformClient>());
            services.AddHttpClient(PlatformTransport.ClientName).ConfigurePrimaryHttpMessageHandler(() => _network);
        });
        _ada = await _portal.SignInAsync("ada@example.com", Role.Administrator);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task AddAccount_ConfirmedAnHourAgo_AsksForTheProofFirst()
    {
        _portal.Clock.Advance(TimeSpan.FromHours(1));

        var refused = (await _portal.Accounts.SaveAsync(New(), _ada, Token)).Problems.ShouldHaveSingleItem();

        refused.Kind.ShouldBe(ProblemKind.ConfirmationNeeded);
        (await _portal.Accounts.ListAsync(Token)).ShouldBeEmpty();
        _network.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("https://other.cloud-elements.com", "accounts.infusionsoft.com")]
    [InlineData(StagingSecrets.BaseUrl, "evil.example")]
    [InlineData(StagingSecrets.BaseUrl, "accounts.infusionsoft.com\nevil.example")]
    public async Task ChangeAccount_OtherHostOrSignInHosts_AsksForTheProofFirst(string baseUrl, string signInHosts)
    {
        var id = await _portal.AddAccountAsync();
        _portal.Clock.Advance(TimeSpan.FromHours(1));
        // Its secrets are entered again only where that is needed, which asks for the proof by itself.
        var secret = baseUrl == StagingSecrets.BaseUrl ? "" : "invented";

        var refused = (await _portal.Accounts.SaveAsync(
            new AccountInput { Id = id, Name = "Staging", BaseUrl = baseUrl, SignInHosts = signInHosts, OrganizationSecret = secret, UserSecret = secret }, _ada, Token)).Problems;

        refused.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ConfirmationNeeded);
        (await _portal.Accounts.FindAsync(id, Token)).ShouldNotBeNull().BaseUrl.ShouldBe(StagingSecrets.BaseUrl);
    }

    [Fact]
    public async Task Authorize_StoredAppAtAForeignHost_SendsNoStoredSecret()
    {
        _ = await _portal.AddAccountAsync();
        var app = await _portal.AddAppAsync();
        var evil = (await _portal.Accounts.SaveAsync(New(), _ada, Token)).Value;
        var draft = await AddDraftAsync(evil, app);
        _network.Requests.Clear();

        var authorization = await _portal.Consents.AuthorizeAsync(draft, PreflightContext.Unattended, _ada, Token);

        authorization.MayLeave.ShouldBeFalse();
        var line = authorization.Lines.Single(line => line.Key == DraftCheck.AppNotAllowedKey);
        (line.Level, line.Step).ShouldBe((CheckLevel.Failed, WizardStep.Provider));
        line.Detail.ShouldContain("Keap app");
        line.Detail.ShouldContain(Evil);
        // The pre-flight asks the new host about the element, with the secrets that were entered for it.
        _network.Requests.ShouldNotBeEmpty();
        _network.Requests.ShouldAllBe(request => request.Headers["Authorization"] == "User invented, Organization invented");
        _network.Requests.ShouldNotContain(request => request.Url.Contains("oauth", StringComparison.Ordinal));
        Everything().ShouldNotContain("client-secret");
    }

    [Fact]
    public async Task Exchange_AppTakenBackMeanwhile_SendsNothing()
    {
        var id = await AddReceivedAsync();
        var app = (await _portal.ReadAttemptAsync(id)).ProviderAppId!.Value;
        (await _portal.Apps.DisallowAsync(app, StagingSecrets.Origin.Text, _ada, Token)).Succeeded.ShouldBeTrue();
        _network.Requests.Clear();

        await _portal.Provisioner.ExchangeAsync(id);

        (await _portal.ReadAttemptAsync(id)).Ending.ShouldNotBeNull().Reason.ShouldBe(EndingReason.AppNotAllowed);
        _network.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task AllowApp_ConfirmedAnHourAgo_AsksForTheProofAndThenSends()
    {
        var app = await _portal.AddAppAsync();
        var evil = (await _portal.Accounts.SaveAsync(New(), _ada, Token)).Value;
        var draft = await AddDraftAsync(evil, app);
        _portal.Clock.Advance(TimeSpan.FromHours(1));

        (await _portal.Apps.AllowAsync(app, evil, _ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ConfirmationNeeded);
        _ = await _portal.Consents.AuthorizeAsync(draft, PreflightContext.Unattended, _ada, Token);
        Everything().ShouldNotContain("client-secret");

        var confirmed = await _portal.SignInAsync(_ada with { SessionId = null });
        (await _portal.Apps.AllowAsync(app, evil, confirmed, Token)).Succeeded.ShouldBeTrue();
        _ = await _portal.Consents.AuthorizeAsync(draft, PreflightContext.Unattended, confirmed, Token);

        _network.Requests.Single(request => request.Url.EndsWith("/oauth/url", StringComparison.Ordinal)).Body.ShouldNotBeNull().ShouldContain("client-secret");
        var line = (await _portal.ReadActivityAsync()).Single(line => line.Action == ActivityAction.ProviderAppOriginAllowed);
        (line.PersonId, line.ProviderAppId, line.Subject, line.Detail).ShouldBe((_ada.PersonId, app, "Keap app", "https://evil.example:443"));
    }

    [Fact]
    public async Task ChangeHost_AccountWithInstances_IsRefusedAndNoTokenIsSent()
    {
        var account = await _portal.AddAccountAsync();
        await _portal.SeedInstancesAsync(account, 37, 1000, _ => { });

        var refused = (await _portal.Accounts.SaveAsync(
            new AccountInput { Id = account, Name = "Staging", BaseUrl = Evil, OrganizationSecret = "invented", UserSecret = "invented" }, _ada, Token)).Problems.ShouldHaveSingleItem();

        (refused.Kind, refused.Field).ShouldBe((ProblemKind.NotNow, nameof(AccountInput.BaseUrl)));
        refused.Message.ShouldContain("Move to another host");
        (await _portal.Accounts.FindAsync(account, Token)).ShouldNotBeNull().BaseUrl.ShouldBe(StagingSecrets.BaseUrl);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("http://staging.cloud-elements.com")]
    [InlineData("https://staging.cloud-elements.com:8443")]
    [InlineData("not an address")]
    public async Task Check_BaseUrlEditedInTheDatabase_SendsNothing(string baseUrl)
    {
        var instance = await _portal.SeedInstanceAsync();
        RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), $"UPDATE Accounts SET BaseUrl = '{baseUrl}'");

        var check = (await _portal.Get<InstanceChecker>().CheckAsync(instance, _ada, Token)).Value;

        check.Outcome.ShouldBe(CheckOutcome.Unreachable);
        _network.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Check_TokenMovedToAnotherRow_IsNotSent()
    {
        var (one, other) = (await _portal.SeedInstanceAsync(), await _portal.SeedInstanceAsync(platformId: 502));
        RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), $"UPDATE Instances SET Token = (SELECT Token FROM Instances WHERE PlatformId = 501) WHERE PlatformId = 502");
        _network.Always(() => ScriptedHandler.Json("""{ "id": 502, "name": "Instance", "valid": true, "disabled": false }"""));

        _ = await _portal.Get<InstanceChecker>().CheckAsync(other, _ada, Token);
        Everything().ShouldNotContain(InstanceSeed.ElementToken);
        _ = await _portal.Get<InstanceChecker>().CheckAsync(one, _ada, Token);
        Everything().ShouldContain(InstanceSeed.ElementToken);
    }

    [Fact]
    public async Task ChangeDraftsAccount_OtherHost_ForgetsTheEnteredKey()
    {
        var draft = await _portal.AddDraftAsync();
        (await _portal.ReadAttemptAsync(draft)).SealedConfiguration.ShouldNotBeEmpty();
        var sameHost = await _portal.AddAccountAsync("Second tenant");
        var evil = (await _portal.Accounts.SaveAsync(New(), _ada, Token)).Value;

        _ = await _portal.Drafts.SaveElementAsync(draft, new ElementChoice { ElementKey = ElementKey.Crm, PlatformAccountId = sameHost }, Token);
        var kept = await _portal.ReadAttemptAsync(draft);
        _portal.Secrets.Open(kept.SealedConfigurationOf(ElementCatalog.EncryptedKeyKey)).ShouldBe(TestPortal.EncryptedKey);
        _ = await _portal.Drafts.SaveElementAsync(draft, new ElementChoice { ElementKey = ElementKey.Crm, PlatformAccountId = evil }, Token);

        (await _portal.ReadAttemptAsync(draft)).SealedConfiguration.ShouldBeEmpty();
    }

    private static AccountInput New() => new() { Name = "Evil", BaseUrl = Evil, OrganizationSecret = "invented", UserSecret = "invented" };

    private async Task<Guid> AddDraftAsync(Guid account, Guid app)
    {
        var id = (await _portal.Drafts.StartAsync(new ElementChoice { ElementKey = ElementKey.Rest, PlatformAccountId = account }, _ada, Token)).Value;
        (await _portal.Drafts.SaveProviderAsync(id, new ProviderChoice { ProviderAppId = app }, _ada, Token)).Succeeded.ShouldBeTrue();
        (await _portal.Drafts.SaveOptionsAsync(id, new InstanceOptions { Name = "Name" }, _ada, Token)).Succeeded.ShouldBeTrue();
        return id;
    }

    // The platform answers the request for the address as it should.
    private async Task<Guid> AddReceivedAsync()
    {
        var draft = await AddDraftAsync(await _portal.AddAccountAsync(), await _portal.AddAppAsync());
        _network.Answer = (number, _) =>
        {
            var request = _network.Requests[number];
            if (!request.Url.EndsWith("/oauth/url", StringComparison.Ordinal)) return Task.FromResult(ScriptedHandler.Json(request.Url.EndsWith("/configuration", StringComparison.Ordinal) ? "[]" : """{ "active": true }"""));
            var state = System.Text.Json.JsonDocument.Parse(request.Body!).RootElement.GetProperty("state").GetString();
            var url = $"https://accounts.infusionsoft.com/app/oauth/authorize?scope=full&response_type=code&client_id=client-id&redirect_uri={Uri.EscapeDataString(TestPortal.CallbackUrl)}&state={state}";
            return Task.FromResult(ScriptedHandler.Json(System.Text.Json.JsonSerializer.Serialize(new { element = "infusionsoftrest", oauthUrl = url })));
        };
        var authorization = await _portal.Consents.AuthorizeAsync(draft, PreflightContext.Unattended, _ada, Token);
        authorization.MayLeave.ShouldBeTrue(string.Join("; ", authorization.Lines.Select(line => $"{line.Title}: {line.Detail}")));
        (await _portal.Consents.LeaveAsync(draft, OneTimeValue.Hash(_portal.Browser), _ada, Token)).Url.ShouldNotBeNull();
        var sent = _network.Requests.Last(request => request.Url.EndsWith("/oauth/url", StringComparison.Ordinal));
        var value = System.Text.Json.JsonDocument.Parse(sent.Body!).RootElement.GetProperty("state").GetString()!;
        _ = (await _portal.Consents.ReceiveAsync(_portal.Return(value), Token)).ShouldBeOfType<CallbackOutcome.Attempt>();
        return draft;
    }

    private string Everything() =>
        string.Join('\n', _network.Requests.Select(request => $"{request.Url} {request.Body} {string.Join(' ', request.Headers.Values)}"));
}
