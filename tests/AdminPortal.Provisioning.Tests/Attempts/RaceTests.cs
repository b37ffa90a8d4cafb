using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using static AdminPortal.Provisioning.Tests.Support.Reauthentications;

namespace AdminPortal.Provisioning.Tests.Attempts;

public sealed partial class RaceTests
{
    private const int Many = 50;

    [Fact]
    public async Task ReceiveAsync_ManyEqualCallbacksAtOnce_OneCodeAndOnePost()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);

        var outcomes = await AtOnceAsync(_ => portal.Consents.ReceiveAsync(portal.Return(state), Token));
        await AtOnceAsync(async _ =>
        {
            await portal.Provisioner.ExchangeAsync(id);
            return 0;
        });

        outcomes.Count(outcome => outcome == new CallbackOutcome.Attempt(id, Again: false)).ShouldBe(1);
        outcomes.Count(outcome => outcome == new CallbackOutcome.Attempt(id, Again: true)).ShouldBe(Many - 1);
        _ = portal.Platform.Created.ShouldHaveSingleItem();
        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Active);
        attempt.History.Count(line => line.Event == AttemptEvent.CodeReturned).ShouldBe(1);
        attempt.History.Count(line => line.Event == AttemptEvent.Claimed).ShouldBe(1);
    }

    [Fact]
    public async Task ReceiveAsync_CodeAndDenialAtOnce_OneOfThemCounts()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);

        var outcomes = await AtOnceAsync(i => portal.Consents.ReceiveAsync(
            i % 2 == 0 ? portal.Return(state) : portal.Return(state, null) with { Error = "access_denied" }, Token));

        outcomes.Count(outcome => outcome is CallbackOutcome.Attempt { Again: false }).ShouldBe(1);
        var attempt = await portal.ReadAttemptAsync(id);
        attempt.History.Count(line => line.Event is AttemptEvent.CodeReturned or AttemptEvent.ErrorReturned).ShouldBe(1);
        (attempt.Code is not null).ShouldBe(attempt.State == AttemptState.CodeReceived);
    }

    [Fact]
    public async Task ExchangeAsync_TwoProcessesAtOnce_OnePost()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        for (var round = 0; round < 10; round++)
        {
            portal.Platform.Created.Clear();
            var id = await portal.AddReceivedAsync();

            await Task.WhenAll(Task.Run(() => portal.Provisioner.ExchangeAsync(id), Token), Task.Run(() => other.Provisioner.ExchangeAsync(id), Token));

            _ = portal.Platform.Created.ShouldHaveSingleItem();
            var attempt = await portal.ReadAttemptAsync(id);
            attempt.State.ShouldBe(AttemptState.Active);
            attempt.Tries.ShouldBe(1);
            await using var db = portal.OpenDatabase();
            (await db.Instances.CountAsync(row => row.AttemptId == id, Token)).ShouldBe(1);
        }
    }

    [Fact]
    public async Task SearchAsync_TwoProcessesAtOnce_AdoptOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        for (var round = 0; round < 10; round++)
        {
            var id = await portal.AddAmbiguousAsync();
            var tag = (await portal.ReadAttemptAsync(id)).PortalTag;
            var platformId = 500 + round;
            // Both are let go only when both have asked, so that both find it.
            using var both = new Barrier(2);
            portal.Platform.OnList = (_, _) =>
            {
                both.SignalAndWait(Token);
                return new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage([FakePlatform.Instance(platformId, tags: [tag])], null), null);
            };

            await Task.WhenAll(Task.Run(() => portal.Provisioner.SearchAsync(id, Token), Token), Task.Run(() => other.Provisioner.SearchAsync(id, Token), Token));

            var attempt = await portal.ReadAttemptAsync(id);
            attempt.State.ShouldBe(AttemptState.Active);
            attempt.History.Count(line => line.Event == AttemptEvent.Adopted).ShouldBe(1);
            await using var db = portal.OpenDatabase();
            (await db.Instances.CountAsync(row => row.AttemptId == id, Token)).ShouldBe(1);
        }
    }

    [Fact]
    public async Task ExchangeAsync_Claimed_TheRequestMayBeSentUntilItsAnswerWouldOutlastTheLease()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = async created =>
        {
            var lease = (await portal.ReadAttemptAsync(id)).LeaseUntil;
            portal.Clock.Advance(AttemptLease.SendWithin);
            created.Deadline!.IsPast.ShouldBeFalse();
            (portal.Clock.GetUtcNow() + PlatformTransport.AnswerTimeout).ShouldBeLessThanOrEqualTo(lease!.Value);
            portal.Clock.Advance(TimeSpan.FromTicks(1));
            created.Deadline.IsPast.ShouldBeTrue();
            return new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.Paused);
        };

        await portal.Provisioner.ExchangeAsync(id);

        // The lease still holds and nothing was sent: the code may be tried again.
        var attempt = await portal.ReadAttemptAsync(id);
        (attempt.State, attempt.Ending!.Message).ShouldBe((AttemptState.CodeReceived, nameof(UnsentReason.Paused)));
    }

    [Fact]
    public async Task ExchangeAsync_APersonAdoptsTheInstanceMeanwhile_EndsWithThatInstance()
    {
        var box = new HookedBox();
        await using var portal = await TestPortal.StartAsync(services =>
        {
            services.AddSingleton<SecretBox>();
            services.Replace(ServiceDescriptor.Singleton<ISecretBox>(provider => box.Around(provider.GetRequiredService<SecretBox>())));
        });
        var id = await portal.AddReceivedAsync();
        var account = (await portal.ReadAttemptAsync(id)).PlatformAccountId;
        var adopted = Guid.NewGuid();
        portal.Platform.OnCreate = sent =>
        {
            // Between the portal's look for the instance in its own list and its save.
            box.BeforeSeal = () =>
            {
                using var db = portal.OpenDatabase();
                db.Instances.Add(new ElementInstance
                {
                    Id = adopted,
                    PlatformAccountId = account,
                    PlatformId = 6,
                    ElementKey = ElementKey.Crm,
                    Name = "Adopted",
                    Tags = [],
                    State = InstanceState.Active,
                    Token = portal.Secrets.Seal(SecretKind.InstanceToken, adopted, "token-of-the-sync"),
                    CreatedAt = portal.Clock.GetUtcNow(),
                    LastCheckedAt = portal.Clock.GetUtcNow(),
                });
                _ = db.SaveChanges();
            };
            return Task.FromResult<PlatformOutcome<PlatformInstance>>(
                new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(6, token: "token-6"), null));
        };

        await portal.Provisioner.ExchangeAsync(id);

        var attempt = await portal.ReadAttemptAsync(id);
        (attempt.State, attempt.InstanceId).ShouldBe((AttemptState.Active, adopted));
        await using var read = portal.OpenDatabase();
        portal.Secrets.Open((await read.Instances.SingleAsync(Token)).TokenOf).ShouldBe("token-6");
    }

    [Fact]
    public async Task ExchangeAsync_BusyAndAnotherWriterMeanwhile_TheCodeIsPutBackAllTheSame()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = async sent =>
        {
            await using var db = portal.OpenDatabase();
            _ = await db.Attempts.ExecuteUpdateAsync(set => set.SetProperty(row => row.Version, row => row.Version + 1), Token);
            return FakePlatform.Refuse<PlatformInstance>(429);
        };

        await portal.Provisioner.ExchangeAsync(id);

        var attempt = await portal.ReadAttemptAsync(id);
        (attempt.State, attempt.Ending!.Reason).ShouldBe((AttemptState.CodeReceived, EndingReason.Busy));
        attempt.Code.ShouldNotBeNull();
    }

    [Fact]
    public async Task ExchangeAsync_AnswerAfterTheTargetWasNotFound_RenewsTheInstance()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        var instance = await portal.ConnectAsync();
        var id = await portal.ReceiveAgainAsync(instance);
        var get = portal.Platform.OnGet;
        portal.Platform.OnReauthenticate = async (platformId, _) =>
        {
            // A gateway answers for the platform while the other process searches.
            portal.Platform.OnGet = _ => FakePlatform.Refuse<PlatformInstance>(404);
            await TakeOverAsync(portal, other, id, concludeAbsence: true);
            (await portal.ReadAttemptAsync(id)).Ending!.Reason.ShouldBe(EndingReason.TargetGone);
            portal.Platform.OnGet = get;
            return new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(platformId, token: "token-7"), null);
        };

        await portal.Provisioner.ExchangeAsync(id);

        var attempt = await portal.ReadAttemptAsync(id);
        (attempt.State, attempt.InstanceId, attempt.Ending).ShouldBe((AttemptState.Active, instance, null));
        attempt.History[^1].Event.ShouldBe(AttemptEvent.AnsweredLate);
        portal.Secrets.Open((await portal.ReadInstanceAsync(instance)).TokenOf).ShouldBe("token-7");
    }

    [Fact]
    public async Task AuthorizeAsync_DiscardedMeanwhile_IsSaidAndNothingIsThrown()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        portal.Platform.OnOAuthUrl = request =>
        {
            portal.Drafts.DiscardAsync(id, Token).GetAwaiter().GetResult().Succeeded.ShouldBeTrue();
            return new PlatformOutcome<string>.Success(FakePlatform.GoodUrl(request), null);
        };

        var lines = await portal.Consents.AuthorizeAsync(id, Token);

        lines.ShouldHaveSingleItem().Level.ShouldBe(CheckLevel.Failed);
        await using var db = portal.OpenDatabase();
        (await db.Attempts.CountAsync(Token)).ShouldBe(0);
        (await db.AttemptHistory.CountAsync(Token)).ShouldBe(0);
    }

    /// <summary>The portal's box, which does something once before it seals an instance's token.</summary>
    private sealed class HookedBox : ISecretBox
    {
        private ISecretBox _box = new PlainSecretBox();

        public Action? BeforeSeal { get; set; }

        public HookedBox Around(ISecretBox box)
        {
            _box = box;
            return this;
        }

        public Sealed Seal(SecretKind kind, Guid row, SecretOrigin destination, string value)
        {
            if (kind == SecretKind.InstanceToken && BeforeSeal is { } hook)
            {
                BeforeSeal = null;
                hook();
            }

            return _box.Seal(kind, row, destination, value);
        }

        public string Open(Secret secret, SecretOrigin destination) => _box.Open(secret, destination);
    }

    private static async Task<T[]> AtOnceAsync<T>(Func<int, Task<T>> work)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var tasks = Enumerable.Range(0, Many).Select(i => Task.Run(async () =>
        {
            await gate.Task;
            return await work(i);
        }, Token)).ToArray();
        gate.SetResult();
        return await Task.WhenAll(tasks);
    }
}
