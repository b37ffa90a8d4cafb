using AdminPortal.Features.Callback;

namespace AdminPortal.Components.Tests.Features.Callback;

public sealed class LandingTests : PortalTest
{
    private static readonly Guid Attempt = Guid.Parse("0199f0a1-0000-7000-8000-000000000001");

    [Theory]
    [InlineData("&stands=CodeReceived", "Your answer has arrived and is kept: the attempt goes on by itself. Sign in to see the result.")]
    [InlineData("&stands=AwaitingDecision", "it names another Infusionsoft account than the one that was entered, or no account. Nothing is sent until you decide")]
    [InlineData("&stands=Denied", "Access was not granted, or Infusionsoft reported an error. The attempt has ended with that: nothing was created or changed, and nothing goes on.")]
    [InlineData("&stands=Expired", "Your answer came after the time for it was over, so that it was not used. The attempt has ended with that")]
    [InlineData("", "This answer has changed nothing, because the attempt was waiting for none any more")]
    [InlineData("&stands=Title", "This answer has changed nothing, because the attempt was waiting for none any more")]
    [InlineData("&stands=%3Cb%3E", "This answer has changed nothing, because the attempt was waiting for none any more")]
    public void Landing_SignedOut_SaysWhatTheAnswerCameToAndLeadsToTheAttempt(string stands, string expected)
    {
        var page = RenderPage("signed-out", $"?attempt={Attempt}{stands}");

        page.Heading().ShouldBe("You were signed out meanwhile");
        page.Words().ShouldContain("Your session in the portal ended while you were at Infusionsoft.");
        page.Words().ShouldContain(expected);
        if (!stands.EndsWith("CodeReceived", StringComparison.Ordinal)) page.Words().ShouldNotContain("goes on by itself");
        page.Target("Sign in").ShouldBe($"/sign-in?returnUrl=%2Fconnect%2F{Attempt}");
    }

    [Fact]
    public void Landing_OtherBrowser_SaysThatNothingWasCreatedOrChanged()
    {
        var page = RenderPage("other-browser", $"?attempt={Attempt}");

        page.Heading().ShouldBe("Started in another browser");
        page.Words().ShouldContain("Nothing was created or changed.");
        page.Target("Start here").ShouldBe($"/connect/{Attempt}/review");
    }

    [Fact]
    public void Landing_Unknown_NamesTheParametersThatCame()
    {
        var page = RenderPage("unknown", "?came=code%20scope");

        page.Heading().ShouldBe("This answer belongs to no attempt");
        page.FindAll("code").Select(name => name.Words()).ShouldBe(["code", "scope"]);
        page.Words().ShouldContain("a proxy");
        page.Target("Back to the attempts").ShouldBe("/attempts");
    }

    [Fact]
    public void Landing_Incomplete_SaysThatTheAttemptIsKnownAndStillWaits()
    {
        var page = RenderPage("incomplete", "?came=state%20scope");

        page.Heading().ShouldBe("This answer is not complete");
        page.Words().ShouldContain("the answer holds neither a code that can be used nor an error. Nothing was created or changed, and the attempt still waits.");
        page.Words().ShouldNotContain("does not say for which attempt");
        page.FindAll("code").Select(name => name.Words()).ShouldBe(["state", "scope"]);
        page.Words().ShouldContain("a proxy");
        page.Target("Back to the attempts").ShouldBe("/attempts");
    }

    [Fact]
    public void Landing_NothingCame_SaysSo() => RenderPage("unknown", "").Words().ShouldContain("No parameters came with it at all.");

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("https://evil.example.com")]
    [InlineData("your password: send it")]
    [InlineData("a=b;c")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Landing_OddNames_AreNotShown(string came) =>
        RenderPage("unknown", "?came=" + Uri.EscapeDataString(came)).FindAll("code").Select(name => name.Words())
            .ShouldAllBe(name => name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_' || c == '.' || c == '-') && name.Length <= 40);

    [Fact]
    public void Landing_ManyNames_ShowsTen() =>
        RenderPage("unknown", "?came=" + string.Join("%20", Enumerable.Range(1, 20).Select(number => $"p{number}"))).FindAll("code").Count.ShouldBe(10);

    [Theory]
    [InlineData("signed-out", "")]
    [InlineData("other-browser", "")]
    [InlineData("other-browser", "?attempt=no%20id%3Cb%3E")]
    [InlineData("nonsense", "?attempt=0199f0a1-0000-7000-8000-000000000001")]
    public void Landing_WithoutAnAttemptOrUnknownKind_IsTheUnknownPage(string kind, string query) =>
        RenderPage(kind, query).Heading().ShouldBe("This answer belongs to no attempt");

    private IRenderedComponent<Landing> RenderPage(string kind, string query)
    {
        GoTo($"/oauth/landing/{kind}{query}");
        return Render<Landing>(page => page.Add(p => p.Kind, kind));
    }
}
