using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Features.Accounts;
using AdminPortal.Features.Attempts;
using AdminPortal.Features.Overview;
using AdminPortal.Ui;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Components.Tests.Components;

/// <summary>A damaged row is marked where it stands, by words and an icon.</summary>
public sealed class UnreadableTests : PortalTest
{
    [Fact]
    public async Task AccountList_DamagedRow_IsMarkedAndTheOthersAreNot()
    {
        _ = await AddAccountAsync("Good");
        var bad = await AddAccountAsync("Bad", "https://api.cloud-elements.com");
        await SpoilAsync($"UPDATE Accounts SET SignInHosts = 'garbage' WHERE Id = '{bad.ToString().ToUpperInvariant()}'");

        var page = Render<AccountList>();

        page.FindAll("section.account").Count.ShouldBe(2);
        var marked = page.FindAll("section.account").Single(card => card.Words().Contains(Text<UiText>("Unreadable"), StringComparison.Ordinal));
        marked.QuerySelector("h2")!.TextContent.ShouldBe("Bad");
        marked.QuerySelector(".chip svg").ShouldNotBeNull();
    }

    [Fact]
    public async Task AttemptPage_DamagedRow_SaysSoInsteadOfFailing()
    {
        var id = await AddDraftAsync(name: "Damaged");
        await SpoilAsync("UPDATE Attempts SET State = 'Bewildered', Ending = 'garbage'");

        var page = Render<AttemptPage>(parameters => parameters.Add(page => page.AttemptId, id));

        page.Words().ShouldContain(Text<UiText>("Unreadable"));
        page.Words().ShouldContain("AdminPortal doctor");
    }

    [Fact]
    public async Task Home_DamagedAttempt_IsMarkedInTheList()
    {
        _ = await AddDraftAsync(name: "Damaged");
        await SpoilAsync("UPDATE Attempts SET Tags = 'garbage'");

        Render<Home>().Words().ShouldContain($"Damaged {Text<UiText>("Unreadable")}");
    }

    [Fact]
    public void Chips_StateThatIsNone_SayThatItCannotBeRead()
    {
        Render<InstanceStateChip>(parameters => parameters.Add(chip => chip.State, (InstanceState)(-1))).Words().ShouldBe(Text<UiText>("Unreadable"));
        Render<AttemptStateChip>(parameters => parameters.Add(chip => chip.State, (AttemptState)(-1))).Words().ShouldBe(Text<UiText>("Unreadable"));
    }

    private async Task SpoilAsync(string sql)
    {
        await using var db = OpenDatabase();
#pragma warning disable EF1002 // The statements are the test's own.
        (await db.Database.ExecuteSqlRawAsync(sql, Token)).ShouldBe(1);
#pragma warning restore EF1002
    }
}
