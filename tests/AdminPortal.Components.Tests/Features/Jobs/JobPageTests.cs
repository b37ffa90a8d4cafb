using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Jobs;
using AdminPortal.Features.Jobs;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Radzen.Blazor;

namespace AdminPortal.Components.Tests.Features.Jobs;

public sealed class JobPageTests : PortalTest
{
    private static readonly Actor Person = new(Ada, "ada@example.com") { Role = Role.Administrator };

    [Fact]
    public void JobPage_UnknownId_SaysThatThereIsNone()
    {
        var page = RenderPage(Guid.NewGuid());

        page.Heading().ShouldBe("There is no such job");
        page.Target("All activity").ShouldBe("/activity");
    }

    [Fact]
    public async Task JobPage_Waiting_ShowsWhoWhenAndHowFar()
    {
        var id = await StartAsync(JobKind.AddTags, 3, "north");

        var page = RenderPage(id);

        page.Heading().ShouldBe("Add tags to instances");
        page.Words().ShouldContain("Started by ada@example.com");
        page.Words().ShouldContain("Under way");
        page.Words().ShouldContain("Tags north");
        var bar = page.Find("[role=progressbar]");
        bar.GetAttribute("max").ShouldBe("3");
        bar.GetAttribute("value").ShouldBe("0");
        bar.GetAttribute("aria-label").ShouldBe("Progress: Add tags to instances");
        page.FindAll("tbody tr").Count.ShouldBe(3 + 1);
        page.Links("Download CSV").ShouldBeEmpty();
    }

    [Fact]
    public async Task JobPage_WorkedOff_FollowsLiveAndShowsFailedOnesFirst()
    {
        var id = await StartAsync(JobKind.Disable, 3);
        var calls = 0;
        Platform.OnSetEnabled = () => Interlocked.Increment(ref calls) == 2 ? FakePlatform.Refuse<Done>(409, "Not this one.") : new PlatformOutcome<Done>.Success(default, null);
        var page = RenderPage(id);
        page.Buttons("Call off").Count.ShouldBe(1);

        await RunAsync();
        await PassTimeUntilAsync(page, () => page.Words().Contains("Done, with failures", StringComparison.Ordinal));

        page.Words().ShouldContain("3 of 3");
        page.Find("[role=progressbar]").GetAttribute("value").ShouldBe("3");
        page.Role("status").ShouldContain("The job has ended: 2 succeeded, 1 failed, 0 skipped.");
        page.Buttons("Call off").ShouldBeEmpty();
        var first = page.FindAll("tbody tr")[0].Words();
        first.ShouldContain("Failed");
        first.ShouldContain("“Not this one”");
        // Behind the rows stand the lines of the record: that it was started, and that it ended.
        page.FindAll("tbody tr").Count.ShouldBe(3 + 2);

        page.Enter("Show", "Failed");
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(1 + 2));
        Address.ShouldBe($"/activity/{id}?show=Failed");
    }

    [Fact]
    public async Task JobPage_ChangedByAnotherProcess_IsFoundWithinThreeSeconds()
    {
        var id = await StartAsync(JobKind.Validate, 1);
        var page = RenderPage(id);
        await using (var db = OpenDatabase())
            _ = await db.Jobs.ExecuteUpdateAsync(set => set.SetProperty(job => job.State, JobState.Done).SetProperty(job => job.Skipped, 1), Token);
        page.Words().ShouldContain("0 of 1");

        await PassTimeUntilAsync(page, () => page.Words().Contains("1 of 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task JobPage_CalledOff_AsksFirstAndSaysWhatWasNotDone()
    {
        var id = await StartAsync(JobKind.Disable, 2);
        var dialogs = Render<RadzenDialog>();
        var page = RenderPage(id);

        page.Press("Call off");
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("What was done already stays done."));
        dialogs.Press("Call off");

        page.WaitForAssertion(() => page.Words().ShouldContain("The job was called off. 2 of its instances were not worked on."));
        (await Get<BulkJobService>().FindAsync(id, Token))!.State.ShouldBe(JobState.Cancelled);
        (await Get<ActivityService>().ListAsync(new ActivityQuery(), Token)).Lines[0].PersonName.ShouldBe("ada@example.com");
    }

    [Fact]
    public async Task JobPage_Many_ShowsMoreWhenAsked()
    {
        var id = await StartAsync(JobKind.Validate, 60);
        var page = RenderPage(id);
        page.FindAll("tbody tr").Count.ShouldBe(50 + 1);

        page.Press("Show more");

        page.FindAll("tbody tr").Count.ShouldBe(60 + 1);
        page.Buttons("Show more").ShouldBeEmpty();
    }

    [Fact]
    public async Task JobPage_Export_OffersBothFiles()
    {
        var id = await StartAsync(JobKind.Export, 2);

        var page = RenderPage(id);

        page.Target("Download CSV").ShouldBe($"/activity/{id}/export?format=csv");
        page.Target("Download JSON").ShouldBe($"/activity/{id}/export?format=json");
        // Without the mark the router would take the address for a page.
        page.Link("Download CSV").HasAttribute("download").ShouldBeTrue();
        page.FindAll("[role=progressbar]").ShouldBeEmpty();
    }

    private async Task<Guid> StartAsync(JobKind kind, int count, params string[] tags)
    {
        var ids = new List<Guid>();
        for (var i = 0; i < count; i++) ids.Add(await AddInstanceAsync($"Instance {i:00}"));
        return (await Get<BulkJobService>().StartAsync(InstanceSelection.Of(ids), kind, tags, Person, Token)).Value;
    }

    private async Task RunAsync()
    {
        var worker = Services.GetServices<IHostedService>().Single(service => service.GetType().GenericTypeArguments is [{ Name: "BulkJobRunner" }]);
        using var ended = new SemaphoreSlim(0);
        using var subscription = Get<ChangeFeed>().Subscribe(ChangeTopic.Jobs, null, () => ended.Release());
        await worker.StartAsync(Token);
        while ((await Get<BulkJobService>().ListRecentAsync(1, Token))[0].State == JobState.Running) await ended.WaitAsync(Token);
        await worker.StopAsync(Token);
    }

    private IRenderedComponent<JobPage> RenderPage(Guid id)
    {
        GoTo($"/activity/{id}");
        return Render<JobPage>(page => page.Add(p => p.JobId, id));
    }
}
