using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Jobs;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Settings;
using AdminPortal.Features.Attempts;
using AdminPortal.Features.Instances;
using AdminPortal.Features.Jobs;
using AdminPortal.Features.Keys;
using AdminPortal.Features.Reveals;
using AdminPortal.Features.Sync;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Provisioning.Keys;
using AdminPortal.Provisioning.Reveals;
using AdminPortal.Provisioning.Sync;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Ui;

/// <summary>Pages that lie open go on looking when the database is in trouble for a while, and say so meanwhile.</summary>
public sealed class LivePageTests : PortalTest
{
    private const string Notice = "This page cannot be brought up to date at the moment";

    private static readonly Actor AdaActor = new(Ada, "ada@example.com") { Role = Role.Administrator, SessionId = AdasSession };

    private readonly TroubledConnections _troubled = new();

    public LivePageTests() => _troubled.Register(Services);

    [Fact]
    public async Task AttemptPage_DatabaseOutOfReachForAWhile_SaysSoCountsOnAndFollowsAgain()
    {
        var (id, _) = await AddAwaitingAsync();
        var page = Render<AttemptPage>(p => p.Add(c => c.AttemptId, id));

        await LoseAsync(page);
        page.Words().ShouldContain("The database cannot be opened. What stands here may have changed since. The page looks again every few seconds");
        page.Words().ShouldContain("the person who runs the portal should look at the data directory");
        page.Role("status").ShouldContain(text => text.Contains(Notice, StringComparison.Ordinal));
        page.Heading().ShouldBe("Waiting for consent");
        await PassTimeUntilAsync(page, () => page.Words().Contains("good for another 14 minutes", StringComparison.Ordinal));

        await FindAsync(page);
        await SetAttemptAsync(id, AttemptState.Failed, new AttemptEnding(EndingReason.Refused, 400, "No."));
        await PassTimeUntilAsync(page, () => page.Heading() == "The platform refused");
    }

    [Fact]
    public async Task AttemptPage_ToldOfAChangeThatCannotBeRead_SaysSoAndReadsItLater()
    {
        var (id, returnAsync) = await AddAwaitingAsync();
        var page = Render<AttemptPage>(p => p.Add(c => c.AttemptId, id));

        // The callback is written, and the look that it asks the page for finds no database any more.
        _troubled.OutOfReachFrom = 2;
        await returnAsync(null, "access_denied");

        page.WaitForAssertion(() => page.Words().ShouldContain(Notice));
        page.Heading().ShouldBe("Waiting for consent");
        _troubled.OutOfReachFrom = null;
        await FindAsync(page);
        page.Heading().ShouldBe("Access was not granted");
    }

