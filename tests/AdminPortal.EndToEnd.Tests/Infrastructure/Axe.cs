using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests.Infrastructure;

/// <summary>Looks at a page as axe does, in both themes, and at its width.</summary>
internal static class Axe
{
    // What is in order is not told of: it would be most of the answer.
    private static readonly AxeRunOptions All = new() { ResultTypes = [ResultType.Violations] };
    private static readonly AxeRunOptions OfColors = new() { ResultTypes = [ResultType.Violations], RunOnly = RunOnlyOptions.Rules("color-contrast", "link-in-text-block") };

    /// <summary>axe finds nothing in the light and in the dark, and nothing stands out of the window.</summary>
    /// <param name="page">A page whose theme follows the system, in the light; it is left so.</param>
    /// <param name="where">What the page shows, for the message.</param>
    public static async Task CheckAsync(IPage page, string where)
    {
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            // A frame later every style is the theme's.
            await page.EvaluateAsync("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(getComputedStyle(document.body).color))))");
            // Of all rules, those about colors alone depend on the theme.
            var result = await page.RunAxe(scheme == ColorScheme.Light ? All : OfColors);
            result.Violations.Select(violation =>
                    $"{where}, {scheme}: {violation.Id}: {string.Join("; ", violation.Nodes.Select(node => $"{node.Html} ({string.Join(", ", node.Any.Select(check => check.Message))})"))}")
                .ShouldBeEmpty();
        }

        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await CheckWidthAsync(page, where);
    }

    /// <summary>The same, and nothing stands out of a window of 360 px either.</summary>
    public static async Task CheckAtEveryWidthAsync(IPage page, string where)
    {
        await CheckAsync(page, where);
        var size = page.ViewportSize!;
        await page.SetViewportSizeAsync(360, size.Height);
        await CheckWidthAsync(page, where);
        await page.SetViewportSizeAsync(size.Width, size.Height);
    }

    private static async Task CheckWidthAsync(IPage page, string where) =>
        (await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
            .ShouldBeFalse($"{where} is wider than the window of {page.ViewportSize!.Width} px.");
}
