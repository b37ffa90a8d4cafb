using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Features.Attempts;
using AdminPortal.Features.Instances;
using AdminPortal.Features.Overview;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts.Drafts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Localization;
using Radzen.Blazor;

namespace AdminPortal.Components.Tests.Features.Attempts;

/// <summary>What an attempt's page says where something is to be decided, looked for, looked at or removed, and step by step.</summary>
public sealed partial class AttemptPageDetailTests : PortalTest
{
    private const string Other = "zt119.infusionsoft.com";

    [Fact]
    public async Task NothingCreated_StillSearched_SaysUntilWhenAndWhenNext()
    {
        var id = await AddDraftAsync();
        await SetAttemptAsync(id, AttemptState.Failed, new AttemptEnding(EndingReason.NothingCreated), row =>
        {
            row.Property(attempt => attempt.CompletedAt).CurrentValue = Clock.GetUtcNow();
            row.Property(attempt => attempt.NextAt).CurrentValue = Clock.GetUtcNow().AddMinutes(5);
        });

        var page = RenderPage(id);

        page.Words().ShouldContain("Still searching");
        page.Words().ShouldContain("Searched until:");
        page.FindAll("time").Select(time => time.GetAttribute("datetime")).ShouldContain(
            moment => DateTimeOffset.Parse(moment!, System.Globalization.CultureInfo.InvariantCulture) == Clock.GetUtcNow().AddHours(24));
    }

    [Theory]
    [InlineData(AttemptEvent.FoundLate, "This instance was found late")]
    [InlineData(AttemptEvent.AnsweredLate, "The answer of the platform arrived late")]
    [InlineData(AttemptEvent.Answered, null)]
    public async Task Active_ByALateEvent_SaysSo(AttemptEvent happened, string? words)
    {
        var id = await AddActiveAsync();
        await using (var db = OpenDatabase())
        {
            db.AttemptHistory.Add(new AttemptHistoryEntry { Id = Guid.CreateVersion7(), AttemptId = id, At = Clock.GetUtcNow(), Event = happened, State = AttemptState.Active });
            _ = await db.SaveChangesAsync(Token);
        }

        var page = RenderPage(id);

        if (words is null) page.Words().ShouldNotContain(" late");
        else page.Words().ShouldContain(words);
    }

