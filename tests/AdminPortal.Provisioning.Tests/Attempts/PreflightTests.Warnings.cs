using AdminPortal.Domain.Attempts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Attempts;

/// <content>Warnings that are accepted or not.</content>
public sealed partial class PreflightTests
{
    [Theory]
    [InlineData("response_type=code&scope=full", CheckLevel.Passed)]
    [InlineData("response_type=token&scope=full", CheckLevel.Warning)]
    [InlineData("response_type=code&scope=contacts", CheckLevel.Warning)]
    [InlineData("response_type=code&response_type=token&scope=full", CheckLevel.Warning)]
    [InlineData("x=y", CheckLevel.Warning)]
    public async Task AuthorizeAsync_WhatTheAddressAsksFor_IsShown(string query, CheckLevel level)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        portal.Platform.OnOAuthUrl = request => new PlatformOutcome<string>.Success(
            FakePlatform.GoodUrl(request).Replace("scope=full&response_type=code", query, StringComparison.Ordinal), null);

        (await portal.Consents.AuthorizeAsync(id, Token)).Single(line => line.Title == "What is asked for").Level.ShouldBe(level);
    }

    [Fact]
    public async Task AuthorizeAsync_Warning_ChangesNothingUntilItIsAcceptedAndIsNotedThen()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var before = await portal.ReadAttemptAsync(id);
        portal.Network.OnLookUp = _ => Task.FromResult(NameAnswer.Unknown);
        // A history has an order only where time passes; what one transaction writes keeps its own.
        portal.Clock.Advance(TimeSpan.FromSeconds(1));

        var asked = await portal.Consents.AuthorizeAsync(id, new PreflightContext { Accepted = ["Check.Callback.NoAnswer"] }, Token);

        asked.MayLeave.ShouldBeFalse();
        asked.Asks.ShouldHaveSingleItem().Key.ShouldBe("Check.ServerName.Unknown");
        (await portal.ReadAttemptAsync(id)).ShouldSatisfyAllConditions(
            attempt => attempt.State.ShouldBe(AttemptState.Draft), attempt => attempt.Version.ShouldBe(before.Version), attempt => attempt.StateHash.ShouldBeNull());

        (await portal.Consents.AuthorizeAsync(id, new PreflightContext { Accepted = ["Check.ServerName.Unknown"] }, Token)).MayLeave.ShouldBeTrue();
        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.AwaitingConsent);
        attempt.StateHash.ShouldBe(OneTimeValue.Hash(portal.Platform.UrlRequests[^1].State));
        var noted = attempt.History.Single(line => line.Event == AttemptEvent.PreflightPassed);
        noted.Detail.ShouldNotBeNull().ShouldStartWith($"accepted: Server name: There is no {TestPortal.Server} on the internet.");
        noted.DurationMilliseconds.ShouldNotBeNull();
        attempt.History.OrderBy(line => line.At).ThenBy(line => line.Id).Select(line => line.Event).SkipWhile(happened => happened != AttemptEvent.PreflightPassed)
            .ShouldBe([AttemptEvent.PreflightPassed, AttemptEvent.OAuthUrlObtained]);
    }

    [Fact]
    public async Task AuthorizeAsync_NoWarning_NotesThatNothingWasAccepted()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();

        (await portal.Consents.AuthorizeAsync(id, new PreflightContext { BrowserAddress = Public }, Token)).MayLeave.ShouldBeTrue();

        (await portal.ReadAttemptAsync(id)).History.Single(line => line.Event == AttemptEvent.PreflightPassed).Detail.ShouldBeNull();
    }

    [Fact]
    public async Task AuthorizeAsync_Failure_CannotBeAccepted()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();

        var authorization = await portal.Consents.AuthorizeAsync(id, PreflightContext.Unattended with { BrowserAddress = "http://elsewhere.example.com" }, Token);

        authorization.MayLeave.ShouldBeFalse();
        authorization.Asks.ShouldBeEmpty();
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Draft);
    }
}
