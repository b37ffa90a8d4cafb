using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Tests.Support;
using static AdminPortal.Provisioning.Tests.Support.InstanceSeed;

namespace AdminPortal.Provisioning.Tests.Instances;

/// <summary>What a check makes of every answer of the platform.</summary>
public sealed class InstanceCheckerTests
{
    public static TheoryData<string, CheckOutcome, InstanceState, AttentionReason?> Answers() => new()
    {
        { "alive", CheckOutcome.Alive, InstanceState.Active, null },
        { "pong says valid", CheckOutcome.Alive, InstanceState.Active, null },
        // Trap 21: it may list as not valid and still answer; the ping has the last word.
        { "not valid but answering", CheckOutcome.Alive, InstanceState.Active, null },
        { "pong says not valid", CheckOutcome.Refused, InstanceState.NeedsAttention, AttentionReason.NotValid },
        { "401", CheckOutcome.Refused, InstanceState.NeedsAttention, AttentionReason.ElementTokenRefused },
        { "401 of the provider", CheckOutcome.Refused, InstanceState.NeedsAttention, AttentionReason.TokenRefused },
        { "403", CheckOutcome.Refused, InstanceState.NeedsAttention, AttentionReason.Refused },
        { "403 of the provider", CheckOutcome.Refused, InstanceState.NeedsAttention, AttentionReason.TokenRefused },
        { "404", CheckOutcome.Missing, InstanceState.MissingOnPlatform, null },
        { "disabled by a colleague", CheckOutcome.Disabled, InstanceState.Disabled, null },
        { "disabled and not valid", CheckOutcome.Disabled, InstanceState.NeedsAttention, AttentionReason.DisabledByPlatform },
        { "disabled and overdue", CheckOutcome.Disabled, InstanceState.NeedsAttention, AttentionReason.DisabledByPlatform },
        { "disabled and just refreshed", CheckOutcome.Disabled, InstanceState.Disabled, null },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task CheckAsync_Answer_SetsStateReasonAndHistory(string answer, CheckOutcome outcome, InstanceState state, AttentionReason? reason)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        portal.Clock.Advance(TimeSpan.FromHours(1));
        Script(portal, answer);

        var check = (await CheckAsync(portal, id)).Value;

        check.Outcome.ShouldBe(outcome);
        check.Scheduled.ShouldBeFalse();
        var instance = await portal.ReadInstanceAsync(id);
        instance.State.ShouldBe(state);
        instance.Attention.ShouldBe(reason);
        instance.LastCheckedAt.ShouldBe(portal.Clock.GetUtcNow());
        (await HistoryAsync(portal, id)).ShouldHaveSingleItem().Outcome.ShouldBe(outcome);
        var line = (await portal.ReadActivityAsync()).ShouldHaveSingleItem();
        line.Action.ShouldBe(ActivityAction.InstanceChecked);
        line.Succeeded.ShouldBe(outcome == CheckOutcome.Alive);
        line.PersonName.ShouldBe("ada@example.com");
    }

    [Theory]
    [InlineData("unreachable", CheckOutcome.Unreachable)]
    [InlineData("account refused", CheckOutcome.Unclear)]
    [InlineData("server error", CheckOutcome.Unclear)]
    [InlineData("ping timed out", CheckOutcome.Unclear)]
    [InlineData("ping busy", CheckOutcome.Unclear)]
    public async Task CheckAsync_NothingKnown_KeepsTheState(string answer, CheckOutcome outcome)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync(InstanceState.NeedsAttention, change: row =>
        {
            row.Attention = AttentionReason.TokenRefused;
            row.AttentionMessage = "lapsed";
        });
        var before = await portal.ReadInstanceAsync(id);
        portal.Clock.Advance(TimeSpan.FromHours(1));
        Script(portal, answer);

        var check = (await CheckAsync(portal, id)).Value;

        check.Outcome.ShouldBe(outcome);
        _ = check.Message.ShouldNotBeNull();
        var after = await portal.ReadInstanceAsync(id);
        after.State.ShouldBe(InstanceState.NeedsAttention);
        after.Attention.ShouldBe(AttentionReason.TokenRefused);
        after.AttentionMessage.ShouldBe("lapsed");
        after.LastCheckedAt.ShouldBe(before.LastCheckedAt);
        _ = (await HistoryAsync(portal, id)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task CheckAsync_DisabledHere_IsNotLaidToThePlatform()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync(InstanceState.Disabled);
        Script(portal, "disabled and overdue");

        (await CheckAsync(portal, id)).Value.Message.ShouldBeNull();

        (await portal.ReadInstanceAsync(id)).State.ShouldBe(InstanceState.Disabled);
    }

