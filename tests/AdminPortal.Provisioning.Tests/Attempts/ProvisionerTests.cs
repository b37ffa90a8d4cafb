using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Attempts;

public sealed partial class ProvisionerTests
{
    [Fact]
    public async Task ExchangeAsync_Success_StoresTheInstanceAndErasesTheCode()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();

        await portal.Provisioner.ExchangeAsync(id);

        var sent = portal.Platform.Created.ShouldHaveSingleItem();
        sent.Name.ShouldBe("API instance");
        sent.Tags.ShouldBe(["docs", $"portal:{id}"]);
        sent.CallbackUrl.ShouldBe(TestPortal.CallbackUrl);
        portal.Secrets.Open(sent.Code).ShouldBe(TestPortal.Code);
        sent.Configuration[ElementCatalog.ServerKey].ShouldBe(TestPortal.Server);
        portal.Secrets.Open(sent.SecretConfiguration[ElementCatalog.EncryptedKeyKey]).ShouldBe(TestPortal.EncryptedKey);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Active);
        attempt.Code.ShouldBeNull();
        attempt.SealedConfiguration.ShouldBeEmpty();
        attempt.History.Select(line => line.Event).ShouldContain(AttemptEvent.Answered);

        await using var db = portal.OpenDatabase();
        var instance = await db.Instances.SingleAsync(Token);
        instance.Id.ShouldBe(attempt.InstanceId!.Value);
        instance.PlatformId.ShouldBe(attempt.PlatformInstanceId!.Value);
        instance.Tags.ShouldBe(["docs"]);
        instance.PortalTag.ShouldBe($"portal:{id}");
        instance.AccountServer.ShouldBe(TestPortal.Server);
        instance.ElementKey.ShouldBe(ElementKey.Crm);
        instance.State.ShouldBe(InstanceState.Active);
        instance.AttemptId.ShouldBe(id);
        instance.Token.Ciphertext.ShouldNotContain("element-token");
        portal.Secrets.Open(instance.TokenOf).ShouldBe("element-token");
    }

    [Fact]
    public async Task ExchangeAsync_WhileThePlatformIsAsked_TheClaimIsAlreadyInTheDatabase()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        ProvisioningAttempt? seen = null;
        portal.Platform.OnCreate = async created =>
        {
            seen = await portal.ReadAttemptAsync(id);
            return new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(1), null);
        };

        await portal.Provisioner.ExchangeAsync(id);

        seen!.State.ShouldBe(AttemptState.Provisioning);
        seen.SentAt.ShouldBe(portal.Clock.GetUtcNow());
        seen.LeaseUntil.ShouldBe(portal.Clock.GetUtcNow() + AttemptLease.Length);
        seen.ClaimedBy.ShouldNotBeNull();
    }

    [Fact]
    public async Task ExchangeAsync_RestElement_TakesTheServerFromTheConsent()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync(ElementKey.Rest);

        await portal.Provisioner.ExchangeAsync(id);

        portal.Platform.Created.Single().Configuration.ShouldBeEmpty();
        await using var db = portal.OpenDatabase();
        (await db.Instances.SingleAsync(Token)).AccountServer.ShouldBe(TestPortal.Server);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(422)]
    public async Task ExchangeAsync_Refused_FailsAndIsNotTriedAgain(int status)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = _ => Task.FromResult<PlatformOutcome<PlatformInstance>>(
            new PlatformOutcome<PlatformInstance>.Refused(status, "You must provide an OAuth code", "Authorization code is invalid", "request-9", null));

        await portal.Provisioner.ExchangeAsync(id);
        portal.Clock.Advance(TimeSpan.FromHours(1));
        await DrainAsync(portal);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Failed);
        attempt.Ending.ShouldBe(new AttemptEnding(EndingReason.Refused, status, "You must provide an OAuth code", "Authorization code is invalid", "request-9"));
        attempt.Code.ShouldBeNull();
        attempt.SealedConfiguration.ShouldNotBeEmpty();
        _ = portal.Platform.Created.ShouldHaveSingleItem();
    }

    public static TheoryData<string> TurnedAway() => ["429", "429 with Retry-After", "not connected", "no name", "no connection in time", "no TLS"];

    [Theory]
    [MemberData(nameof(TurnedAway))]
    public async Task ExchangeAsync_TurnedAwayOrUnsent_IsPutBackAndSucceedsLater(string how)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        var answer = portal.Platform.OnCreate;
        portal.Platform.OnCreate = _ => Task.FromResult(TurnAway(how));

        await portal.Provisioner.ExchangeAsync(id);

        var waiting = await portal.ReadAttemptAsync(id);
        waiting.State.ShouldBe(AttemptState.CodeReceived);
        waiting.Code.ShouldNotBeNull();
        waiting.Tries.ShouldBe(1);
        var wait = waiting.NextAt!.Value - portal.Clock.GetUtcNow();
        wait.ShouldBe(how == "429 with Retry-After" ? TimeSpan.FromSeconds(17) : TimeSpan.FromSeconds(2));
        (await portal.Provisioner.FindDueAsync(Token)).ShouldBeEmpty();

        portal.Platform.OnCreate = answer;
        portal.Clock.Advance(wait);
        (await portal.Provisioner.FindDueAsync(Token)).ShouldBe([(id, AttemptState.CodeReceived)]);
        await DrainAsync(portal);

        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Active);
        portal.Platform.Created.Count.ShouldBe(2);
    }

    [Theory]
    [MemberData(nameof(TurnedAway))]
    public async Task ExchangeAsync_TurnedAwayUntilTheCodeIsTooOld_Fails(string how)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = _ => Task.FromResult(TurnAway(how));

        var attempt = await portal.ReadAttemptAsync(id);
        while (attempt.State == AttemptState.CodeReceived && portal.Platform.Created.Count < 100)
        {
            if (attempt.NextAt is { } next) portal.Clock.Advance(next - portal.Clock.GetUtcNow());
            await DrainAsync(portal);
            attempt = await portal.ReadAttemptAsync(id);
        }

        attempt.State.ShouldBe(AttemptState.Failed);
        attempt.Ending!.Reason.ShouldBe(how.StartsWith("429", StringComparison.Ordinal) ? EndingReason.Busy : EndingReason.Unreachable);
        attempt.Code.ShouldBeNull();
        attempt.CompletedAt!.Value.ShouldBeLessThan(attempt.CodeReceivedAt!.Value + TimeSpan.FromMinutes(4));
        attempt.Tries.ShouldBeGreaterThan(2);
        attempt.Tries.ShouldBe(portal.Platform.Created.Count);
    }

    [Fact]
    public async Task ExchangeAsync_RetryAfterBeyondTheCode_FailsAtOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = _ => Task.FromResult(FakePlatform.Refuse<PlatformInstance>(429, "busy", TimeSpan.FromMinutes(4)));

        await portal.Provisioner.ExchangeAsync(id);

        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Failed);
    }

    [Fact]
    public async Task ExchangeAsync_SecretDoesNotOpen_FailsWithoutWaiting()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = _ => Task.FromResult<PlatformOutcome<PlatformInstance>>(new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.SecretUnreadable));

        await portal.Provisioner.ExchangeAsync(id);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Failed);
        attempt.Ending!.Reason.ShouldBe(EndingReason.SecretUnreadable);
    }

    [Theory]
    [InlineData("app")]
    [InlineData("account")]
    public async Task ExchangeAsync_SettingsGone_FailsAndSendsNothing(string what)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        await using (var db = portal.OpenDatabase())
        {
            _ = what == "app" ? await db.ProviderApps.ExecuteDeleteAsync(Token) : await db.Accounts.ExecuteDeleteAsync(Token);
        }

        await portal.Provisioner.ExchangeAsync(id);

        (await portal.ReadAttemptAsync(id)).Ending!.Reason.ShouldBe(EndingReason.SettingsGone);
        portal.Platform.Created.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(UnclearReason.TimedOut)]
    [InlineData(UnclearReason.ConnectionLost)]
    [InlineData(UnclearReason.ServerError)]
    [InlineData(UnclearReason.Unreadable)]
    [InlineData(UnclearReason.UnexpectedStatus)]
    public async Task ExchangeAsync_NoClearAnswer_IsNeverSentAgainAndAdoptedFromTheSecondPage(UnclearReason reason)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = _ => Task.FromResult<PlatformOutcome<PlatformInstance>>(new PlatformOutcome<PlatformInstance>.Unknown(reason, 502, "bad gateway", "request-5"));
        await portal.Provisioner.ExchangeAsync(id);
        var ambiguous = await portal.ReadAttemptAsync(id);
        ambiguous.State.ShouldBe(AttemptState.Ambiguous);
        ambiguous.Code.ShouldBeNull();
        ambiguous.Ending.ShouldBe(new AttemptEnding(EndingReason.NoClearAnswer, 502, "bad gateway", null, "request-5"));
        var tag = ambiguous.PortalTag;
        portal.Platform.OnList = (_, page) => new PlatformOutcome<PlatformInstancePage>.Success(
            page is null
                ? new PlatformInstancePage([FakePlatform.Instance(1, tags: ["portal:other"]), FakePlatform.Instance(2, tags: null)], "page-2")
                : new PlatformInstancePage([FakePlatform.Instance(3, "Found", ["docs", tag], "found-token")], null),
            "list-1");

        await DrainAsync(portal);

        portal.Platform.Listed.ShouldBe([(tag, null), (tag, "page-2")]);
        _ = portal.Platform.Created.ShouldHaveSingleItem();
        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Active);
        attempt.PlatformInstanceId.ShouldBe(3);
        attempt.History.Select(line => line.Event).ShouldContain(AttemptEvent.Adopted);
        await using var db = portal.OpenDatabase();
        var instance = await db.Instances.SingleAsync(Token);
        instance.Name.ShouldBe("Found");
        instance.Tags.ShouldBe(["docs"]);
        portal.Secrets.Open(instance.TokenOf).ShouldBe("found-token");
    }

    [Theory]
    [InlineData(true, null, InstanceState.Disabled)]
    [InlineData(false, false, InstanceState.NeedsAttention)]
    [InlineData(null, null, InstanceState.Active)]
    public async Task ExchangeAsync_WhatThePlatformSaysOfItsHealth_IsStored(bool? disabled, bool? valid, InstanceState expected)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = _ => Task.FromResult<PlatformOutcome<PlatformInstance>>(
            new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(9) with { IsDisabled = disabled, IsValid = valid }, null));

        await portal.Provisioner.ExchangeAsync(id);

        await using var db = portal.OpenDatabase();
        (await db.Instances.SingleAsync(Token)).State.ShouldBe(expected);
    }

    [Fact]
    public async Task ExchangeAsync_AnswerWithoutNameAndTags_KeepsWhatWasAsked()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync(name: "Älpha");
        portal.Platform.OnCreate = _ => Task.FromResult<PlatformOutcome<PlatformInstance>>(
            new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(9, name: null, tags: null), null));

        await portal.Provisioner.ExchangeAsync(id);

        await using var db = portal.OpenDatabase();
        var instance = await db.Instances.SingleAsync(Token);
        instance.Name.ShouldBe("Älpha");
        instance.NameKey.ShouldBe("alpha");
        instance.Tags.ShouldBe(["docs"]);
    }

    [Fact]
    public async Task ExchangeAsync_InstanceIsAlreadyKnown_ItsTokenIsRenewed()
    {
        await using var portal = await TestPortal.StartAsync();
        var first = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = _ => Task.FromResult<PlatformOutcome<PlatformInstance>>(new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(9, token: "one"), null));
        await portal.Provisioner.ExchangeAsync(first);
        var second = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = _ => Task.FromResult<PlatformOutcome<PlatformInstance>>(new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(9, token: "two"), null));

        await portal.Provisioner.ExchangeAsync(second);

        await using var db = portal.OpenDatabase();
        portal.Secrets.Open((await db.Instances.SingleAsync(Token)).TokenOf).ShouldBe("two");
        (await portal.ReadAttemptAsync(second)).State.ShouldBe(AttemptState.Active);
    }

    private static async Task DrainAsync(TestPortal portal)
    {
        foreach (var (id, state) in await portal.Provisioner.FindDueAsync(Token)) await portal.Provisioner.WorkAsync(id, state, Token);
    }

    private static PlatformOutcome<PlatformInstance> TurnAway(string how) => how switch
    {
        "429" => FakePlatform.Refuse<PlatformInstance>(429, "busy"),
        "429 with Retry-After" => FakePlatform.Refuse<PlatformInstance>(429, "busy", TimeSpan.FromSeconds(17)),
        "not connected" => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NotConnected),
        "no name" => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NameNotFound),
        "no connection in time" => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.ConnectTimeout),
        _ => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.Tls),
    };
}
