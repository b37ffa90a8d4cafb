using AdminPortal.Components.Layout;

namespace AdminPortal.Components.Tests.Components;

/// <summary>The navigation says which page is open, and follows the person.</summary>
public sealed class ShellNavigationTests : PortalTest
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/?welcome=1", "/")]
    [InlineData("/instances", "/instances")]
    [InlineData("/instances?state=Disabled&after=x", "/instances")]
    [InlineData("/instances/0197f4f2-0000-7000-8000-000000000001/events#log", "/instances")]
    [InlineData("/connect/0197f4f2-0000-7000-8000-000000000001/review", "/connect")]
    [InlineData("/accounts/new", "/accounts")]
    [InlineData("/instances-of-somebody", null)]
    public void Link_OfThePageAndOfThoseBelowIt_IsTheCurrentOne(string address, string? current)
    {
        GoTo(address);

        var navigation = Render<ShellNavigation>();

        navigation.FindAll("a[aria-current=page]").Select(link => link.GetAttribute("href")).ShouldBe(current is null ? [] : [current]);
    }

    [Fact]
    public void Link_WhenThePersonGoesOn_FollowsUntilItIsGone()
    {
        var navigation = Render<ShellNavigation>();

        GoTo("/activity");
        navigation.FindAll("a[aria-current=page]").ShouldHaveSingleItem().Words().ShouldBe("Activity");
        GoTo("/help");
        navigation.FindAll("a[aria-current=page]").ShouldHaveSingleItem().Words().ShouldBe("Help");

        var drawn = navigation.RenderCount;
        navigation.Instance.Dispose();
        GoTo("/activity");
        navigation.RenderCount.ShouldBe(drawn);
    }
}
