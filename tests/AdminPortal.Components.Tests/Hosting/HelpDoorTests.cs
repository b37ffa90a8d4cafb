using System.Net;
using AngleSharp.Html.Parser;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>The help pages as the portal serves them.</summary>
public sealed class HelpDoorTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    [Fact]
    public async Task Help_Index_LeadsToEveryPage()
    {
        var page = await ReadAsync("/help");

        page.QuerySelector("h1")!.TextContent.ShouldBe("Help");
        page.QuerySelectorAll("main a").Select(link => link.GetAttribute("href")).ShouldBe(["/help/activity-record", "/help/CHANGELOG", "/help/security", "/help/api"]);
        page.QuerySelector("nav.shell-nav a[href='/help']")!.GetAttribute("aria-current").ShouldBe("page");
    }

    [Fact]
    public async Task Help_Page_IsShownWithItsContentsAndNeedsNoCircuit()
    {
        var page = await ReadAsync("/help/security");

        page.QuerySelectorAll("h1").ShouldHaveSingleItem().TextContent.ShouldBe("Security checklist");
        page.Title.ShouldBe("Security checklist · AdminPortal");
        var links = page.QuerySelectorAll("nav.contents a").Select(link => link.GetAttribute("href")!).ToList();
        links.Count.ShouldBeGreaterThan(10);
        foreach (var link in links)
        {
            link.ShouldStartWith("/help/security#");
            page.GetElementById(link.Split('#')[1]).ShouldNotBeNull(link);
        }

        page.QuerySelectorAll("[id]").Select(element => element.Id).ShouldBeUnique();
        page.DocumentElement.OuterHtml.ShouldNotContain("\"type\":\"server\"");
    }

    [Theory]
    [InlineData("/help/nothing-of-this-name")]
    [InlineData("/help/..%2f..%2fappsettings")]
    [InlineData("/help/security/more")]
    public async Task Help_UnknownPage_IsNotFound(string path)
    {
        using var client = portal.NewSignedInClient();

        using var answer = await client.GetAsync(path);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("/help")]
    [InlineData("/help/security")]
    public async Task Help_Stranger_IsLedToTheSignIn(string path)
    {
        using var client = portal.NewClient();

        using var answer = await client.GetAsync(path);

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.OriginalString.ShouldContain("/sign-in?returnUrl=");
    }

    private async Task<AngleSharp.Html.Dom.IHtmlDocument> ReadAsync(string path)
    {
        using var client = portal.NewSignedInClient();
        using var answer = await client.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return new HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(Token));
    }
}
