using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Features.Attempts;
using Microsoft.EntityFrameworkCore;
using Radzen;
using Radzen.Blazor;

namespace AdminPortal.Components.Tests.Features.Attempts;

public sealed class AttemptListTests : PortalTest
{
    [Fact]
    public void AttemptList_NothingYet_SaysWhatWouldStandThere()
    {
        RenderPage().Words().ShouldContain("Nothing is open");
        RenderPage("?show=ended").Words().ShouldContain("They stay as the record; their secrets are erased after 30 days.");
        RenderPage("?show=created").Words().ShouldContain("Nothing was created yet");
        RenderPage("?show=all").Words().ShouldContain("No attempt yet");
        RenderPage("?show=nonsense").Words().ShouldContain("Nothing is open");
    }

    [Fact]
    public async Task AttemptList_Draft_SaysWhenItGoesAndLeadsOn()
    {
        var id = await AddDraftAsync(name: "Abandoned");
        Clock.Advance(TimeSpan.FromDays(12));

        var page = RenderPage();

        var row = page.FindAll("tbody tr").ShouldHaveSingleItem().Words();
        row.ShouldContain("Abandoned");
        row.ShouldContain("Infusionsoft CRM");
        row.ShouldContain("Staging");
        row.ShouldContain("Draft");
        row.ShouldContain("12 days ago");
        row.ShouldContain("Will be removed on 31 Mar 2026 if nobody goes on with it.");
        page.Target("Continue: Abandoned").ShouldBe($"/connect/{id}/review");
    }

    [Fact]
    public async Task AttemptList_States_EachHaveTheirNextAction()
    {
        var decision = await AddAttemptAsync(AttemptState.AwaitingDecision);
        var unclear = await AddAttemptAsync(AttemptState.Ambiguous);
        var open = RenderPage();
        open.Links("Decide: API instance").ShouldHaveSingleItem().GetAttribute("href").ShouldBe($"/connect/{decision}");
        open.Links("Look: API instance").ShouldHaveSingleItem().GetAttribute("href").ShouldBe($"/connect/{unclear}");
        open.Buttons("Discard API instance").ShouldBeEmpty();

        var instance = await AddInstanceAsync();
        _ = await AddAttemptAsync(AttemptState.Active, change: entry => entry.Property(attempt => attempt.InstanceId).CurrentValue = instance);
        RenderPage("?show=created").Target("Open instance: API instance").ShouldBe($"/instances/{instance}");
    }

    [Fact]
    public async Task AttemptList_Tabs_CountAndKeepTheSearch()
    {
        _ = await AddDraftAsync(name: "Zürich");
        _ = await AddAttemptAsync(AttemptState.Failed);

        var page = RenderPage("?search=zur");

        page.FindAll(".tabs a").Select(tab => tab.Words()).ShouldBe(["Open 1", "Ended badly 1", "Created 0", "All 2"]);
        page.Find(".tabs a[aria-current='page']").Words().ShouldBe("Open 1");
        page.Target("Ended badly 1").ShouldBe("/attempts?show=ended&search=zur");
        page.FindAll("tbody tr").Count.ShouldBe(1);
        page.Target("Clear the search").ShouldBe("/attempts");

        page.Find("#attempt-search").Input(" api ");
        page.Find("form").Submit();
        Address.ShouldBe("/attempts?search=api");
        RenderPage("?search=api").Words().ShouldContain("No attempt has this in its name");
        RenderPage("?search=api").Target("Search among all").ShouldBe("/attempts?show=all&search=api");
    }