    [Fact]
    public async Task Search_UnderWay_ShowsHowFarItIsAndSpeaksOnce()
    {
        var sent = Clock.GetUtcNow();
        var id = await AddAttemptAsync(AttemptState.Ambiguous, new AttemptEnding(EndingReason.NoClearAnswer, 503), row =>
        {
            row.Property(attempt => attempt.SentAt).CurrentValue = sent;
            row.Property(attempt => attempt.Searches).CurrentValue = 2;
            row.Property(attempt => attempt.SearchedPages).CurrentValue = 3;
            row.Property(attempt => attempt.SearchedInstances).CurrentValue = 1600;
            row.Property(attempt => attempt.NextAt).CurrentValue = sent;
        });

        var page = RenderPage(id);

        page.Words().ShouldContain("an error of the platform's own. Its status was 503.");
        page.Words().ShouldContain("Read in this look so far: pages 3, instances 1,600.");
        page.Words().ShouldContain("Looking now…");
        page.Words().ShouldContain("For another 2 minutes the instance may still appear late");
        // Read out is what it is, not how far.
        page.Role("status")[0].ShouldBe("No clear answer yet");
        page.Role("status").ShouldAllBe(text => !text.Contains("1,600", StringComparison.Ordinal));
        await using (var db = OpenDatabase())
        {
            await db.Attempts.Where(row => row.Id == id).ExecuteUpdateAsync(row => row.SetProperty(attempt => attempt.NextAt, sent.AddMinutes(3)), Token);
        }

        page.WaitForAssertion(() =>
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            page.Words().ShouldContain("Read in the last look: pages 3, instances 1,600.");
        });
        Clock.Advance(TimeSpan.FromMinutes(2));
        page.WaitForAssertion(() => page.Words().ShouldContain("reads every instance of the platform account, and decides."));
    }

    [Fact]
    public async Task Search_PastItsTime_CanBeEndedBySomebodyWhoHasLooked()
    {
        var id = await AddAttemptAsync(AttemptState.Ambiguous, new AttemptEnding(EndingReason.NoClearAnswer), row =>
        {
            row.Property(attempt => attempt.SentAt).CurrentValue = Clock.GetUtcNow();
            row.Property(attempt => attempt.NextAt).CurrentValue = Clock.GetUtcNow().AddHours(1);
        });
        var dialogs = Render<RadzenDialog>();
        var page = RenderPage(id);
        page.Buttons("I have looked: nothing is there").ShouldBeEmpty();
        Clock.Advance(TimeSpan.FromMinutes(2));
        page.WaitForAssertion(() => page.Buttons("I have looked: nothing is there").ShouldHaveSingleItem());

        page.Press("I have looked: nothing is there");
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("a second attempt would make a second one"));
        (await ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Ambiguous);
        dialogs.Press("I have looked: nothing is there");

        page.WaitForAssertion(() => page.Heading().ShouldBe("Nothing was created"));
        page.Words().ShouldContain("Somebody looked on the platform and found no such instance.");
        page.Buttons("Try again").ShouldHaveSingleItem();
        page.Words().ShouldContain("decided by ada@example.com");
    }

    [Theory]
    [InlineData(EndingReason.NoClearAnswer, "The answer did not arrive")]
    [InlineData(EndingReason.PortalStopped, "The portal was stopped while the request was under way")]
    public async Task Search_EachReason_IsSaid(EndingReason reason, string words) =>
        RenderPage(await AddAttemptAsync(AttemptState.Ambiguous, new AttemptEnding(reason))).Words().ShouldContain(words);

    [Theory]
    [InlineData(false, null, "It answered: the platform reaches the account with it.")]
    [InlineData(false, CheckOutcome.Refused, "It was created, but the platform's check says that it does not work.")]
    [InlineData(false, CheckOutcome.Disabled, "It was created, but the platform's check says that it is switched off.")]
    [InlineData(false, CheckOutcome.Unclear, "It was created, but the platform's check gave no clear answer.")]
    [InlineData(true, null, "It answered: the platform reaches the account with it.")]
    [InlineData(true, CheckOutcome.Refused, "It was authorized again, but the platform's check says that it does not work.")]
    public async Task Verification_Done_SaysWhatTheCheckFound(bool again, CheckOutcome? outcome, string words)
    {
        var id = await AddActiveAsync(again);
        var page = RenderPage(id);
        page.Role("status").ShouldContain("Checking that it works…");

        await SetAttemptAsync(id, AttemptState.Active, change: row => row.Property(attempt => attempt.VerifiedAt).CurrentValue = Clock.GetUtcNow());
        await NoteAsync(id, AttemptEvent.Verified, AttemptState.Active, outcome?.ToString());

        page.WaitForAssertion(() =>
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            page.Role("status").ShouldContain(status => status.StartsWith(words, StringComparison.Ordinal));
        });
        page.Links("Open the instance").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Orphan_Found_SaysWhatItIsAndCanBeRemoved()
    {
        var id = await AddActiveAsync();
        var orphan = await AddOrphanAsync(id, 78);
        Platform.OnGet = platformId => new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(platformId, tags: [$"portal:{id}"]), null);
        var dialogs = Render<RadzenDialog>();
        var page = RenderPage(id);
        page.Words().ShouldContain("The platform made a second instance");
        page.Words().ShouldContain("Platform ID 78 Name Second Found 1 Mar 2026 12:00:00");
        page.Target("a sync of the platform account can take it over.").ShouldStartWith("/accounts/");

        page.Press("Remove the second instance");
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("Instance 78, “Second”, will be deleted on the platform account Staging, with its token."));
        dialogs.Words().ShouldContain("The instance 4711, which this attempt led to, stays as it is.");
        Platform.Deleted.ShouldBeEmpty();
        dialogs.Press("Remove");

        page.WaitForAssertion(() => page.Role("status").ShouldContain(text => text.StartsWith("The second instance, platform ID 78, was removed", StringComparison.Ordinal)));
        Platform.Deleted.ShouldBe([78]);
        page.Buttons("Remove the second instance").ShouldBeEmpty();
        page.FindAll(".timeline-title").Select(step => step.Words()).ShouldContain("The second instance was removed from the platform");
        await using var db = OpenDatabase();
        (await db.Orphans.SingleAsync(row => row.Id == orphan, Token)).RemovedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task Orphan_Several_HaveButtonsThatCanBeToldApart()
    {
        var id = await AddActiveAsync();
        await AddOrphanAsync(id, 78);
        await AddOrphanAsync(id, 79);

        var page = RenderPage(id);

        page.Buttons("Remove the second instance, platform ID 78").ShouldHaveSingleItem();
        page.Buttons("Remove the second instance, platform ID 79").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Orphan_Open_IsSaidOnTheOverviewAndOnTheInstance()
    {
        var id = await AddActiveAsync();
        var instance = (await ReadAttemptAsync(id)).InstanceId.ShouldNotBeNull();
        await using (var db = OpenDatabase())
        {
            await db.Instances.ExecuteUpdateAsync(row => row.SetProperty(other => other.AttemptId, id), Token);
        }

        Render<Home>().Words().ShouldContain("Nothing needs you right now.");
        Render<InstanceOverview>(page => page.Add(p => p.Id, instance)).Links("Look at the attempt").ShouldBeEmpty();

        await AddOrphanAsync(id, 78);

        Render<Home>().Target("The platform made a second instance of one request").ShouldBe($"/connect/{id}");
        Render<InstanceOverview>(page => page.Add(p => p.Id, instance)).Target("Look at the attempt").ShouldBe($"/connect/{id}");
    }

    [Fact]
    public async Task Ended_CodeLapsed_SaysThatTheCodeGrewTooOld()
    {
        var id = await AddAttemptAsync(AttemptState.Failed, new AttemptEnding(EndingReason.Busy, 429, "Slow down"));
        await NoteAsync(id, AttemptEvent.PutBack, AttemptState.CodeReceived, "Busy, status 429");
        Clock.Advance(TimeSpan.FromMinutes(5));
        await NoteAsync(id, AttemptEvent.CodeLapsed, AttemptState.Failed, "Busy, status 429");

        var page = RenderPage(id);

        page.Heading().ShouldBe("The platform stayed busy");
        page.Words().ShouldContain("it grew too old while the request waited.");
        page.Words().ShouldContain("The platform is busy and turned the request away. Its status was 429.");
        page.Words().ShouldContain("The platform stayed busy, status 429");
        page.FindAll(".timeline-title").Select(step => step.Words()).ShouldContain("Waiting for the next try 5 min 0 s");
    }

    [Fact]
    public async Task Waiting_PlatformSaidWhy_QuotesIt()
    {
        var id = await AddAttemptAsync(AttemptState.CodeReceived, new AttemptEnding(EndingReason.Busy, 429, "Slow down"), row =>
        {
            row.Property(attempt => attempt.Tries).CurrentValue = 1;
            row.Property(attempt => attempt.NextAt).CurrentValue = Clock.GetUtcNow().AddSeconds(30);
            row.Property(attempt => attempt.CodeReceivedAt).CurrentValue = Clock.GetUtcNow();
        });

        var page = RenderPage(id);

        page.Words().ShouldContain("Tried once; next try in 30 seconds. The consent may be good for another 4 minutes.");
        page.Words().ShouldContain("It said: Slow down");
    }

    [Theory]
    [InlineData(EndingReason.AccessDenied)]
    [InlineData(EndingReason.ProviderError)]
    [InlineData(EndingReason.OtherAccount)]
    [InlineData(EndingReason.Refused)]
    [InlineData(EndingReason.Busy)]
    [InlineData(EndingReason.Unreachable)]
    [InlineData(EndingReason.SecretUnreadable)]
    [InlineData(EndingReason.SettingsGone)]
    [InlineData(EndingReason.NothingChanged)]
    [InlineData(EndingReason.TargetGone)]
    public async Task Ended_Reauthentication_SaysWhatOfTheInstanceAndWhatNext(EndingReason reason)
    {
        var instance = await AddInstanceAsync();
        var id = (await Get<ReauthenticationService>().StartAsync(instance, new(Ada, "ada@example.com") { Role = Role.Administrator }, Token)).Value;
        await SetAttemptAsync(id, AttemptState.Failed, new AttemptEnding(reason));

        var page = RenderPage(id);

        page.Heading().ShouldBe(Text<ReauthenticationText>($"Ended.{reason}.Title"));
        page.Words().ShouldContain(Text<ReauthenticationText>($"Ended.{reason}"));
        page.Words().ShouldNotContain("Nothing was created.");
        if (reason == EndingReason.TargetGone) page.Target("Connect an account").ShouldBe("/connect");
        else page.Buttons("Try again").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Timeline_Payloads_AreReadableWithoutSecrets()
    {
        var (id, returnAsync) = await AddAwaitingAsync();
        Platform.OnCreate = created =>
        {
            Clock.Advance(TimeSpan.FromMilliseconds(1250));
            return Task.FromResult<PlatformOutcome<PlatformInstance>>(new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(77, created.Name, created.Tags), "create-1"));
        };
        var page = RenderPage(id);
        var worker = Services.GetServices<IHostedService>().Single(service => service.GetType().GenericTypeArguments is [{ Name: "Provisioner" }]);
        await worker.StartAsync(Token);
        await returnAsync("the-code-of-the-callback", null);
        // What was created is looked at when the worker looks next.
        await PassTimeUntilAsync(page, () => page.Role("status").Any(status => status.StartsWith("It answered", StringComparison.Ordinal)));
        await worker.StopAsync(Token);

        page.FindAll(".timeline-title").Select(step => step.Words()).ShouldContain(title => title.StartsWith("The request to the platform ", StringComparison.Ordinal) && title.EndsWith(" s", StringComparison.Ordinal));
        var blocks = page.FindAll(".timeline pre");
        blocks.Count.ShouldBe(2);
        blocks[0].TextContent.ShouldContain("\n  \"name\": \"API instance\"");
        blocks[0].TextContent.ShouldContain("\"infusionsoft.private.key\": \"***\"");
        blocks[1].TextContent.ShouldContain("\"id\": 77");
        blocks.Select(block => block.GetAttribute("aria-label")).ShouldBeUnique();
        page.Markup.ShouldNotContain(EncryptedKey);
        page.Markup.ShouldNotContain(ClientSecret);
        page.Words().ShouldContain("Request ID create-1");
        JSInterop.Setup<bool>("portal.copy", _ => true).SetResult(true);
        page.Press("Copy request ID of step 9");
        JSInterop.VerifyInvoke("portal.copy").Arguments.ShouldBe(["create-1"]);
    }

    [Fact]
    public async Task SupportBundle_Link_IsADownloadAndSaysWhatItHolds()
    {
        var (id, _) = await AddAwaitingAsync();

        var page = RenderPage(id);

        page.Target("Download support bundle").ShouldBe($"/connect/{id}/support-bundle");
        page.Link("Download support bundle").HasAttribute("download").ShouldBeTrue();
        page.Words().ShouldContain("It holds no secret");
    }

    [Theory]
    [InlineData(0, "0 ms")]
    [InlineData(340, "340 ms")]
    [InlineData(1_290, "1.2 s")]
    [InlineData(59_999, "59.9 s")]
    [InlineData(125_000, "2 min 5 s")]
    [InlineData(3_600_000, "1 h 0 min")]
    [InlineData(93_600_000, "1 d 2 h")]
    public void Duration_OfAnyLength_HasTheFiguresThatMatter(long milliseconds, string expected) =>
        DurationText.Of(TimeSpan.FromMilliseconds(milliseconds), Get<IStringLocalizer<ConnectText>>()).ShouldBe(expected);

    private async Task<Guid> AddActiveAsync(bool again = false)
    {
        var instance = await AddInstanceAsync();
        var id = again ? (await Get<ReauthenticationService>().StartAsync(instance, new(Ada, "ada@example.com") { Role = Role.Administrator }, Token)).Value : await AddDraftAsync();
        await SetAttemptAsync(id, AttemptState.Active, change: row =>
        {
            row.Property(attempt => attempt.InstanceId).CurrentValue = instance;
            row.Property(attempt => attempt.PlatformInstanceId).CurrentValue = 4711;
            row.Property(attempt => attempt.CompletedAt).CurrentValue = Clock.GetUtcNow();
            row.Property(attempt => attempt.NextAt).CurrentValue = Clock.GetUtcNow();
        });
        return id;
    }

    private async Task<Guid> AddOrphanAsync(Guid attempt, long platformId)
    {
        await using var db = OpenDatabase();
        var orphan = new OrphanedInstance
        {
            Id = Guid.NewGuid(),
            AttemptId = attempt,
            PlatformAccountId = await db.Accounts.Select(row => row.Id).SingleAsync(Token),
            PlatformId = platformId,
            Name = "Second",
            FoundAt = Clock.GetUtcNow(),
        };
        db.Orphans.Add(orphan);
        await db.SaveChangesAsync(Token);
        return orphan.Id;
    }

    private async Task NoteAsync(Guid id, AttemptEvent happened, AttemptState state, string? detail)
    {
        await using var db = OpenDatabase();
        db.AttemptHistory.Add(new AttemptHistoryEntry { Id = Guid.NewGuid(), AttemptId = id, At = Clock.GetUtcNow(), Event = happened, State = state, Detail = detail });
        await db.SaveChangesAsync(Token);
    }

    private IRenderedComponent<AttemptPage> RenderPage(Guid id) => Render<AttemptPage>(page => page.Add(p => p.AttemptId, id));
}
