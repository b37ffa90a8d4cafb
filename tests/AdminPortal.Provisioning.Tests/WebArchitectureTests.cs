namespace AdminPortal.Provisioning.Tests;

/// <summary>Which folder of the web host may know which.</summary>
public sealed class WebArchitectureTests
{
    [Fact]
    public void Web_Folders_FormNoCycle() => WebFolders.OfRepository().FindCycle().ShouldBeEmpty();

    /// <summary>Features may use each other, without a cycle. The root puts the others together and may use all.</summary>
    [Theory]
    [InlineData("Ui")]
    [InlineData("Hosting")]
    [InlineData("Access", "Hosting", "Ui")]
    [InlineData("Features", "Features", "Access", "Hosting", "Ui")]
    [InlineData("Components", "Access", "Hosting", "Ui")]
    [InlineData("Commands", "Hosting")]
    public void Web_Folder_UsesTheFoldersBelowOnly(string folder, params string[] below)
    {
        var uses = WebFolders.OfRepository().Uses();
        uses.Any(use => Top(use.From) == folder || Top(use.To) == folder).ShouldBeTrue();

        uses.Where(use => Top(use.From) == folder && !below.Contains(Top(use.To))).ShouldBeEmpty();

        static string Top(string name) => name.Split('/')[0];
    }

    [Theory]
    [InlineData("Ui/Chip.razor", "@using AdminPortal.Features.Reveals\n<p></p>", "a directive of a component")]
    [InlineData("Ui/Chip.cs", "using AdminPortal.Features.Reveals;\n", "a directive of a class")]
    [InlineData("Ui/Chip.razor", "<p><WaitingReveals /></p>", "a component tag")]
    [InlineData("Ui/Chip.razor", "<AdminPortal.Features.Reveals.WaitingReveals />", "a component tag with its full name")]
    [InlineData("Ui/Chip.cs", "internal sealed class Chip(Features.Reveals.RevealsText texts);", "a name from the enclosing namespace")]
    [InlineData("Ui/_Imports.razor", "@using AdminPortal.Features.Reveals\n", "an import for the folder")]
    [InlineData("_Imports.razor", "@using AdminPortal.Features.Reveals\n", "an import for all folders")]
    public void Uses_FileOfALowerFolder_NamesFileAndBothFolders(string path, string text, string kind)
    {
        var folders = new WebFolders(new Dictionary<string, string>
        {
            ["Ui/Field.razor"] = "<p></p>",
            ["Features/Reveals/WaitingReveals.razor"] = "@using AdminPortal.Ui\n",
            ["Features/Reveals/RevealsText.cs"] = "namespace AdminPortal.Features.Reveals;",
            [path] = text,
        });

        folders.Uses().ShouldContain(new FolderUse("Ui", path, "Features/Reveals"), kind);
        folders.FindCycle().Count.ShouldBe(2, kind);
    }

    [Fact]
    public void Uses_TypeOfTheNeighbouringFeature_IsSeenWithoutADirective() =>
        new WebFolders(new Dictionary<string, string>
        {
            ["Features/Reveals/RevealsText.cs"] = "",
            ["Features/Accounts/AccountList.razor"] = "@inject IStringLocalizer<Reveals.RevealsText> L",
        }).Uses().ShouldBe([new FolderUse("Features/Accounts", "Features/Accounts/AccountList.razor", "Features/Reveals")]);

    [Fact]
    public void Uses_TypeOfTheRoot_IsSeenWithoutADirective() =>
        new WebFolders(new Dictionary<string, string>
        {
            ["Program.cs"] = "",
            ["Components/Routes.razor"] = "<Router AppAssembly=\"typeof(Program).Assembly\" />",
        }).Uses().ShouldBe([new FolderUse("Components", "Components/Routes.razor", WebFolders.Root)]);
}
