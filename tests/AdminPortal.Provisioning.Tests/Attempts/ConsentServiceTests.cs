using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Attempts;

public sealed partial class ConsentServiceTests
{
    [Fact]
    public async Task AuthorizeAsync_GoodUrl_TheAttemptAwaitsConsent()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();

        var lines = await portal.Consents.AuthorizeAsync(id, Token);

        lines.ShouldAllBe(line => line.Level == CheckLevel.Passed);
        var request = portal.Platform.UrlRequests.ShouldHaveSingleItem();
        request.ElementKey.ShouldBe(ElementKey.Crm);
        request.CallbackUrl.ShouldBe(TestPortal.CallbackUrl);
        request.AccountServer.ShouldBe(TestPortal.Server);
        OneTimeValue.HasForm(request.State).ShouldBeTrue();

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.AwaitingConsent);
        attempt.StateHash.ShouldBe(OneTimeValue.Hash(request.State));
        attempt.CallbackUrl.ShouldBe(TestPortal.CallbackUrl);
        attempt.ConsentExpiresAt.ShouldBe(portal.Clock.GetUtcNow().AddMinutes(15));
        attempt.OAuthUrl!.Ciphertext.ShouldNotContain(request.State);
        portal.Secrets.Open(attempt.OAuthUrlOf!).ShouldBe(FakePlatform.GoodUrl(request));
        attempt.History.Select(line => line.Event).ShouldBe([AttemptEvent.Created, AttemptEvent.PreflightPassed, AttemptEvent.OAuthUrlObtained]);
    }

    [Fact]
    public async Task AuthorizeAsync_Again_OnlyTheNewStateLeadsBack()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var first = await portal.SendAwayAsync(id);

        var second = await portal.SendAwayAsync(id);

        second.ShouldNotBe(first);
        _ = (await portal.Consents.ReceiveAsync(portal.Return(first), Token)).ShouldBeOfType<CallbackOutcome.UnknownState>();
        (await portal.Consents.ReceiveAsync(portal.Return(second), Token)).ShouldBe(new CallbackOutcome.Attempt(id, Again: false));
    }

    public static TheoryData<string, string> BadUrls() => new()
    {
        { "http", "http://accounts.infusionsoft.com/app/oauth/authorize?client_id=client-id&redirect_uri={redirect}&state={state}" },
        { "http on loopback in Production", "http://127.0.0.1/app/oauth/authorize?client_id=client-id&redirect_uri={redirect}&state={state}" },
        { "foreign host", "https://evil.example.org/app/oauth/authorize?client_id=client-id&redirect_uri={redirect}&state={state}" },
        { "host that begins alike", "https://accounts.infusionsoft.com.evil.example.org/?client_id=client-id&redirect_uri={redirect}&state={state}" },
        { "host of the same domain", "https://other.infusionsoft.com/?client_id=client-id&redirect_uri={redirect}&state={state}" },
        { "user name", "https://accounts.infusionsoft.com@evil.example.org/?client_id=client-id&redirect_uri={redirect}&state={state}" },
        { "script", "javascript:alert(1)//accounts.infusionsoft.com?client_id=client-id&redirect_uri={redirect}&state={state}" },
        { "relative", "/app/oauth/authorize?client_id=client-id&redirect_uri={redirect}&state={state}" },
        { "control characters", "https://accounts.infusionsoft.com/\r\nSet-Cookie:a=b?client_id=client-id&redirect_uri={redirect}&state={state}" },
        { "fragment", "https://accounts.infusionsoft.com/?client_id=client-id&redirect_uri={redirect}&state={state}#x" },
        { "too long", "https://accounts.infusionsoft.com/?client_id=client-id&redirect_uri={redirect}&state={state}&x=" + new string('x', 4000) },
        { "nothing", " " },
        { "another state", "https://accounts.infusionsoft.com/?client_id=client-id&redirect_uri={redirect}&state=infusionsoftcrm" },
        { "no state", "https://accounts.infusionsoft.com/?client_id=client-id&redirect_uri={redirect}" },
        { "two states", "https://accounts.infusionsoft.com/?client_id=client-id&redirect_uri={redirect}&state={state}&state=other" },
        { "state in other case", "https://accounts.infusionsoft.com/?client_id=client-id&redirect_uri={redirect}&state={STATE}" },
        { "another redirect", "https://accounts.infusionsoft.com/?client_id=client-id&redirect_uri=https%3A%2F%2Fevil.example.org%2F&state={state}" },
        { "longer redirect", "https://accounts.infusionsoft.com/?client_id=client-id&redirect_uri={redirect}%2F&state={state}" },
        { "no redirect", "https://accounts.infusionsoft.com/?client_id=client-id&state={state}" },
        { "two redirects", "https://accounts.infusionsoft.com/?client_id=client-id&redirect_uri={redirect}&redirect_uri=https%3A%2F%2Fevil.example.org%2F&state={state}" },
        { "no client id", "https://accounts.infusionsoft.com/?redirect_uri={redirect}&state={state}" },
        { "another client id", "https://accounts.infusionsoft.com/?client_id=other&redirect_uri={redirect}&state={state}" },
    };

    [Theory]
    [MemberData(nameof(BadUrls))]
    public async Task AuthorizeAsync_AddressThatIsNotOurs_NothingWasChanged(string what, string url)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var before = await portal.ReadAttemptAsync(id);
        portal.Platform.OnOAuthUrl = request => new PlatformOutcome<string>.Success(
            url.Replace("{redirect}", Uri.EscapeDataString(request.CallbackUrl), StringComparison.Ordinal)
                .Replace("{state}", request.State, StringComparison.Ordinal)
                .Replace("{STATE}", SwapCase(request.State), StringComparison.Ordinal),
            null);

        var lines = await portal.Consents.AuthorizeAsync(id, Token);

        lines.ShouldContain(line => line.Level == CheckLevel.Failed, what);
        var after = await portal.ReadAttemptAsync(id);
        after.State.ShouldBe(AttemptState.Draft);
        after.Version.ShouldBe(before.Version);
        after.StateHash.ShouldBeNull();
        after.OAuthUrl.ShouldBeNull();
        after.History.Count.ShouldBe(before.History.Count);
        (await portal.Consents.LeaveAsync(id, [1], Token)).ShouldBe(new Departure(null, AttemptExists: true));
    }

    [Fact]
    public async Task AuthorizeAsync_BadUrlAfterAGoodOne_TheGoodOneStays()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);
        portal.Platform.OnOAuthUrl = _ => new PlatformOutcome<string>.Success("http://evil.example.org", null);

        (await portal.Consents.AuthorizeAsync(id, Token)).ShouldContain(line => line.Level == CheckLevel.Failed);

        (await portal.Consents.ReceiveAsync(portal.Return(state), Token)).ShouldBe(new CallbackOutcome.Attempt(id, Again: false));
    }

    [Fact]
    public async Task LeaveAsync_SignInHostWasRemovedMeanwhile_SendsNobodyThere()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        (await portal.Consents.AuthorizeAsync(id, Token)).ShouldAllBe(line => line.Level == CheckLevel.Passed);
        await using (var db = portal.OpenDatabase())
        {
            var account = await db.Accounts.SingleAsync(Token);
            account.SignInHosts = ["other.example.com"];
            await db.SaveChangesAsync(Token);
        }

        var departure = await portal.Consents.LeaveAsync(id, OneTimeValue.Hash(portal.Browser), Token);

        (departure.Url, departure.AttemptExists, departure.IsHostRemoved).ShouldBe((null, true, true));
    }

    [Fact]
    public async Task AuthorizeAsync_LoopbackInDevelopment_IsAllowed()
    {
        await using var portal = await TestPortal.StartAsync(environment: "Development");
        var accountId = (await portal.Accounts.SaveAsync(new() { Name = "Local", BaseUrl = "http://127.0.0.1:5100", OrganizationSecret = "o", UserSecret = "u", SignInHosts = "127.0.0.1" }, Token)).Value;
        _ = await portal.AddAppAsync(allowedFor: "http://127.0.0.1:5100");
        var id = await portal.AddDraftAsync(ElementKey.Rest);
        portal.Platform.OnOAuthUrl = request => new PlatformOutcome<string>.Success(
            FakePlatform.GoodUrl(request).Replace("https://accounts.infusionsoft.com", "http://127.0.0.1:5100", StringComparison.Ordinal), null);

        var lines = await portal.Consents.AuthorizeAsync(id, Token);

        lines.ShouldAllBe(line => line.Level == CheckLevel.Passed);
        (await portal.ReadAttemptAsync(id)).PlatformAccountId.ShouldBe(accountId);
    }

    [Fact]
    public async Task AuthorizeAsync_PlatformRefuses_SaysWhyAndChangesNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        portal.Platform.OnOAuthUrl = _ => FakePlatform.Refuse<string>(401, "Invalid Organization or User secret, or invalid Element token provided.");

        var lines = await portal.Consents.AuthorizeAsync(id, Token);

        var failed = lines.Single(line => line.Level == CheckLevel.Failed);
        failed.Detail.ShouldContain("Invalid Organization or User secret");
        failed.Detail.ShouldContain("refused-1");
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Draft);
    }

    [Fact]
    public async Task AuthorizeAsync_IncompleteDraft_AsksThePlatformNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var account = await portal.AddAccountAsync();
        var id = (await portal.Drafts.StartAsync(new ElementChoice { ElementKey = ElementKey.Crm, PlatformAccountId = account }, Actor.Portal, Token)).Value;

        var lines = await portal.Consents.AuthorizeAsync(id, Token);

        lines.Where(line => line.Level == CheckLevel.Failed).Select(line => line.Step).Distinct()
            .ShouldBe([WizardStep.Provider, WizardStep.Account, WizardStep.Options], ignoreOrder: true);
        portal.Platform.UrlRequests.ShouldBeEmpty();
    }

    [Fact]
    public async Task AuthorizeAsync_UnknownOrGoneOn_SaysSo()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        portal.Platform.UrlRequests.Clear();

        (await portal.Consents.AuthorizeAsync(id, Token)).ShouldHaveSingleItem().Level.ShouldBe(CheckLevel.Failed);
        (await portal.Consents.AuthorizeAsync(Guid.NewGuid(), Token)).ShouldHaveSingleItem().Level.ShouldBe(CheckLevel.Failed);

        portal.Platform.UrlRequests.ShouldBeEmpty();
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.CodeReceived);
    }

    [Fact]
    public async Task CheckAsync_PlatformAsksForMore_WarnsAndChangesNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        portal.Platform.OnConfiguration = () => new PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>.Success(
        [
            new("oauth.api.key", null, null, Required: true, Internal: false),
            new("infusionsoft.server", null, null, Required: true, Internal: false),
            new("hidden.entry", null, null, Required: true, Internal: true),
            new("optional.entry", null, null, Required: false, Internal: false),
            new("new.entry", null, null, Required: true, Internal: false),
        ], null);

        var lines = await portal.Consents.CheckAsync(id, Token);

        var warning = lines.Single(line => line.Level == CheckLevel.Warning);
        warning.Detail.ShouldContain("new.entry");
        warning.Detail.ShouldNotContain("hidden.entry");
        warning.Detail.ShouldNotContain("optional.entry");
        warning.Detail.ShouldNotContain("infusionsoft.server");
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Draft);
    }

    [Fact]
    public async Task CheckAsync_UnusualServer_Warns()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync(details: new Dictionary<string, string> { [ElementCatalog.ServerKey] = "alpha", [ElementCatalog.EncryptedKeyKey] = "k" }
            .ToDictionary(entry => entry.Key, entry => entry.Key == ElementCatalog.ServerKey ? "alpha.infusionsoft.com" : entry.Value));

        var lines = await portal.Consents.CheckAsync(id, Token);

        lines.Single(line => line.Level == CheckLevel.Warning).Step.ShouldBe(WizardStep.Account);
    }

    [Fact]
    public async Task LeaveAsync_Awaiting_BindsTheBrowserAndGivesTheAddress()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        _ = await portal.Consents.AuthorizeAsync(id, Token);

        var departure = await portal.Consents.LeaveAsync(id, OneTimeValue.Hash(portal.Browser), Token);

        departure.Url!.AbsoluteUri.ShouldBe(FakePlatform.GoodUrl(portal.Platform.UrlRequests.Single()));
        departure.ToString().ShouldNotContain(portal.Platform.UrlRequests.Single().State);
        var attempt = await portal.ReadAttemptAsync(id);
        attempt.BrowserHash.ShouldBe(OneTimeValue.Hash(portal.Browser));
        attempt.History[^1].Event.ShouldBe(AttemptEvent.Left);
    }

    [Fact]
    public async Task LeaveAsync_NothingToLeaveFor_GivesNoAddress()
    {
        await using var portal = await TestPortal.StartAsync();
        var draft = await portal.AddDraftAsync();
        (await portal.Consents.LeaveAsync(draft, [1], Token)).ShouldBe(new Departure(null, AttemptExists: true));
        (await portal.Consents.LeaveAsync(Guid.NewGuid(), [1], Token)).ShouldBe(new Departure(null, AttemptExists: false));

        _ = await portal.Consents.AuthorizeAsync(draft, Token);
        portal.Clock.Advance(TimeSpan.FromMinutes(15));

        (await portal.Consents.LeaveAsync(draft, [1], Token)).ShouldBe(new Departure(null, AttemptExists: true));
        (await portal.ReadAttemptAsync(draft)).BrowserHash.ShouldBeNull();
    }

    [Fact]
    public async Task LeaveAsync_SealedUrlDoesNotOpen_GivesNoAddress()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        _ = await portal.Consents.AuthorizeAsync(id, Token);
        await using (var db = portal.OpenDatabase())
            _ = await db.Attempts.ExecuteUpdateAsync(row => row.SetProperty(attempt => attempt.OAuthUrl, new Sealed("damaged")), Token);

        (await portal.Consents.LeaveAsync(id, [1], Token)).ShouldBe(new Departure(null, AttemptExists: true));
    }

    [Fact]
    public void ToString_Callback_PrintsNothingOfIt()
    {
        new Callback("the-code", "the-state", null, null, null, "the-cookie").ToString().ShouldBe("Callback");
    }

    private static string SwapCase(string text) => string.Concat(text.Select(c => char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)));
}