    [Fact]
    public async Task CheckAsync_DisabledByThePlatformTwice_StaysNamed()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        Script(portal, "disabled and not valid");
        _ = await CheckAsync(portal, id);
        Script(portal, "disabled by a colleague");

        var check = (await CheckAsync(portal, id)).Value;

        (await portal.ReadInstanceAsync(id)).Attention.ShouldBe(AttentionReason.DisabledByPlatform);
        check.Message.ShouldNotBeNull().ShouldContain("five refreshes of the token that failed");
    }

    [Fact]
    public async Task CheckAsync_AliveAgain_ForgetsTheReason()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        Script(portal, "401 of the provider");
        _ = await CheckAsync(portal, id);
        (await portal.ReadInstanceAsync(id)).AttentionMessage.ShouldBe("invalid_grant");

        Script(portal, "alive");
        _ = await CheckAsync(portal, id);

        var instance = await portal.ReadInstanceAsync(id);
        instance.State.ShouldBe(InstanceState.Active);
        instance.Attention.ShouldBeNull();
        instance.AttentionMessage.ShouldBeNull();
    }

    [Fact]
    public async Task CheckAsync_TokenChangedOnThePlatform_IsSealedAnewAndPingedWith()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        portal.Platform.OnGet = platformId => Told(FakePlatform.Instance(platformId, token: "newer-token"));

        _ = await CheckAsync(portal, id);

        var instance = await portal.ReadInstanceAsync(id);
        portal.Secrets.Open(instance.TokenOf).ShouldBe("newer-token");
        portal.Secrets.Open(portal.Platform.Pinged.ShouldHaveSingleItem()).ShouldBe("newer-token");
    }

    [Fact]
    public async Task CheckAsync_TokenDoesNotOpen_IsHealedByTheAnswer()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync(change: row => row.Token = new Sealed("damaged"));

        (await CheckAsync(portal, id)).Value.Outcome.ShouldBe(CheckOutcome.Alive);

        portal.Secrets.Open((await portal.ReadInstanceAsync(id)).TokenOf).ShouldBe("element-token");
    }

    [Fact]
    public async Task CheckAsync_TokenIsTheSame_LeavesItAsItIs()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        var before = (await portal.ReadInstanceAsync(id)).Token;
        portal.Platform.OnGet = platformId => Told(FakePlatform.Instance(platformId, token: ElementToken));

        _ = await CheckAsync(portal, id);

        (await portal.ReadInstanceAsync(id)).Token.ShouldBe(before);
    }

    [Fact]
    public async Task CheckAsync_ConfigurationTold_TakesTimesServerAndKey()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync(change: row => row.TraceUntil = portal.Clock.GetUtcNow().AddMinutes(30));
        var refreshed = portal.Clock.GetUtcNow().AddHours(-1);
        portal.Platform.OnGet = platformId => Told(FakePlatform.Instance(platformId) with
        {
            IsTraced = false,
            Configuration = new Dictionary<string, string?>
            {
                ["oauth.user.refresh_time"] = refreshed.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture),
                ["oauth.user.refresh_interval"] = "28800",
                [ElementCatalog.ServerKey] = "https://dt123.infusionsoft.com",
                [ElementCatalog.EncryptedKeyKey] = "********",
            },
        });

        _ = await CheckAsync(portal, id);

        var instance = await portal.ReadInstanceAsync(id);
        instance.RefreshedAt.ShouldBe(refreshed);
        instance.RefreshIntervalSeconds.ShouldBe(28800);
        instance.AccountServer.ShouldBe("dt123.infusionsoft.com");
        instance.HasLegacyKey.ShouldBeTrue();
        instance.TraceUntil.ShouldBeNull();
    }

    [Fact]
    public async Task CheckAsync_ManyChecks_KeepsTheLastThirtyOfEachInstance()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        var other = await portal.SeedInstanceAsync(platformId: 502);
        _ = await CheckAsync(portal, other);

        for (var i = 0; i < InstanceCheck.Kept + 3; i++)
        {
            portal.Clock.Advance(TimeSpan.FromMinutes(1));
            _ = await CheckAsync(portal, id);
        }

        var history = await HistoryAsync(portal, id);
        history.Count.ShouldBe(InstanceCheck.Kept);
        history[^1].At.ShouldBe(portal.Clock.GetUtcNow());
        history[0].At.ShouldBe(portal.Clock.GetUtcNow().AddMinutes(-29));
        _ = (await HistoryAsync(portal, other)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task CheckAsync_ThePortalItself_WritesNoActivity()
    {
        await using var portal = await TestPortal.StartAsync();
        var account = await portal.AddCheckedAccountAsync(60);
        var id = await portal.SeedInstanceAsync(account: account);

        var check = (await portal.Get<InstanceChecker>().CheckAsync(id, Actor.Portal, Token)).Value;

        check.Scheduled.ShouldBeTrue();
        (await portal.ReadActivityAsync()).ShouldBeEmpty();
        var due = (await portal.ReadInstanceAsync(id)).CheckDueAt.ShouldNotBeNull() - portal.Clock.GetUtcNow();
        due.ShouldBeInRange(TimeSpan.FromMinutes(54), TimeSpan.FromMinutes(66));
    }

    [Fact]
    public async Task CheckAsync_ChangedMeanwhile_SaysSoAndStoresNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        portal.Platform.OnPing = () =>
        {
            portal.ChangeInstanceAsync(id, row => row.Name = "Renamed").GetAwaiter().GetResult();
            return new PlatformOutcome<PlatformPong>.Success(new PlatformPong(null), null);
        };

        (await CheckAsync(portal, id)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.Stale);

        (await HistoryAsync(portal, id)).ShouldBeEmpty();
        (await portal.ReadInstanceAsync(id)).Name.ShouldBe("Renamed");
    }

    [Fact]
    public async Task CheckAsync_UnknownInstance_SaysSo()
    {
        await using var portal = await TestPortal.StartAsync();

        (await CheckAsync(portal, Guid.NewGuid())).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
    }

    private static void Script(TestPortal portal, string answer)
    {
        var platform = portal.Platform;
        var now = portal.Clock.GetUtcNow();
        platform.OnGet = id => answer switch
        {
            "404" => FakePlatform.Refuse<PlatformInstance>(404, "No element instance found"),
            "unreachable" => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NotConnected),
            "account refused" => FakePlatform.Refuse<PlatformInstance>(401, "Invalid Organization or User secret, or invalid Element token provided."),
            "server error" => new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.ServerError, 500),
            "not valid but answering" => Told(FakePlatform.Instance(id) with { IsValid = false }),
            "disabled by a colleague" => Told(FakePlatform.Instance(id) with { IsDisabled = true }),
            "disabled and not valid" => Told(FakePlatform.Instance(id) with { IsDisabled = true, IsValid = false }),
            "disabled and overdue" => Told(Refreshed(id, now.AddHours(-17))),
            "disabled and just refreshed" => Told(Refreshed(id, now.AddHours(-1))),
            _ => Told(FakePlatform.Instance(id)),
        };
        platform.OnPing = () => answer switch
        {
            "pong says valid" => Pong(true),
            "pong says not valid" => Pong(false),
            "401" => FakePlatform.Refuse<PlatformPong>(401, "Invalid Organization or User secret, or invalid Element token provided."),
            "401 of the provider" => new PlatformOutcome<PlatformPong>.Refused(401, "Unauthorized", "invalid_grant", "ping-1", null),
            "403" => FakePlatform.Refuse<PlatformPong>(403, "Forbidden"),
            "403 of the provider" => new PlatformOutcome<PlatformPong>.Refused(403, "Forbidden", "Access was revoked", "ping-1", null),
            "ping timed out" => new PlatformOutcome<PlatformPong>.Unknown(UnclearReason.TimedOut),
            "ping busy" => FakePlatform.Refuse<PlatformPong>(429, "Slow down"),
            _ => Pong(null),
        };
    }

    private static PlatformInstance Refreshed(long id, DateTimeOffset at) => FakePlatform.Instance(id) with
    {
        IsDisabled = true,
        Configuration = new Dictionary<string, string?>
        {
            ["oauth.user.refresh_time"] = at.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["oauth.user.refresh_interval"] = "28800",
        },
    };

    private static PlatformOutcome<PlatformInstance> Told(PlatformInstance instance) => new PlatformOutcome<PlatformInstance>.Success(instance, "get-1");

    private static PlatformOutcome<PlatformPong> Pong(bool? valid) => new PlatformOutcome<PlatformPong>.Success(new PlatformPong(valid), "ping-1");

    private static Task<Result<InstanceCheck>> CheckAsync(TestPortal portal, Guid id) => portal.Get<InstanceChecker>().CheckAsync(id, Ada, Token);

    private static Task<IReadOnlyList<InstanceCheck>> HistoryAsync(TestPortal portal, Guid id) => portal.Get<InstanceChecker>().ListAsync(id, Token);
}
