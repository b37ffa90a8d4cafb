using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

[Collection(SharedStage.Name)]
public sealed class OutcomeTests(Stage stage)
{
    [Fact]
    public async Task Deny_AtTheConsent_SaysSoAndCanBeTriedAgain()
    {
        await stage.Sandbox.ClearJournalAsync();
        var wizard = await AtConsentAsync("Denied first");

        await wizard.Button("Deny").ClickAsync();
        await wizard.WaitForHeadingAsync("Access was not granted");
        (await stage.Sandbox.CountCreationsAsync()).ShouldBe(0);

        await wizard.Button("Try again").ClickAsync();
        await wizard.WaitForHeadingAsync("Review and authorize");
        await Expect(wizard.Page.GetByText("Denied first").First).ToBeVisibleAsync();
        await wizard.GoToConsentAsync();
        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("Instance created");
    }

    [Fact]
    public async Task Replay_OfASuccessfulCallback_ShowsTheSameSuccessAndCreatesNothing()
    {
        await stage.Sandbox.ClearJournalAsync();
        var wizard = await AtConsentAsync("Replayed");
        string? callback = null;
        wizard.Page.Request += (_, request) =>
        {
            if (request.Url.Contains("/oauth/callback", StringComparison.Ordinal)) callback = request.Url;
        };
        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("Instance created");

        await wizard.Page.GotoAsync(callback!);
        await wizard.WaitForHeadingAsync("Already completed");
        await wizard.Page.ReloadAsync();
        await wizard.WaitForHeadingAsync("Already completed");

        (await stage.Sandbox.CountCreationsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Back_ToTheConsentAndAllowAgain_CreatesNothingMore()
    {
        await stage.Sandbox.ClearJournalAsync();
        var wizard = await AtConsentAsync("Back and again");
        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("Instance created");

        // The consent page is the answer to a form, which a browser does not show again unasked; the sign-in before it is.
        await wizard.Page.EvaluateAsync("history.go(-2)");
        await wizard.SignInAtTheSandboxAsync();
        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("Already completed");
        (await stage.Sandbox.CountCreationsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Callback_DeliveredManyTimesAtOnce_CreatesOneInstance()
    {
        await stage.Sandbox.ClearJournalAsync();
        var wizard = await AtConsentAsync("Many deliveries");
        var callback = await TakeCallbackAsync(wizard);

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => wizard.Page.Context.APIRequest.GetAsync(callback, new() { MaxRedirects = 0 })));

        answers.ShouldAllBe(answer => answer.Status == 303);
        answers.Count(answer => !answer.Headers["location"].Contains("again", StringComparison.Ordinal)).ShouldBe(1);
        answers.ShouldAllBe(answer => answer.Headers["referrer-policy"] == "no-referrer" && answer.Headers["cache-control"].Contains("no-store"));
        await wizard.Page.GotoAsync(answers[0].Headers["location"]);
        await wizard.Heading("Instance created").Or(wizard.Heading("Already completed")).WaitForAsync();
        (await stage.Sandbox.CountCreationsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Callback_DeliveredToTwoPortalsOnOneDatabase_CreatesOneInstance()
    {
        var (second, address) = await stage.Portal.StartAnotherAsync();
        await using var _ = second;
        await stage.Sandbox.ClearJournalAsync();
        var wizard = await AtConsentAsync("Two workers");
        var callback = await TakeCallbackAsync(wizard);

        // Cookies do not tell ports apart, so the browser's binding holds for both.
        var addresses = Enumerable.Range(0, 20).Select(number => number % 2 == 0 ? callback : new Uri(address, new Uri(callback).PathAndQuery).AbsoluteUri);
        var answers = await Task.WhenAll(addresses.Select(url => wizard.Page.Context.APIRequest.GetAsync(url, new() { MaxRedirects = 0 })));

        answers.ShouldAllBe(answer => answer.Status == 303);
        answers.Count(answer => !answer.Headers["location"].Contains("again", StringComparison.Ordinal)).ShouldBe(1);
        await wizard.Page.GotoAsync(answers[0].Headers["location"]);
        await wizard.Heading("Instance created").Or(wizard.Heading("Already completed")).WaitForAsync();
        (await stage.Sandbox.CountCreationsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Callback_InAnotherBrowser_CreatesNothingAndCanBeFinishedInTheFirst()
    {
        await stage.Sandbox.ClearJournalAsync();
        var wizard = await AtConsentAsync("Other browser");
        var callback = await TakeCallbackAsync(wizard);

        var other = new WizardDriver(await stage.NewPageAsync());
        await other.Page.GotoAsync(callback);
        await other.WaitForHeadingAsync("Started in another browser");
        (await stage.Sandbox.CountCreationsAsync()).ShouldBe(0);

        await wizard.Page.GotoAsync(callback);
        await wizard.WaitForHeadingAsync("Instance created");
        (await stage.Sandbox.CountCreationsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task SignInAddress_OpenedInAnotherBrowser_LeadsToStartedInAnotherBrowser()
    {
        await stage.Sandbox.ClearJournalAsync();
        var wizard = new WizardDriver(await stage.NewPageAsync());
        await wizard.GoToReviewAsync("Infusionsoft REST", "Address in another browser", "client-other-browser");
        var signIn = "";
        wizard.Page.Request += (_, request) =>
        {
            if (request.Url.Contains("/app/oauth/authorize", StringComparison.Ordinal)) signIn = request.Url;
        };
        await wizard.GoToConsentAsync();

        // Even one that is signed in: what counts is which browser left.
        var other = new WizardDriver(await stage.NewPageAsync());
        await other.Page.GotoAsync(signIn);
        await other.SignInAtTheSandboxAsync();
        await other.Button("Allow").ClickAsync();

        await other.WaitForHeadingAsync("Started in another browser");
        (await stage.Sandbox.CountCreationsAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task SignedOut_InAnotherTabWhileAtTheSignIn_IsToldAndTheAttemptGoesOn()
    {
        // A session of its own: to sign out ends it in every browser that has it.
        var wizard = new WizardDriver(await stage.NewPageAsync(signedIn: false));
        await wizard.Page.GotoAsync("/sign-in?returnUrl=/activity");
        await wizard.Page.GetByLabel("Email").FillAsync(Stage.Email);
        await wizard.Page.GetByLabel("Password").FillAsync(Stage.Password);
        await wizard.Button("Sign in").ClickAsync();
        await wizard.WaitForHeadingAsync("Activity");
        await wizard.GoToReviewAsync("Infusionsoft REST", "Signed out in another tab", "client-signed-out");
        await wizard.GoToConsentAsync();
        var tab = await wizard.Page.Context.NewPageAsync();
        await tab.GotoAsync("/activity");
        await tab.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await new WizardDriver(tab).WaitForHeadingAsync("Sign in");

        await wizard.Button("Allow").ClickAsync();

        await wizard.WaitForHeadingAsync("You were signed out meanwhile");
        await Expect(wizard.Page.GetByText("the attempt goes on by itself")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Callback_SignedOutMeanwhile_GoesOnAndIsSeenAfterSigningIn()
    {
        var wizard = await AtConsentAsync("Signed out");
        await wizard.Page.Context.ClearCookiesAsync(new() { Name = "portal-session" });
        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("You were signed out meanwhile");

        await wizard.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await wizard.Page.GetByLabel("Email").FillAsync(Stage.Email);
        await wizard.Page.GetByLabel("Password").FillAsync(Stage.Password);
        await wizard.Button("Sign in").ClickAsync();
        await wizard.WaitForHeadingAsync("Instance created");
    }

    [Theory]
    [InlineData("/oauth/callback")]
    [InlineData("/oauth/callback?code=abc&state=unknown")]
    [InlineData("/oauth/callback?code=abc&state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Callback_WithAStateOfNoAttempt_NamesWhatCame(string address)
    {
        var page = await stage.NewPageAsync();
        await page.GotoAsync(address);
        await new WizardDriver(page).WaitForHeadingAsync("This answer belongs to no attempt");
        if (address.Contains('?', StringComparison.Ordinal))
        {
            await Expect(page.GetByText("code", new() { Exact = true })).ToBeVisibleAsync();
            page.Url.ShouldNotContain("abc");
        }
    }

    [Fact]
    public async Task Refused_ByThePlatform_ShowsItsWordsStatusAndRequestId()
    {
        await stage.Sandbox.FailNextAsync(new { match = "POST /instances", status = 400, message = "The entry infusionsoft.server is unknown here." });
        var wizard = await AtConsentAsync("Refused");
        await wizard.Button("Allow").ClickAsync();

        await wizard.WaitForHeadingAsync("The platform refused");
        await Expect(wizard.Page.GetByRole(AriaRole.Definition).Filter(new() { HasText = "The entry infusionsoft.server is unknown here." })).ToBeVisibleAsync();
        await Expect(wizard.Page.GetByText("400", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(wizard.Page.GetByText("Request ID", new() { Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Busy_ForAMoment_IsTriedAgainWithTheSameCode()
    {
        await stage.Sandbox.ClearJournalAsync();
        await stage.Sandbox.FailNextAsync(new { match = "POST /instances", status = 429, message = "Slow down", retryAfterSeconds = 2 });
        var wizard = await AtConsentAsync("Busy");
        await wizard.Button("Allow").ClickAsync();

        await wizard.WaitForHeadingAsync("Instance created");
        (await stage.Sandbox.CountCreationsAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task Unanswered_AfterCreating_IsFoundAndAdoptedWithoutASecondRequest()
    {
        await stage.Sandbox.ClearJournalAsync();
        await stage.Sandbox.FailNextAsync(new { match = "POST /instances", drop = "after" });
        var wizard = await AtConsentAsync("Unanswered");
        await wizard.Button("Allow").ClickAsync();

        await wizard.WaitForHeadingAsync("Instance created");
        (await stage.Sandbox.CountCreationsAsync()).ShouldBe(1);
        await Expect(wizard.Page.GetByText("The instance was found on the platform")).ToBeVisibleAsync();
    }

    private async Task<WizardDriver> AtConsentAsync(string name)
    {
        var wizard = new WizardDriver(await stage.NewPageAsync());
        await wizard.GoToReviewAsync("Infusionsoft REST", name, "client-" + name.Replace(' ', '-'));
        await wizard.GoToConsentAsync();
        return wizard;
    }

    // Answers the consent form outside the page and stops at the provider's redirect: its address is the callback, not yet delivered.
    private static async Task<string> TakeCallbackAsync(WizardDriver wizard)
    {
        var form = wizard.Page.Locator("form").Filter(new() { Has = wizard.Button("Allow") });
        var action = await form.EvaluateAsync<string>("form => form.action");
        var fields = await form.EvaluateAsync<Dictionary<string, string>>(
            "form => Object.fromEntries(new FormData(form, [...form.querySelectorAll('button')].find(button => button.textContent.trim() === 'Allow')))");
        var data = wizard.Page.Context.APIRequest.CreateFormData();
        foreach (var (name, value) in fields) data.Set(name, value);
        var answer = await wizard.Page.Context.APIRequest.PostAsync(action, new() { Form = data, MaxRedirects = 0 });
        answer.Status.ShouldBe(302);
        return answer.Headers["location"];
    }
}