    [Fact]
    public async Task AttemptList_TryAgain_LeadsToTheNewDraftAndThenToItAgain()
    {
        var ended = await AddAttemptAsync(AttemptState.Denied, new AttemptEnding(EndingReason.AccessDenied));
        var page = RenderPage("?show=ended");
        page.Words().ShouldContain("Attempts that ended stay as the record.");
        page.Buttons("Discard API instance").ShouldBeEmpty();

        page.Press("Try again: API instance");

        var again = (await ListAttemptsAsync()).Single(id => id != ended);
        Address.ShouldBe($"/connect/{again}/review");
        RenderPage("?show=ended").Target("Look at the next try: API instance").ShouldBe($"/connect/{again}");
    }

    [Theory]
    [InlineData(AttemptState.Draft, "The draft and everything that was entered in it, secrets among them, are removed from the portal for good.")]
    [InlineData(AttemptState.AwaitingConsent, "A sign-in page that is still open leads nowhere then: what is allowed there creates nothing.")]
    public async Task AttemptList_Discard_SaysWhatItDoesAndIsNoted(AttemptState state, string sentence)
    {
        _ = await AddAttemptAsync(state);
        var dialogs = Render<RadzenDialog>();
        var page = RenderPage();

        page.Press("Discard API instance");
        dialogs.Words().ShouldContain("Discard API instance?");
        dialogs.Words().ShouldContain(sentence);
        dialogs.Press("Discard");

        await page.WaitForAssertionAsync(() => page.Role("status").ShouldContain("API instance was discarded."));
        page.Words().ShouldContain("Nothing is open");
        WaitForFocus("#attempt-list");
        (await ListAttemptsAsync()).ShouldBeEmpty();
        await using var db = OpenDatabase();
        (await db.Activity.OrderBy(line => line.Id).LastAsync(Token)).ShouldSatisfyAllConditions(
            line => line.Action.ShouldBe(ActivityAction.DraftDiscarded), line => line.PersonName.ShouldBe("ada@example.com"));
    }

    [Fact]
    public async Task AttemptList_DiscardCancelled_KeepsIt()
    {
        var id = await AddDraftAsync();
        var dialogs = Render<RadzenDialog>();
        var page = RenderPage();

        page.Press("Discard API instance");
        dialogs.Press("Cancel");

        (await ListAttemptsAsync()).ShouldBe([id]);
        page.FindAll("tbody tr").Count.ShouldBe(1);
    }

    [Fact]
    public async Task AttemptList_Pages_LeadOnAndBack()
    {
        for (var number = 0; number < 26; number++)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            _ = await BeginAsync();
        }

        var first = RenderPage();
        first.FindAll("tbody tr").Count.ShouldBe(25);
        first.Link("Newer").HasAttribute("href").ShouldBeFalse();
        var second = RenderPage(first.Target("Older")!["/attempts".Length..]);
        second.FindAll("tbody tr").Count.ShouldBe(1);
        var back = RenderPage(second.Target("Newer")!["/attempts".Length..]);
        back.FindAll("tbody tr").Count.ShouldBe(25);
    }

    [Fact]
    public async Task ContinueDrafts_OwnDrafts_AreOfferedAtTheWizardsStart()
    {
        Render<ContinueDrafts>().Markup.Trim().ShouldBeEmpty();
        await using (var db = OpenDatabase())
        {
            var foreign = await AddDraftAsync(name: "Somebody else's");
            var own = await AddDraftAsync(name: "My own");
            await db.Attempts.Where(attempt => attempt.Id == own).ExecuteUpdateAsync(row => row.SetProperty(attempt => attempt.CreatedBy, Ada), Token);
            foreign.ShouldNotBe(own);

            var part = Render<ContinueDrafts>();

            part.Find("h2").Words().ShouldBe("Continue a draft");
            part.FindAll("li").ShouldHaveSingleItem().Words().ShouldStartWith("My own Draft last changed");
            part.Target("My own").ShouldBe($"/connect/{own}/review");
            part.Target("All open attempts").ShouldBe("/attempts");
        }
    }

    private IRenderedComponent<AttemptList> RenderPage(string query = "")
    {
        GoTo("/attempts" + query);
        return Render<AttemptList>();
    }
}