    [Fact]
    public async Task AttemptPage_EndedAndTold_LooksUntilItCanRead()
    {
        var id = await AddAttemptAsync(AttemptState.Denied, new AttemptEnding(EndingReason.AccessDenied));
        var page = Render<AttemptPage>(p => p.Add(c => c.AttemptId, id));
        _troubled.IsOutOfReach = true;

        typeof(ChangeFeed).GetMethod("Publish", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!.Invoke(Get<ChangeFeed>(), [ChangeTopic.Attempts, id]);

        page.WaitForAssertion(() => page.Words().ShouldContain(Notice));
        await FindAsync(page);
    }

    [Fact]
    public async Task JobPage_EndedAndAskedForOtherRows_LooksUntilItCanRead()
    {
        const string trouble = "The portal could not read its database just now.";
        var instance = await AddInstanceAsync();
        var job = (await Get<BulkJobService>().StartAsync(InstanceSelection.Of([instance]), JobKind.Validate, [], AdaActor, Token)).Value;
        (await Get<BulkJobService>().CancelAsync(job, AdaActor, Token)).Succeeded.ShouldBeTrue();
        GoTo(JobAddress.Of(job));
        var page = Render<JobPage>(parameters => parameters.Add(one => one.JobId, job));
        _troubled.IsOutOfReach = true;

        page.Enter("Show", nameof(JobItemState.Failed));

        page.WaitForAssertion(() => page.Words().ShouldContain(trouble));
        _troubled.IsOutOfReach = false;
        await PassTimeUntilAsync(page, () => !page.Words().Contains(trouble, StringComparison.Ordinal));
    }

    [Fact]
    public async Task SyncPage_DatabaseOutOfReachForAWhile_SaysSoAndFollowsAgain()
    {
        var account = await AddAccountAsync();
        var run = (await Get<SyncService>().StartAsync(account, false, AdaActor, Token)).Value;
        var page = Render<SyncPage>(parameters => parameters.Add(one => one.Id, account));
        page.WaitForAssertion(() => page.Role("status").ShouldContain("Asking for the first page"));

        await LoseAsync(page);
        await FindAsync(page);
        await using (var db = OpenDatabase())
            _ = await db.SyncRuns.Where(row => row.Id == run).ExecuteUpdateAsync(set => set.SetProperty(row => row.Pages, 2).SetProperty(row => row.Seen, 400), Token);

        await PassTimeUntilAsync(page, () => page.Role("status").Contains("2 pages read, 400 instances"));
    }

    [Fact]
    public async Task KeysPage_DatabaseOutOfReachForAWhile_SaysSoAndFollowsAgain()
    {
        await ConfirmAdaAsync();
        await AddAccountAsync();
        (await Get<KeyService>().RotateAsync(AdaActor, Token)).Succeeded.ShouldBeTrue();
        var page = Render<KeysPage>();
        page.WaitForAssertion(() => page.Words().ShouldContain("The key is being rotated"));

        await LoseAsync(page);
        await FindAsync(page);
        await using (var db = OpenDatabase())
        {
            var now = Clock.GetUtcNow();
            _ = await db.KeyRotations.ExecuteUpdateAsync(set => set.SetProperty(row => row.State, RotationState.Done).SetProperty(row => row.EndedAt, now), Token);
        }

        await PassTimeUntilAsync(page, () => !page.Words().Contains("The key is being rotated", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reveals_DatabaseOutOfReachForAWhile_SayItAndLookAgain()
    {
        Services.Configure<PortalOptions>(options => options.Reveal.NeedsSecondPerson = true);
        await ConfirmAdaAsync();
        var instance = await AddInstanceAsync();
        var page = Render<RevealsPage>();
        await LoseAsync(page);
        await FindAsync(page);

        (await Get<RevealService>().AskAsync(instance, "A reason that is long enough.", AdaActor, Token)).Succeeded.ShouldBeTrue();
        await PassTimeUntilAsync(page, () => page.Words().Contains("Your own: somebody else decides", StringComparison.Ordinal));

        var card = Render<TokenCard>(c => c.Add(p => p.InstanceId, instance));
        card.WaitForAssertion(() => card.Words().ShouldContain("Somebody else has to approve your request."));
        await LoseAsync(card);
        await FindAsync(card);
        card.Words().ShouldContain("Somebody else has to approve your request.");
    }

    [Fact]
    public void LiveComponent_Bug_IsShownWhereBugsAre()
    {
        var boundary = Render<Microsoft.AspNetCore.Components.Web.ErrorBoundary>(parameters => parameters
            .Add(b => b.ChildContent, builder =>
            {
                builder.OpenComponent<Buggy>(0);
                builder.CloseComponent();
            })
            .Add(b => b.ErrorContent, exception => builder => builder.AddContent(0, exception.Message)));

        boundary.FindComponent<Buggy>().Instance.Look();

        boundary.WaitForAssertion(() => boundary.Words().ShouldBe("a bug"));
    }

    [Fact]
    public async Task LiveComponent_Told_LooksAtTheNextSecondAndOnceForManyChanges()
    {
        var page = Render<Counting>();
        for (var change = 0; change < 5; change++) page.Instance.Changed();
        page.Instance.Looks.ShouldBe(0);

        Clock.Advance(TimeSpan.FromSeconds(1));

        page.WaitForAssertion(() => page.Instance.Looks.ShouldBe(1));
        Clock.Advance(TimeSpan.FromSeconds(1));
        await page.InvokeAsync(() => { });
        page.Instance.Looks.ShouldBe(1);
    }

    [Fact]
    public void LiveComponent_ToldWhereItLooksAtOnce_DoesNotWait()
    {
        var page = Render<Counting>(parameters => parameters.Add(one => one.AtOnce, true));

        page.Instance.Changed();

        page.WaitForAssertion(() => page.Instance.Looks.ShouldBe(1));
    }

    [Fact]
    public void LiveComponent_NotTold_LooksAtItsIntervalAsLongAsItExpectsAChange()
    {
        var page = Render<Counting>();

        Clock.Advance(TimeSpan.FromSeconds(4));
        page.WaitForAssertion(() => page.Instance.Looks.ShouldBe(1));
        page.Instance.Ended = true;
        Clock.Advance(TimeSpan.FromSeconds(8));
        page.Instance.Changed();
        Clock.Advance(TimeSpan.FromSeconds(1));

        page.WaitForAssertion(() => page.Instance.Looks.ShouldBe(2));
    }

    [Fact]
    public async Task LiveComponent_Left_IsToldOfNothingAndLooksNoMore()
    {
        var page = Render<Counting>(parameters => parameters.Add(one => one.AtOnce, true)).Instance;

        await DisposeComponentsAsync();
        page.Changed();
        Clock.Advance(TimeSpan.FromSeconds(8));

        page.IsSubscribed.ShouldBeFalse();
        page.Looks.ShouldBe(0);
    }

    private async Task LoseAsync(IRenderedComponent<IComponent> page)
    {
        _troubled.IsOutOfReach = true;
        await PassTimeUntilAsync(page, () => page.Markup.Contains(Notice, StringComparison.Ordinal));
    }

    private async Task FindAsync(IRenderedComponent<IComponent> page)
    {
        _troubled.IsOutOfReach = false;
        await PassTimeUntilAsync(page, () => !page.Markup.Contains(Notice, StringComparison.Ordinal));
    }

    private sealed class Buggy : LiveComponent
    {
        public void Look() => _ = LookAgainAsync(() => throw new InvalidOperationException("a bug"));
    }

    private sealed class Counting : LiveComponent, IDisposable
    {
        private Action _changed = () => { };

        [Parameter]
        public bool AtOnce { get; set; }

        public int Looks { get; private set; }

        public bool Ended { get; set; }

        public bool IsSubscribed { get; private set; }

        // Also after the component was left, as a change that is on its way.
        public void Changed() => _changed();

        public void Dispose() => IsSubscribed = false;

        protected override void OnInitialized() => Follow(new LiveSource(LookAsync)
        {
            Subscribe = changed =>
            {
                (_changed, IsSubscribed) = (changed, true);
                return this;
            },
            Interval = TimeSpan.FromSeconds(4),
            ExpectsChange = () => !Ended,
            LooksAtOnce = AtOnce,
        });

        private Task LookAsync()
        {
            Looks++;
            return Task.CompletedTask;
        }
    }
}
