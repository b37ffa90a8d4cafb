using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using static AdminPortal.Provisioning.Tests.Support.Reauthentications;

namespace AdminPortal.Provisioning.Tests.Attempts;

/// <summary>The provisioner with an attempt that has a target.</summary>
public sealed partial class ReauthenticationTests
{
    [Fact]
    public async Task ExchangeAsync_Success_RenewsTheInstanceUnderItsId()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        var before = await portal.ReadInstanceAsync(instanceId);
        await portal.ChangeInstanceAsync(instanceId, row =>
        {
            row.State = InstanceState.NeedsAttention;
            row.Attention = AttentionReason.TokenRefused;
            row.AttentionMessage = "Invalid Refresh Token";
        });
        var other = await portal.AddAppAsync("Other");
        portal.Platform.OnGet = id => Tell(id, Configuration());
        var attemptId = (await portal.Get<ReauthenticationService>().StartAsync(instanceId, Ada, Token)).Value;
        (await portal.Drafts.SaveProviderAsync(attemptId, new ProviderChoice { ProviderAppId = other }, Token)).Succeeded.ShouldBeTrue();
        var state = await portal.SendAwayAsync(attemptId);
        _ = await portal.Consents.ReceiveAsync(portal.Return(state), Token);
        portal.Clock.Advance(TimeSpan.FromMinutes(1));
        var now = portal.Clock.GetUtcNow();
        portal.Platform.OnReauthenticate = (id, _) => Task.FromResult(Tell(id, Configuration(now), token: "renewed-token"));

        await portal.Provisioner.ExchangeAsync(attemptId);

