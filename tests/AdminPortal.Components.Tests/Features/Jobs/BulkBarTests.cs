using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Jobs;
using AdminPortal.Features.Jobs;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Jobs;
using Microsoft.EntityFrameworkCore;
using Radzen.Blazor;

namespace AdminPortal.Components.Tests.Features.Jobs;

public sealed class BulkBarTests : PortalTest
{
    private IRenderedComponent<RadzenDialog> _dialog = null!;
    private int _done;

    [Fact]
    public async Task BulkBar_NothingSelected_OffersNothing()
    {
        await AddInstanceAsync();

        var bar = RenderBar(InstanceSelection.Of([]), 0);

        bar.FindAll("button").Count.ShouldBe(7);
        bar.FindAll("button").ShouldAllBe(button => button.HasAttribute("disabled"));
    }

    [Fact]
    public async Task BulkBar_Validate_ShowsCountAndExamplesAndLeadsToTheJob()
    {
        var ids = await AddAsync(7);
        var bar = RenderBar(InstanceSelection.Of(ids), 7);

        bar.Press("Validate");
        _dialog.WaitForAssertion(() => _dialog.Words().ShouldContain("7 instances"));
        _dialog.Words().ShouldContain("Instance 00 Instance 01 Instance 02 Instance 03 Instance 04 and 2 more");
        _dialog.Words().ShouldContain("Nothing is changed on the platform.");
        _dialog.Press("Validate 7 instances");

        var job = await StartedAsync();
        (job.Kind, job.Total, job.PersonName).ShouldBe((JobKind.Validate, 7, "ada@example.com"));
        bar.WaitForAssertion(() => Address.ShouldBe($"/activity/{job.Id}"));
        _done.ShouldBe(1);
    }

    [Fact]
    public async Task BulkBar_Cancelled_StartsNothing()
    {
        var ids = await AddAsync(1);
        var bar = RenderBar(InstanceSelection.Of(ids), 1);

        bar.Press("Disable");
        _dialog.WaitForAssertion(() => _dialog.Buttons("Disable 1 instance").Count.ShouldBe(1));
        _dialog.Press("Cancel");

        await using var db = OpenDatabase();
        (await db.Jobs.CountAsync(Token)).ShouldBe(0);
        _done.ShouldBe(0);
    }

    [Fact]
    public async Task BulkBar_AllThatMatch_AreMeant()
    {
        await AddAsync(3);
        await AddInstanceAsync("Off", InstanceState.Disabled);
        var bar = RenderBar(InstanceSelection.Matching(new InstanceListQuery { State = InstanceState.Active }), 3);

        bar.Press("Export");
        _dialog.WaitForAssertion(() => _dialog.Press("Export 3 instances"));

        (await StartedAsync()).State.ShouldBe(JobState.Done);
    }

    [Fact]
    public async Task BulkBar_NothingToDo_IsSaidBefore()
    {
        var ids = await AddAsync(2);
        await using (var db = OpenDatabase())
            _ = await db.Instances.Where(row => row.Id == ids[0]).ExecuteUpdateAsync(set => set.SetProperty(row => row.State, InstanceState.Disabled), Token);

        RenderBar(InstanceSelection.Of(ids), 2).Press("Disable");

        _dialog.WaitForAssertion(() => _dialog.Words().ShouldContain("For one of them there is nothing to do."));
    }

    [Fact]
    public async Task BulkBar_AddTags_ChecksThemByTheHousesRules()
    {
        var ids = await AddAsync(2);
        RenderBar(InstanceSelection.Of(ids), 2).Press("Add tags");
        _dialog.WaitForAssertion(() => _dialog.HasField("Tags").ShouldBeTrue());

        _dialog.Press("Add to 2 instances");
        _dialog.Description("Tags").ShouldContain("Enter at least one tag.");
        WaitForFocus("#bulk-tags");
        _dialog.Enter("Tags", "portal:mine");
        _dialog.Press("Add to 2 instances");
        _dialog.Description("Tags").ShouldContain("Choose another word.");
        _dialog.Enter("Tags", "north, west");
        _dialog.Press("Add to 2 instances");

        (await StartedAsync()).Tags.ShouldBe(["north", "west"]);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("1", false)]
    [InlineData("two", false)]
    [InlineData(" 2 ", true)]
    public async Task BulkBar_Delete_WantsTheNumber(string typed, bool starts)
    {
        await ConfirmAdaAsync();
        var ids = await AddAsync(2);
        RenderBar(InstanceSelection.Of(ids), 2).Press("Delete");
        _dialog.WaitForAssertion(() => _dialog.HasField("Type the number of instances to confirm").ShouldBeTrue());
        _dialog.Words().ShouldContain("This cannot be undone.");

        _dialog.Enter("Type the number of instances to confirm", typed);
        _dialog.Press("Delete 2 instances");

        if (starts)
        {
            (await StartedAsync()).Kind.ShouldBe(JobKind.Delete);
            return;
        }

        _dialog.Description("Type the number of instances to confirm").ShouldContain("That is not the number.");
        WaitForFocus("#bulk-count");
        await using var db = OpenDatabase();
        (await db.Jobs.CountAsync(Token)).ShouldBe(0);
    }

    [Fact]
    public async Task BulkBar_DeleteOfMoreThanWereReviewed_StartsNothingAndCountsAgain()
    {
        await ConfirmAdaAsync();
        await AddAsync(2);
        RenderBar(InstanceSelection.Matching(new InstanceListQuery()), 2).Press("Delete");
        _dialog.WaitForAssertion(() => _dialog.HasField("Type the number of instances to confirm").ShouldBeTrue());
        await AddInstanceAsync("Came meanwhile");

        _dialog.Enter("Type the number of instances to confirm", "2");
        _dialog.Press("Delete 2 instances");

        _dialog.WaitForAssertion(() => _dialog.Buttons("Delete 3 instances").Count.ShouldBe(1));
        _dialog.Role("alert").ShouldHaveSingleItem().ShouldContain("The selection held 2 instances when you looked and holds 3 now.");
    }

    private async Task<List<Guid>> AddAsync(int count)
    {
        var ids = new List<Guid>();
        for (var i = 0; i < count; i++) ids.Add(await AddInstanceAsync($"Instance {i:00}"));
        return ids;
    }

    private async Task<JobView> StartedAsync()
    {
        await _dialog.WaitForAssertionAsync(() =>
        {
            using var db = OpenDatabase();
            db.Jobs.Count().ShouldBe(1);
        });
        return (await Get<BulkJobService>().ListRecentAsync(1, Token)).ShouldHaveSingleItem();
    }

    private IRenderedComponent<BulkBar> RenderBar(InstanceSelection selection, int count)
    {
        _dialog = Render<RadzenDialog>();
        return Render<BulkBar>(bar => bar.Add(b => b.Selection, selection).Add(b => b.Count, count).Add(b => b.Done, () => _done++));
    }
}
