using AdminPortal.Features.Help;
using AngleSharp.Html.Parser;

namespace AdminPortal.Components.Tests.Features.Help;

public sealed class HelpMarkdownTests
{
    [Fact]
    public void Read_Page_HasTitleLeadSectionsAndTheRest()
    {
        var page = HelpMarkdown.Read("some", "# The `title`\n\nWhat it is\nabout.\n\n## First part\n\nText.\n\n### Below\n\n## Second: part\n\nMore.\n");

        (page.Name, page.Title, page.Lead, page.Address).ShouldBe(("some", "The title", "What it is about.", "/help/some"));
        page.Sections.ShouldBe([new HelpSection("first-part", "First part"), new HelpSection("second-part", "Second: part")]);
        var body = Parse(page);
        body.QuerySelectorAll("h1").ShouldBeEmpty();
        body.QuerySelector("#first-part")!.TextContent.ShouldBe("First part");
        body.QuerySelector("#second-part")!.TagName.ShouldBe("H2");
        body.TextContent.ShouldNotContain("What it is");
    }

    [Fact]
    public void Read_Html_IsText()
    {
        var page = HelpMarkdown.Read("some", "# Title\n\n<script>alert(1)</script>\n\nA <b onclick=\"x()\">word</b>.\n\n| a |\n|---|\n| <img src=x onerror=x()> |\n");

        var all = Parse(page);
        all.QuerySelectorAll("script, b, img").ShouldBeEmpty();
        all.TextContent.ShouldContain("<img src=x onerror=x()>");
        page.Lead.ShouldBe("<script>alert(1)</script>");
    }

    [Fact]
    public void Read_Tables_StandInAFrameThatScrollsAndIsNamed()
    {
        var page = HelpMarkdown.Read("some", "# Title\n\n## The \"first\" one\n\n| a | b |\n|---|---|\n| 1 | 2 |\n");

        var frame = Parse(page).QuerySelector(".table-frame").ShouldNotBeNull();
        (frame.GetAttribute("tabindex"), frame.GetAttribute("role"), frame.GetAttribute("aria-label")).ShouldBe(("0", "group", "The \"first\" one"));
        frame.QuerySelectorAll("table th").Select(cell => cell.TextContent).ShouldBe(["a", "b"]);
        // The content security policy allows no styles of a page's own.
        page.Body.Value.ShouldNotContain("style=");
    }

    [Fact]
    public void Read_Names_BreakWhereTheirPartsMeet() =>
        HelpMarkdown.Read("some", "# Title\n\nLead.\n\n`A.b_<c>`\n").Body.Value.ShouldContain("<code>A.<wbr />b_<wbr />&lt;c&gt;</code>");

    [Fact]
    public void Read_WithoutATitle_SaysWhichFile() =>
        Should.Throw<InvalidDataException>(() => HelpMarkdown.Read("some", "Text.")).Message.ShouldContain("Help/some.md");

    [Fact]
    public void Library_Files_AreAllPages()
    {
        var files = Repository.Files("src/AdminPortal/Help", ".md").Select(file => Path.GetFileNameWithoutExtension(file)!).ToList();
        var library = new HelpLibrary();

        files.ShouldContain("security");
        library.All.Select(page => page.Name).Order().ShouldBe(files.Order());
        library.Find("Security").ShouldNotBeNull().Title.ShouldBe("Security checklist");
        library.Find("../appsettings").ShouldBeNull();
    }

    private static AngleSharp.Dom.IElement Parse(HelpDocument page) => new HtmlParser().ParseDocument(page.Body.Value).Body!;
}
