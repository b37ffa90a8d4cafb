namespace AdminPortal.Components.Tests;

public sealed class StyleSheetTests
{
    [Fact]
    public void PortalCss_EveryRule_IsClosedBeforeTheNextSection()
    {
        // A rule that is left open swallows all that follow it, silently: browsers read them as nested.
        var depth = 0;
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, "wwwroot-assets", "css", "portal.css")))
        {
            if (line.StartsWith("/* ----", StringComparison.Ordinal)) depth.ShouldBe(0, line);
            depth += line.Count(c => c == '{') - line.Count(c => c == '}');
            depth.ShouldBeInRange(0, 2, line);
        }

        depth.ShouldBe(0);
    }
}