        portal.Platform.Created.Count.ShouldBe(1);
        portal.Platform.Reauthenticated.ShouldHaveSingleItem().Id.ShouldBe(before.PlatformId);
        var attempt = await portal.ReadAttemptAsync(attemptId);
        attempt.State.ShouldBe(AttemptState.Active);
        attempt.InstanceId.ShouldBe(instanceId);
        attempt.PlatformInstanceId.ShouldBe(before.PlatformId);
        attempt.Code.ShouldBeNull();
        await using var db = portal.OpenDatabase();
        var instance = await db.Instances.SingleAsync(Token);
        instance.Id.ShouldBe(instanceId);
        instance.Name.ShouldBe(before.Name);
        instance.Tags.ShouldBe(before.Tags);
        instance.PortalTag.ShouldBe(before.PortalTag);
        instance.AttemptId.ShouldBe(before.AttemptId);
        instance.CreatedAt.ShouldBe(before.CreatedAt);
        portal.Secrets.Open(instance.TokenOf).ShouldBe("renewed-token");
        instance.State.ShouldBe(InstanceState.Active);
        instance.Attention.ShouldBeNull();
        instance.AttentionMessage.ShouldBeNull();
        instance.RefreshedAt.ShouldBe(now);
        instance.RefreshIntervalSeconds.ShouldBe(28_800);
        instance.ProviderAppId.ShouldBe(other);
        instance.LastCheckedAt.ShouldBe(now);
        var line = (await portal.ListActivityAsync(ActivityAction.Reauthenticated)).ShouldHaveSingleItem();
        line.Succeeded.ShouldBeTrue();
        line.InstanceId.ShouldBe(instanceId);
        line.PersonId.ShouldBe(Ada.PersonId);
    }

    [Fact]
    public async Task ExchangeAsync_WhatIsSent_HoldsNoMaskAndNoTokenOfTheUser()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        portal.Platform.OnGet = id => Tell(id, Configuration(), tags: ["docs", "portal:1"]);
        var attemptId = await portal.ReceiveAgainAsync(instanceId);

        await portal.Provisioner.ExchangeAsync(attemptId);

        var sent = portal.Platform.Reauthenticated.ShouldHaveSingleItem().Sent;
        sent.Configuration.ShouldBe(
            new Dictionary<string, string>
            {
                [ElementCatalog.ServerKey] = TestPortal.Server, ["event.notification.enabled"] = "false", ["filter.response.nulls"] = "true",
            },
            ignoreOrder: true);
        sent.SecretConfiguration.ShouldBeEmpty();
        sent.ElementKey.ShouldBe(ElementKey.Crm);
        sent.Name.ShouldBe("API instance");
        sent.Tags.ShouldBe(["docs", "portal:1"]);
        sent.CallbackUrl.ShouldBe(TestPortal.CallbackUrl);
        portal.Secrets.Open(sent.Code).ShouldBe(TestPortal.Code);
    }

    [Fact]
    public async Task ExchangeAsync_AnswerWithoutAToken_IsAskedForItAndKeepsTheOldOneOtherwise()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        portal.Platform.OnReauthenticate = (id, _) => Task.FromResult(Tell(id, Configuration(), token: null));
        portal.Platform.OnGet = id => Tell(id, Configuration(), token: "token-that-get-tells");
        await portal.Provisioner.ExchangeAsync(await portal.ReceiveAgainAsync(instanceId));
        portal.Secrets.Open((await portal.ReadInstanceAsync(instanceId)).TokenOf).ShouldBe("token-that-get-tells");

        var second = await portal.ReceiveAgainAsync(instanceId);
        var asked = 0;
        portal.Platform.OnGet = id => asked++ == 0 ? Tell(id, Configuration()) : new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.TimedOut);
        await portal.Provisioner.ExchangeAsync(second);

        (await portal.ReadAttemptAsync(second)).State.ShouldBe(AttemptState.Active);
        portal.Secrets.Open((await portal.ReadInstanceAsync(instanceId)).TokenOf).ShouldBe("token-that-get-tells");
    }

    [Theory]
    [InlineData(true, InstanceState.Disabled)]
    [InlineData(null, InstanceState.Disabled)]
    [InlineData(false, InstanceState.Active)]
    public async Task ExchangeAsync_DisabledInstance_StaysAsThePlatformHasIt(bool? told, InstanceState expected)
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        await portal.ChangeInstanceAsync(instanceId, row => row.State = InstanceState.Disabled);
        portal.Platform.OnReauthenticate = (id, _) => Task.FromResult(Tell(id, Configuration(), disabled: told));

        await portal.Provisioner.ExchangeAsync(await portal.ReceiveAgainAsync(instanceId));

        (await portal.ReadInstanceAsync(instanceId)).State.ShouldBe(expected);
    }

    [Fact]
    public async Task ExchangeAsync_ConsentForAnotherAccount_IsWrittenDown()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync(ElementKey.Rest);
        await portal.ChangeInstanceAsync(instanceId, row => row.AccountServer = "ab999.infusionsoft.com");

        var attemptId = await portal.ReceiveAgainAsync(instanceId);
        (await portal.ReadAttemptAsync(attemptId)).State.ShouldBe(AttemptState.AwaitingDecision);
        await portal.Provisioner.ExchangeAsync(attemptId);
        portal.Platform.Reauthenticated.ShouldBeEmpty();
        (await portal.Consents.DecideAsync(attemptId, accept: true, Token)).ShouldBeTrue();
        await portal.Provisioner.ExchangeAsync(attemptId);

        (await portal.ReadInstanceAsync(instanceId)).AccountServer.ShouldBe(TestPortal.Server);
        (await portal.ListActivityAsync(ActivityAction.Reauthenticated)).Single().Detail.ShouldBe($"ab999.infusionsoft.com → {TestPortal.Server}");
    }

    [Fact]
    public async Task ExchangeAsync_Refused_FailsAndLeavesTheInstanceAsItWas()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        var attemptId = await portal.ReceiveAgainAsync(instanceId);
        portal.Platform.OnReauthenticate = (_, _) => Task.FromResult<PlatformOutcome<PlatformInstance>>(
            new PlatformOutcome<PlatformInstance>.Refused(400, "Bad Request", "Authorization code is invalid", "request-9", null));

        await portal.Provisioner.ExchangeAsync(attemptId);

        var attempt = await portal.ReadAttemptAsync(attemptId);
        attempt.State.ShouldBe(AttemptState.Failed);
        attempt.Ending.ShouldBe(new AttemptEnding(EndingReason.Refused, 400, "Bad Request", "Authorization code is invalid", "request-9"));
        portal.Secrets.Open((await portal.ReadInstanceAsync(instanceId)).TokenOf).ShouldBe("element-token");
        (await portal.ListActivityAsync(ActivityAction.Reauthenticated)).ShouldHaveSingleItem().Succeeded.ShouldBeFalse();
    }

    public static TheoryData<string> TurnedAway() => ["PUT busy", "PUT unsent", "GET busy", "GET unsent", "GET unclear"];

    [Theory]
    [MemberData(nameof(TurnedAway))]
    public async Task ExchangeAsync_TurnedAwayOrUnsent_IsTriedAgainWithTheSameCode(string how)
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        var attemptId = await portal.ReceiveAgainAsync(instanceId);
        var (get, put) = (portal.Platform.OnGet, portal.Platform.OnReauthenticate);
        PlatformOutcome<PlatformInstance> turned = how.Split(' ')[1] switch
        {
            "busy" => FakePlatform.Refuse<PlatformInstance>(429, "busy"),
            "unsent" => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NotConnected),
            _ => new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.TimedOut),
        };
        if (how.StartsWith("GET", StringComparison.Ordinal)) portal.Platform.OnGet = _ => turned;
        else portal.Platform.OnReauthenticate = (_, _) => Task.FromResult(turned);

        await portal.Provisioner.ExchangeAsync(attemptId);
        var waiting = await portal.ReadAttemptAsync(attemptId);
        waiting.State.ShouldBe(AttemptState.CodeReceived);
        waiting.Code.ShouldNotBeNull();
        portal.Platform.Reauthenticated.Count.ShouldBe(how.StartsWith("PUT", StringComparison.Ordinal) ? 1 : 0);

        (portal.Platform.OnGet, portal.Platform.OnReauthenticate) = (get, put);
        portal.Clock.Advance(TimeSpan.FromSeconds(5));
        await DrainAsync(portal);
        (await portal.ReadAttemptAsync(attemptId)).State.ShouldBe(AttemptState.Active);
    }

    [Theory]
    [InlineData("the platform says so before")]
    [InlineData("the platform says so at the request")]
    [InlineData("the portal has no row")]
    public async Task ExchangeAsync_TargetDeletedMeanwhile_FailsWithThatReason(string how)
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        var attemptId = await portal.ReceiveAgainAsync(instanceId);
        var missing = FakePlatform.Refuse<PlatformInstance>(404, "No instance found");
        if (how.EndsWith("before", StringComparison.Ordinal)) portal.Platform.OnGet = _ => missing;
        else if (how.EndsWith("request", StringComparison.Ordinal)) portal.Platform.OnReauthenticate = (_, _) =>
        {
            portal.Platform.OnGet = _ => missing;
            return Task.FromResult(missing);
        };
        else await DeleteAsync(portal);

        await portal.Provisioner.ExchangeAsync(attemptId);

        var attempt = await portal.ReadAttemptAsync(attemptId);
        attempt.State.ShouldBe(AttemptState.Failed);
        attempt.Ending!.Reason.ShouldBe(EndingReason.TargetGone);
        portal.Platform.Reauthenticated.Count.ShouldBe(how.EndsWith("request", StringComparison.Ordinal) ? 1 : 0);
        if (!how.StartsWith("the portal", StringComparison.Ordinal)) (await portal.ReadInstanceAsync(instanceId)).State.ShouldBe(InstanceState.MissingOnPlatform);
    }

    [Fact]
    public async Task ExchangeAsync_404AndTheInstanceIsThere_IsARefusalAndTheInstanceIsNotMissing()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        var attemptId = await portal.ReceiveAgainAsync(instanceId);
        var before = (await portal.ReadInstanceAsync(instanceId)).State;
        portal.Platform.OnReauthenticate = (_, _) => Task.FromResult(FakePlatform.Refuse<PlatformInstance>(404, "Not Found"));

        await portal.Provisioner.ExchangeAsync(attemptId);

        (await portal.ReadAttemptAsync(attemptId)).Ending!.Reason.ShouldBe(EndingReason.Refused);
        (await portal.ReadInstanceAsync(instanceId)).State.ShouldBe(before);
    }

    [Fact]
    public async Task ExchangeAsync_InstanceIsSavedBySomebodyElseMeanwhile_TheAnswerIsNotLost()
    {
        TestPortal? self = null;
        Guid? instanceId = null;
        // The token is sealed between reading the instance and saving it.
        await using var portal = await TestPortal.StartAsync(services => services.Replace(ServiceDescriptor.Singleton<ISecretBox>(provider =>
            new InterruptedSecretBox(ActivatorUtilities.CreateInstance<SecretBox>(provider), () =>
            {
                if (instanceId is not { } id) return;
                instanceId = null;
                using var db = self!.OpenDatabase();
                db.Instances.Single(row => row.Id == id).Name = "Renamed";
                db.SaveChanges();
            }))));
        self = portal;
        var connected = await portal.ConnectAsync();
        var attemptId = await portal.ReceiveAgainAsync(connected);
        portal.Platform.OnReauthenticate = (id, _) =>
        {
            instanceId = connected;
            return Task.FromResult(Tell(id, Configuration(), token: "renewed-token"));
        };

        await portal.Provisioner.ExchangeAsync(attemptId);

        (await portal.ReadAttemptAsync(attemptId)).State.ShouldBe(AttemptState.Active);
        instanceId.ShouldBeNull();
        var instance = await portal.ReadInstanceAsync(connected);
        instance.Name.ShouldBe("Renamed");
        portal.Secrets.Open(instance.TokenOf).ShouldBe("renewed-token");
        (await portal.ListActivityAsync(ActivityAction.Reauthenticated)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task ReceiveAsync_TwentyDeliveriesAtOnce_OnePut()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        var instanceId = await portal.ConnectAsync();
        var attemptId = (await portal.Get<ReauthenticationService>().StartAsync(instanceId, Ada, Token)).Value;
        var state = await portal.SendAwayAsync(attemptId);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var deliveries = Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
        {
            await gate.Task;
            var one = i % 2 == 0 ? portal : other;
            var outcome = await one.Consents.ReceiveAsync(portal.Return(state), Token);
            await one.Provisioner.ExchangeAsync(attemptId);
            return outcome;
        }, Token)).ToArray();
        gate.SetResult();
        var outcomes = await Task.WhenAll(deliveries);

        outcomes.Count(outcome => outcome == new CallbackOutcome.Attempt(attemptId, Again: false)).ShouldBe(1);
        _ = portal.Platform.Reauthenticated.ShouldHaveSingleItem();
        var attempt = await portal.ReadAttemptAsync(attemptId);
        attempt.State.ShouldBe(AttemptState.Active);
        attempt.History.Count(line => line.Event == AttemptEvent.Claimed).ShouldBe(1);
        (await portal.ListActivityAsync(ActivityAction.Reauthenticated)).Count.ShouldBe(1);
    }

    private static async Task DeleteAsync(TestPortal portal)
    {
        await using var db = portal.OpenDatabase();
        await db.Instances.ExecuteDeleteAsync(Token);
    }

    private static async Task DrainAsync(TestPortal portal)
    {
        foreach (var (id, state) in await portal.Provisioner.FindDueAsync(Token)) await portal.Provisioner.WorkAsync(id, state, Token);
    }

    /// <summary>Lets something happen whenever an instance's token is sealed.</summary>
    private sealed class InterruptedSecretBox(ISecretBox box, Action sealing) : ISecretBox
    {
        public Sealed Seal(SecretKind kind, Guid row, SecretOrigin destination, string value)
        {
            if (kind == SecretKind.InstanceToken) sealing();
            return box.Seal(kind, row, destination, value);
        }

        public string Open(Secret secret, SecretOrigin destination) => box.Open(secret, destination);
    }
}
