using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Attempts;

/// <content>The callback.</content>
public sealed partial class ConsentServiceTests
{
    [Fact]
    public async Task ReceiveAsync_Code_IsStoredSealedAndTheStateIsSpent()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);

        var outcome = await portal.Consents.ReceiveAsync(portal.Return(state), Token);

        outcome.ShouldBe(new CallbackOutcome.Attempt(id, Again: false));
        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.CodeReceived);
        attempt.Code!.Ciphertext.ShouldNotContain(TestPortal.Code);
        portal.Secrets.Open(attempt.CodeOf!).ShouldBe(TestPortal.Code);
        attempt.ConsentedServer.ShouldBe(TestPortal.Server);
        attempt.OAuthUrl.ShouldBeNull();
        attempt.History.Select(line => line.Event)
            .ShouldBe([AttemptEvent.Created, AttemptEvent.PreflightPassed, AttemptEvent.OAuthUrlObtained, AttemptEvent.Left, AttemptEvent.CodeReturned], ignoreOrder: true);
        portal.Platform.Created.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("full", null)]
    [InlineData(null, null)]
    [InlineData("full|evil.example.org", null)]
    [InlineData("full|ZT119.infusionsoft.com", "zt119.infusionsoft.com")]
    [InlineData("full|zt119.infusionsoft.com|more", null)]
    public async Task ReceiveAsync_Scope_NamesTheServerOnlyInTheDocumentedForm(string? scope, string? expected)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);

        _ = await portal.Consents.ReceiveAsync(portal.Return(state) with { Scope = scope }, Token);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.ConsentedServer.ShouldBe(expected);
        // A server was entered: an answer that names another one, or none, is not taken for the right one.
        (attempt.State, attempt.ExpectedServer).ShouldBe((AttemptState.AwaitingDecision, TestPortal.Server));
        attempt.History.ShouldContain(line => line.Event == AttemptEvent.OtherAccountReturned);
    }

    [Theory]
    [InlineData("full")]
    [InlineData(null)]
    [InlineData("full|zt119.infusionsoft.com|more")]
    public async Task ReceiveAsync_WithoutAScopeAndWithoutAServer_HasNothingToCompare(string? scope)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync(ElementKey.Rest);
        var state = await portal.SendAwayAsync(id);

        _ = await portal.Consents.ReceiveAsync(portal.Return(state) with { Scope = scope }, Token);

        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.CodeReceived);
    }

    [Fact]
    public async Task ReceiveAsync_WithoutAScopeForAnInstanceOfAKnownAccount_WaitsForADecision()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        await using (var db = portal.OpenDatabase())
            _ = await db.Instances.ExecuteUpdateAsync(set => set.SetProperty(row => row.AccountServer, TestPortal.Server), Token);
        var id = (await portal.Get<ReauthenticationService>().StartAsync(instanceId, InstanceSeed.Ada, Token)).Value;
        var state = await portal.SendAwayAsync(id);

        _ = await portal.Consents.ReceiveAsync(portal.Return(state) with { Scope = null }, Token);

        var attempt = await portal.ReadAttemptAsync(id);
        (attempt.State, attempt.ConsentedServer, attempt.ExpectedServer).ShouldBe((AttemptState.AwaitingDecision, null, TestPortal.Server));
    }

    [Theory]
    [InlineData("access_denied", "User denied access to resource", EndingReason.AccessDenied, "access_denied: User denied access to resource")]
    [InlineData("access_denied", null, EndingReason.AccessDenied, "access_denied")]
    [InlineData("server_error", "An error occurred", EndingReason.ProviderError, "server_error: An error occurred")]
    [InlineData("ACCESS_DENIED", "", EndingReason.ProviderError, "ACCESS_DENIED")]
    public async Task ReceiveAsync_Error_EndsAsDenied(string error, string? description, EndingReason reason, string message)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);

        var outcome = await portal.Consents.ReceiveAsync(portal.Return(state, code: null) with { Error = error, ErrorDescription = description }, Token);

        outcome.ShouldBe(new CallbackOutcome.Attempt(id, Again: false));
        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Denied);
        attempt.Ending.ShouldBe(new AttemptEnding(reason, Message: message));
        attempt.Code.ShouldBeNull();
    }

    [Fact]
    public async Task ReceiveAsync_ErrorAndCode_TheErrorCounts()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);

        _ = await portal.Consents.ReceiveAsync(portal.Return(state) with { Error = "access_denied" }, Token);

        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Denied);
    }

    [Fact]
    public async Task ReceiveAsync_HugeHostileError_IsCleanedAndBounded()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);

        _ = await portal.Consents.ReceiveAsync(portal.Return(state, code: null) with { Error = "x\u202e\r\n", ErrorDescription = new string('y', 100_000) }, Token);

        var message = (await portal.ReadAttemptAsync(id)).Ending!.Message!;
        message.Length.ShouldBe(AttemptEnding.MaxMessageLength);
        message.ShouldNotContain('\u202e');
        message.ShouldNotContain('\n');
    }

    [Fact]
    public async Task ReceiveAsync_TooLate_Expires()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);
        portal.Clock.Advance(TimeSpan.FromMinutes(15));

        var outcome = await portal.Consents.ReceiveAsync(portal.Return(state), Token);

        outcome.ShouldBe(new CallbackOutcome.Attempt(id, Again: false));
        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Expired);
        attempt.Code.ShouldBeNull();
    }

    [Fact]
    public async Task ReceiveAsync_JustInTime_IsTaken()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);
        portal.Clock.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromTicks(1));

        _ = await portal.Consents.ReceiveAsync(portal.Return(state), Token);

        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.CodeReceived);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("other")]
    public async Task ReceiveAsync_OtherBrowser_ChangesNothing(string? cookie)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);
        var version = (await portal.ReadAttemptAsync(id)).Version;

        var code = await portal.Consents.ReceiveAsync(portal.Return(state) with { BrowserValue = cookie == "other" ? OneTimeValue.Create() : cookie }, Token);
        var error = await portal.Consents.ReceiveAsync(portal.Return(state, null) with { BrowserValue = cookie, Error = "access_denied" }, Token);

        code.ShouldBe(new CallbackOutcome.OtherBrowser(id));
        error.ShouldBe(new CallbackOutcome.OtherBrowser(id));
        (await portal.ReadAttemptAsync(id)).Version.ShouldBe(version);
        (await portal.Consents.ReceiveAsync(portal.Return(state), Token)).ShouldBe(new CallbackOutcome.Attempt(id, Again: false));
    }

    [Fact]
    public async Task ReceiveAsync_NobodyHasLeft_IsAnotherBrowser()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        _ = await portal.Consents.AuthorizeAsync(id, Token);

        var outcome = await portal.Consents.ReceiveAsync(portal.Return(portal.Platform.UrlRequests.Single().State), Token);

        outcome.ShouldBe(new CallbackOutcome.OtherBrowser(id));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("infusionsoftcrm")]
    [InlineData("fresh")]
    [InlineData("' or 1=1 --                                   ")]
    public async Task ReceiveAsync_UnknownState_ChangesNothing(string? state)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        _ = await portal.SendAwayAsync(id);

        var outcome = await portal.Consents.ReceiveAsync(portal.Return(state!) with { State = state == "fresh" ? OneTimeValue.Create() : state }, Token);

        _ = outcome.ShouldBeOfType<CallbackOutcome.UnknownState>();
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.AwaitingConsent);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("line\nbreak")]
    [InlineData("long")]
    public async Task ReceiveAsync_NeitherCodeNorError_IsIncompleteAndChangesNothing(string? code)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);

        var outcome = await portal.Consents.ReceiveAsync(portal.Return(state, code == "long" ? new string('c', Callback.MaxCodeLength + 1) : code), Token);

        _ = outcome.ShouldBeOfType<CallbackOutcome.Incomplete>();
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.AwaitingConsent);
    }

    [Fact]
    public async Task ReceiveAsync_Replay_LandsOnTheSamePageAndChangesNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);
        _ = await portal.Consents.ReceiveAsync(portal.Return(state), Token);
        var before = await portal.ReadAttemptAsync(id);

        var again = await portal.Consents.ReceiveAsync(portal.Return(state, "another-code"), Token);
        var denial = await portal.Consents.ReceiveAsync(portal.Return(state, null) with { Error = "access_denied" }, Token);

        again.ShouldBe(new CallbackOutcome.Attempt(id, Again: true));
        denial.ShouldBe(new CallbackOutcome.Attempt(id, Again: true));
        var after = await portal.ReadAttemptAsync(id);
        after.Version.ShouldBe(before.Version);
        after.Code.ShouldBe(before.Code);
        after.History.Count.ShouldBe(before.History.Count);
    }

    [Fact]
    public async Task ReceiveAsync_ReplayAfterTheEnd_PostsNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);
        _ = await portal.Consents.ReceiveAsync(portal.Return(state), Token);
        await portal.Provisioner.ExchangeAsync(id);

        var again = await portal.Consents.ReceiveAsync(portal.Return(state), Token);
        await portal.Provisioner.ExchangeAsync(id);

        again.ShouldBe(new CallbackOutcome.Attempt(id, Again: true));
        _ = portal.Platform.Created.ShouldHaveSingleItem();
    }
}
