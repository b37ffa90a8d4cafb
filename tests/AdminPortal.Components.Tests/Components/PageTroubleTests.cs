using AdminPortal.Components.Layout;
using AdminPortal.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.Data.Sqlite;

namespace AdminPortal.Components.Tests.Components;

public sealed class PageTroubleTests : PortalTest
{
    [Theory]
    [InlineData(13, StorageProblem.Full)]
    [InlineData(8, StorageProblem.ReadOnly)]
    [InlineData(5, StorageProblem.Locked)]
    [InlineData(11, StorageProblem.Corrupt)]
    [InlineData(14, StorageProblem.NotOpened)]
    [InlineData(10, StorageProblem.Other)]
    public void Layout_PageMeetsATrouble_SaysWhichAndTriesAgain(int code, StorageProblem problem)
    {
        var trouble = new SqliteException("raw words of SQLite", code);
        var layout = Render<MainLayout>(parameters => parameters.Add(layout => layout.Body, Page(() => trouble)));

        layout.Find("h1").TextContent.ShouldBe(Text<StorageText>($"Storage.{problem}.Title"));
        layout.Words().ShouldContain(Text<StorageText>($"Storage.{problem}.What"));
        layout.Words().ShouldContain(Text<StorageText>($"Storage.{problem}.Do"));
        layout.Words().ShouldNotContain("raw words");

        trouble = null;
        layout.Button("Try again").Click();
        layout.Find("h1").TextContent.ShouldBe("All is well");
    }

    [Fact]
    public void Layout_PageMeetsABug_SaysSo()
    {
        var layout = Render<MainLayout>(parameters => parameters.Add(layout => layout.Body, Page(() => new InvalidOperationException("raw words"))));

        layout.Find("h1").TextContent.ShouldBe(Text<LayoutText>("Error.Title"));
        layout.Words().ShouldNotContain("raw words");
        _ = layout.Button(Text<LayoutText>("Error.Reload"));
    }

    private static RenderFragment Page(Func<Exception?> trouble) => builder =>
    {
        builder.OpenComponent<Troubled>(0);
        builder.AddComponentParameter(1, nameof(Troubled.Trouble), trouble);
        builder.CloseComponent();
    };

    private sealed class Troubled : ComponentBase
    {
        [Parameter]
        public required Func<Exception?> Trouble { get; set; }

        protected override void OnInitialized()
        {
            if (Trouble() is { } exception) throw exception;
        }

        protected override void BuildRenderTree(RenderTreeBuilder builder) => builder.AddMarkupContent(0, "<h1>All is well</h1>");
    }
}
