using AdminPortal.Features.Lapses;

namespace AdminPortal.Components.Tests.Features.Lapses;

public sealed class TokenTimesCardTests : PortalTest
{
    [Fact]
    public void TokenTimesCard_Refreshed_KeepsKnownAndEstimatedApart()
    {
        var card = RenderCard(Clock.GetUtcNow().AddHours(-3), 28_800);

        var words = card.Words();
        words.ShouldContain("Known from the platform Refreshed 3 hours ago An access token holds 8 hours.");
        words.ShouldContain("Estimated by the portal Lapses around 15 April 2026 if nothing refreshes it.");
        words.ShouldContain("Reckoned with 45 days");
        words.ShouldContain("Portal:RefreshTokenLifetime");
        card.Find(".times-estimate").Words().ShouldNotContain("8 hours");
    }

    [Fact]
    public void TokenTimesCard_Zone_DecidesTheDay() =>
        RenderCard(new DateTimeOffset(2026, 2, 28, 23, 30, 0, TimeSpan.Zero), null, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"))
            .Words().ShouldContain("Lapses around 15 April 2026");

    [Fact]
    public void TokenTimesCard_Overdue_SaysWhatToDo() =>
        RenderCard(Clock.GetUtcNow().AddDays(-60), null).Words()
            .ShouldContain("Should have lapsed around 14 February 2026, if nothing has refreshed it since. Validate it to find out.");

    [Fact]
    public void TokenTimesCard_IntervalAlone_EstimatesNothing()
    {
        var words = RenderCard(null, 5400).Words();

        words.ShouldContain("When it was refreshed, the platform has not told.");
        words.ShouldContain("An access token holds 90 minutes.");
        words.ShouldContain("Without the time of a refresh there is nothing to estimate.");
    }

    [Theory]
    [InlineData(3600, "1 hour")]
    [InlineData(86_400, "24 hours")]
    [InlineData(172_800, "2 days")]
    [InlineData(60, "1 minute")]
    [InlineData(61, "61 seconds")]
    public void TokenTimesCard_Interval_IsSaidInTheLargestUnit(long seconds, string words) =>
        RenderCard(null, seconds).Words().ShouldContain($"An access token holds {words}.");

    [Fact]
    public void TokenTimesCard_NothingKnown_SaysSo()
    {
        var card = RenderCard(null, null);

        card.Words().ShouldContain("The platform has not told when this instance's token was refreshed.");
        card.FindAll("h3").ShouldBeEmpty();
        card.Target("Lapses of all instances").ShouldBe("/lapses");
    }

    private IRenderedComponent<TokenTimesCard> RenderCard(DateTimeOffset? refreshedAt, long? seconds, TimeZoneInfo? zone = null) =>
        Render<TokenTimesCard>(card =>
        {
            _ = card.Add(c => c.RefreshedAt, refreshedAt).Add(c => c.RefreshIntervalSeconds, seconds);
            if (zone is not null) card.AddCascadingValue(zone);
        });
}
