using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Secrets;

namespace AdminPortal.Components.Tests.Features.Attempts;

/// <content>A consent for another account than the one that was entered.</content>
public sealed partial class AttemptPageDetailTests
{
    [Fact]
    public async Task OtherAccount_Create_NamesBothAccountsAndWhatEachChoiceDoes()
    {
        var page = RenderPage(await AddHeldAsync());

        page.Heading().ShouldBe("Another Infusionsoft account answered");
        page.Find("[role=status]").Words().ShouldBe("Another Infusionsoft account answered");
        page.Words().ShouldContain($"Entered {Server} Access allowed for {Other}");
        page.Words().ShouldContain("Nothing has been sent and nothing has been created.");
        page.Words().ShouldContain("You can decide for another 4 minutes.");
        page.Words().ShouldContain($"At Infusionsoft, choose {Server} this time.");
        page.Words().ShouldContain($"The instance will reach {Other}.");
        page.FindAll(".outcome .actions button").Select(button => button.Words())
            .ShouldBe(["Sign in again", "Create it all the same", "Change the server that was entered"]);
        Clock.Advance(TimeSpan.FromSeconds(230));
        page.WaitForAssertion(() => page.Words().ShouldContain("You can decide for another 10 seconds."));
    }

    [Fact]
    public async Task OtherAccount_TheAnswerNamesNone_SaysSoAndAsksBeforeItGoesOn()
    {
        var id = await AddDraftAsync();
        await SetAttemptAsync(id, AttemptState.AwaitingDecision, change: row =>
        {
            row.Property(attempt => attempt.Code).CurrentValue = Get<ISecretBox>().Seal(SecretKind.OAuthCode, id, SecretOrigin.Of("https://staging.cloud-elements.com"), "the-code");
            row.Property(attempt => attempt.CodeReceivedAt).CurrentValue = Clock.GetUtcNow();
            row.Property(attempt => attempt.ExpectedServer).CurrentValue = Server;
        });
        var page = RenderPage(id);

        page.Heading().ShouldBe("The answer does not say which account it is for");
        page.Words().ShouldContain($"Entered {Server} Access allowed for not named in the answer");
        page.Press("Create it all the same");
        WaitForFocus("#decision-confirm");
        page.Find("#decision-confirm").Words().ShouldContain($"Continue only if you know that access was allowed for {Server}.");
        page.Press("Create it all the same");
        (await ReadAttemptAsync(id)).State.ShouldBe(AttemptState.CodeReceived);
    }

    [Fact]
    public async Task OtherAccount_TheAnswerNamedNoneAndNobodyContinued_SaysWhy()
    {
        var id = await AddDraftAsync();
        await SetAttemptAsync(id, AttemptState.Failed, new AttemptEnding(EndingReason.OtherAccount), row => row.Property(attempt => attempt.ExpectedServer).CurrentValue = Server);

        var page = RenderPage(id);

        page.Heading().ShouldBe("Consent for an account that was not named");
        page.Words().ShouldContain("The answer did not say for which Infusionsoft account access was allowed.");
    }

    [Theory]
    [InlineData("Sign in again", "review")]
    [InlineData("Change the server that was entered", "account")]
    public async Task OtherAccount_NotWanted_EndsItAndBeginsAgainWithTheSameDraft(string button, string step)
    {
        var id = await AddHeldAsync();

        RenderPage(id).Press(button);

        var again = (await ListAttemptsAsync()).Single(other => other != id);
        Address.ShouldBe($"/connect/{again}/{step}");
        var old = await ReadAttemptAsync(id);
        old.State.ShouldBe(AttemptState.Failed);
        old.Ending.ShouldNotBeNull().Reason.ShouldBe(EndingReason.OtherAccount);
        (await ReadAttemptAsync(again)).StoredSecrets.ShouldContain(ElementCatalog.EncryptedKeyKey);
    }

    [Fact]
    public async Task OtherAccount_Wanted_IsConfirmedInThePageFirst()
    {
        var id = await AddHeldAsync();
        var page = RenderPage(id);

        page.Press("Create it all the same");

        WaitForFocus("#decision-confirm");
        (await ReadAttemptAsync(id)).State.ShouldBe(AttemptState.AwaitingDecision);
        var sure = page.Find("#decision-confirm").Words();
        sure.ShouldStartWith($"Create the instance with the consent of {Other}?");
        sure.ShouldContain($"The server {Server} and the encrypted key of that account will be sent together with the consent of {Other}.");

        page.Press("Not yet");
        WaitForFocus("#decision-accept");
        page.FindAll("#decision-confirm").ShouldBeEmpty();

        page.Press("Create it all the same");
        page.Press("Create it all the same");
        (await ReadAttemptAsync(id)).State.ShouldBe(AttemptState.CodeReceived);
        page.WaitForAssertion(() => page.Heading().ShouldBe("Creating the instance"));
        WaitForFocus("h1");
    }

    [Fact]
    public async Task OtherAccount_DecidedBySomebodyElse_IsNotOverruled()
    {
        var id = await AddHeldAsync();
        var page = RenderPage(id);
        await SetAttemptAsync(id, AttemptState.Active);

        page.Press("Sign in again");

        page.Role("alert").ShouldHaveSingleItem().ShouldContain("This attempt has not ended");
        (await ListAttemptsAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task OtherAccount_TooLate_SaysSo()
    {
        var id = await AddHeldAsync();
        var page = RenderPage(id);
        page.Press("Create it all the same");
        Clock.Advance(TimeSpan.FromMinutes(4));

        page.Press("Create it all the same");

        page.WaitForAssertion(() => page.Heading().ShouldBe("Consent for another account"));
        page.Role("alert").ShouldHaveSingleItem().ShouldContain("somebody else has decided, or the time was over");
        page.Words().ShouldContain($"Entered {Server} Access allowed for {Other}");
        page.Button("Try again").HasAttribute("disabled").ShouldBeFalse();
    }

    [Fact]
    public async Task OtherAccount_Reauthentication_SpeaksOfTheInstance()
    {
        var instance = await AddInstanceAsync();
        var id = (await Get<ReauthenticationService>().StartAsync(instance, new(Ada, "ada@example.com") { Role = Role.Administrator }, Token)).Value;
        await HoldAsync(id);

        var page = RenderPage(id);

        page.Words().ShouldContain($"Belongs to {Server} Access allowed for {Other}");
        page.Words().ShouldContain("the instance is as it was");
        page.Buttons("Create it all the same").ShouldBeEmpty();
        page.Buttons("Change the server that was entered").ShouldBeEmpty();
        page.Press("Re-authenticate all the same");
        page.Find("#decision-confirm").Words().ShouldStartWith($"Let the instance reach {Other} from now on?");
    }

    private async Task<Guid> AddHeldAsync()
    {
        var id = await AddDraftAsync();
        await HoldAsync(id);
        return id;
    }

    private Task HoldAsync(Guid id) => SetAttemptAsync(id, AttemptState.AwaitingDecision, change: row =>
    {
        row.Property(attempt => attempt.Code).CurrentValue = Get<ISecretBox>().Seal(SecretKind.OAuthCode, id, SecretOrigin.Of("https://staging.cloud-elements.com"), "the-code");
        row.Property(attempt => attempt.CodeReceivedAt).CurrentValue = Clock.GetUtcNow();
        row.Property(attempt => attempt.ConsentedServer).CurrentValue = Other;
        row.Property(attempt => attempt.ExpectedServer).CurrentValue = Server;
    });
}
