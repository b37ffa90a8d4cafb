using AdminPortal.Domain.Attempts;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Components.Tests.Features.Attempts;

/// <content>Attempts that have ended without an instance.</content>
public sealed partial class AttemptPageTests
{
    [Fact]
    public async Task AttemptPage_Expired_SaysWhenItBeganAndHowLongItWasGood()
    {
        var (id, _) = await AddAwaitingAsync();
        await SetAttemptAsync(id, AttemptState.Expired, new AttemptEnding(EndingReason.TimeRanOut));

        var page = RenderPage(id);

        page.Heading().ShouldBe("This link has expired");
        page.Words().ShouldContain("It was begun at 1 Mar 2026 12:00:00");
        page.Words().ShouldContain("and was good for 15 minutes.");
    }

    [Fact]
    public async Task AttemptPage_Expired_IsAWholeSentence()
    {
        var (id, _) = await AddAwaitingAsync();
        await SetAttemptAsync(id, AttemptState.Expired, new AttemptEnding(EndingReason.TimeRanOut));

        RenderPage(id).Words().ShouldContain("12:00:00 and was good for 15 minutes.");
    }

    [Theory]
    [InlineData(AttemptState.Denied, EndingReason.AccessDenied, "Access was not granted", "Keap sends the same answer when the client ID is wrong")]
    [InlineData(AttemptState.Denied, EndingReason.ProviderError, "Infusionsoft reported an error", "sent an error")]
    [InlineData(AttemptState.Expired, EndingReason.TimeRanOut, "This link has expired", "Nobody came back")]
    [InlineData(AttemptState.Failed, EndingReason.Refused, "The platform refused", "word for word")]
    [InlineData(AttemptState.Failed, EndingReason.Busy, "The platform stayed busy", "until the consent was too old")]
    [InlineData(AttemptState.Failed, EndingReason.Unreachable, "The platform could not be reached", "Check the platform account's base URL")]
    [InlineData(AttemptState.Failed, EndingReason.SecretUnreadable, "A stored secret could not be opened", "enter the secrets anew")]
    [InlineData(AttemptState.Failed, EndingReason.SettingsGone, "The settings are gone", "is not there any more")]
    [InlineData(AttemptState.Failed, EndingReason.NothingCreated, "Nothing was created", "No instance from this attempt was found. You can try again.")]
    [InlineData(AttemptState.Failed, EndingReason.OtherAccount, "Consent for another account", "choose the right account at Infusionsoft")]
    public async Task AttemptPage_Ended_SaysWhatHappenedAndOffersAnotherTry(AttemptState state, EndingReason reason, string heading, string words)
    {
        var page = RenderPage(await AddAttemptAsync(state, new AttemptEnding(reason)));

        page.Heading().ShouldBe(heading);
        page.Find("[role=status]").Words().ShouldBe(heading);
        page.Words().ShouldContain(words);
        page.Button("Try again").HasAttribute("disabled").ShouldBeFalse();
        page.Words().ShouldNotContain("Ended.");
    }

    [Fact]
    public async Task AttemptPage_Refused_QuotesThePlatformWithStatusAndRequestId()
    {
        var ending = new AttemptEnding(EndingReason.Refused, 409, "An instance <b>exists</b>", "Account is locked", "req-77");

        var page = RenderPage(await AddAttemptAsync(AttemptState.Failed, ending));

        page.Words().ShouldContain("Message An instance <b>exists</b>");
        page.Words().ShouldContain("Infusionsoft said Account is locked");
        page.Words().ShouldContain("Status 409");
        page.Words().ShouldContain("Request ID req-77");
    }

    [Fact]
    public async Task AttemptPage_ProviderError_ShowsItsNameAndText() =>
        RenderPage(await AddAttemptAsync(AttemptState.Denied, new AttemptEnding(EndingReason.ProviderError, Message: "invalid_client: no such client")))
            .Words().ShouldContain("Message invalid_client: no such client");

    [Fact]
    public async Task AttemptPage_AccessDenied_ShowsNoRawError() =>
        RenderPage(await AddAttemptAsync(AttemptState.Denied, new AttemptEnding(EndingReason.AccessDenied, Message: "access_denied"))).Words().ShouldNotContain("access_denied");

    [Fact]
    public async Task AttemptPage_TryAgain_LeadsToTheReviewOfANewDraft()
    {
        var id = await AddAttemptAsync(AttemptState.Denied, new AttemptEnding(EndingReason.AccessDenied));
        var page = RenderPage(id);

        page.Press("Try again");

        var attempts = await ListAttemptsAsync();
        attempts.Count.ShouldBe(2);
        var again = attempts.Single(other => other != id);
        Address.ShouldBe($"/connect/{again}/review");
        (await ReadAttemptAsync(again)).Name.ShouldBe("API instance");
        (await ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Denied);
        await using var db = OpenDatabase();
        (await db.Attempts.SingleAsync(attempt => attempt.Id == again, Token)).CreatedBy.ShouldBe(Ada);
    }

    [Fact]
    public async Task AttemptPage_TryAgainOfWhatHasGoneOn_SaysThatItCannot()
    {
        var id = await AddAttemptAsync(AttemptState.Denied, new AttemptEnding(EndingReason.AccessDenied));
        var page = RenderPage(id);
        await SetAttemptAsync(id, AttemptState.Active);

        page.Press("Try again");

        page.Role("alert").ShouldHaveSingleItem().ShouldContain("This attempt has not ended");
        Navigation.History.ShouldBeEmpty();
    }
}
