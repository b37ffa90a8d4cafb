using System.Net;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>Who comes in and who does not.</summary>
[Collection(SecondStage.Name)]
public sealed class SignInTests(Stage stage)
{
    private const string Refusal = "Wrong email or password, or too many attempts";

    [Theory]
    [InlineData("/instances")]
    [InlineData("/connect")]
    [InlineData("/accounts")]
    [InlineData("/accounts/new")]
    [InlineData("/provider-apps")]
    [InlineData("/connect/01a200c2-a625-783e-a623-d7eac4fc2635/go")]
    public async Task Page_SignedOut_LeadsToTheSignIn(string address)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = stage.Portal.Address };
        using var answer = await http.GetAsync(address);
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.OriginalString.ShouldContain("/sign-in?returnUrl=");
    }

    [Fact]
    public async Task Root_SignedOut_LeadsToTheSignInWithoutAReturnAddress()
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = stage.Portal.Address };
        using var answer = await http.GetAsync("/");
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location.ShouldNotBeNull().PathAndQuery.ShouldBe("/sign-in");
    }

    [Fact]
    public async Task Token_SignedOutOrWithoutAntiforgery_IsNotHandedOut()
    {
        const string address = "/instances/01a200c2-a625-783e-a623-d7eac4fc2635/token";
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = stage.Portal.Address };
        using var signedOut = await http.PostAsync(address, null);
        signedOut.StatusCode.ShouldBe(HttpStatusCode.Redirect);

        await using var browser = await stage.NewBrowserAsync();
        var forged = await browser.APIRequest.PostAsync(address);
        forged.Status.ShouldBe(400);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("javascript:alert(1)")]
    public async Task SignIn_WithAForeignReturnUrl_StaysHere(string returnUrl)
    {
        var page = await stage.NewPageAsync(signedIn: false);
        await page.GotoAsync("/sign-in?returnUrl=" + Uri.EscapeDataString(returnUrl));
        await SignInAsync(page, Stage.Email, Stage.Password);
        await page.WaitForURLAsync(stage.Portal.Address.AbsoluteUri);
    }

    [Fact]
    public async Task SetupLink_UsedOnce_IsClosed()
    {
        var page = await stage.NewPageAsync(signedIn: false);
        await page.GotoAsync(await stage.Portal.SetupLinkAsync());
        await new WizardDriver(page).WaitForHeadingAsync("This setup link does not work any more");
    }

    [Fact]
    public async Task SingleSignOn_InAndOut_ByTheButtonOfTheSignIn()
    {
        stage.Authority.Asks = true;
        stage.Authority.Be("e2e", "olga@example.com", "portal-operators");
        var page = await stage.NewPageAsync(signedIn: false);
        await page.GotoAsync("/sign-in?returnUrl=/instances");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with Example ID" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Continue" }).ClickAsync();
        await page.WaitForURLAsync("**/instances");
        await new WizardDriver(page).WaitForHeadingAsync("Instances");
        await page.GotoAsync("/me/single-sign-on");
        await Expect(page.GetByText("You can sign in with Example ID.")).ToBeVisibleAsync();
        await Axe.CheckAsync(page, "single sign-on");

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Signed out of Example ID" })).ToBeVisibleAsync();
        stage.Authority.LastSignOut["post_logout_redirect_uri"].ShouldBe(stage.Portal.Address.AbsoluteUri + "sign-in");
        await page.GetByRole(AriaRole.Link, new() { Name = "Back" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();

        // Who has a password connects the two from inside.
        stage.Authority.Be("e2e-ada", "ada.elsewhere@example.com", "portal-admins");
        var inside = await stage.NewPageAsync();
        await inside.GotoAsync("/me/single-sign-on");
        await Axe.CheckAsync(inside, "connecting single sign-on");
        await inside.GetByLabel("Your password").FillAsync(Stage.Password);
        await inside.GetByRole(AriaRole.Button, new() { Name = "Connect Example ID" }).ClickAsync();
        await inside.GetByRole(AriaRole.Link, new() { Name = "Continue" }).ClickAsync();
        await Expect(inside.GetByText("You can sign in with Example ID.")).ToBeVisibleAsync();

        // The console is the way in for when neither works.
        var (code, output) = await stage.Portal.RunAsync("let-in", "olga@example.com");
        code.ShouldBe(0, output);
        var letIn = await stage.NewPageAsync(signedIn: false);
        await letIn.GotoAsync(output.Split('\n').Single(line => line.Contains("/let-in?code=", StringComparison.Ordinal)).Trim());
        await Axe.CheckAsync(letIn, "let in");
        await letIn.GetByLabel("Password").FillAsync(Stage.Password);
        await letIn.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await letIn.WaitForURLAsync(stage.Portal.Address.AbsoluteUri);
        (await stage.Portal.RunAsync("let-in")).ExitCode.ShouldBe(2);
        (await stage.Portal.RunAsync("let-in", "nobody@example.com")).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task SignIn_Wrong_TellsNotWhetherTheNameExistsAndLocksOut()
    {
        // The administrator of the shared stage is still needed.
        await using var own = new Stage();
        await own.InitializeAsync();
        var page = await own.NewPageAsync(signedIn: false);
        await page.GotoAsync("/sign-in");
        // What was typed can be looked at, and is masked again before it leaves.
        await page.GetByLabel("Password").FillAsync("a wrong password");
        var show = page.GetByRole(AriaRole.Button, new() { Name = "Show while typing" });
        await show.ClickAsync();
        await Expect(page.GetByLabel("Password")).ToHaveAttributeAsync("type", "text");
        await Expect(show).ToHaveAttributeAsync("aria-pressed", "true");
        await page.EvaluateAsync("() => document.addEventListener('submit', event => sessionStorage.setItem('type-as-it-left', event.target.querySelector('[autocomplete=current-password]').type))");
        await SignInAsync(page, "nobody@example.com", "a wrong password");
        (await page.EvaluateAsync<string?>("() => sessionStorage.getItem('type-as-it-left')")).ShouldBe("password");
        await Expect(page.GetByText(Refusal)).ToBeVisibleAsync();

        for (var tries = 0; tries < 5; tries++)
        {
            await SignInAsync(page, Stage.Email, "a wrong password");
            await page.GetByRole(AriaRole.Alert).WaitForAsync();
        }

        await SignInAsync(page, Stage.Email, "a wrong password");
        await Expect(page.GetByText(Refusal)).ToBeVisibleAsync();
        await SignInAsync(page, Stage.Email, Stage.Password);
        await Expect(page.GetByText(Refusal)).ToBeVisibleAsync();
    }

    private static async Task SignInAsync(IPage page, string email, string password)
    {
        await page.GetByLabel("Email").FillAsync(email);
        await page.GetByLabel("Password").FillAsync(password);
        await page.RunAndWaitForResponseAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync(),
            response => response.Request.Method == "POST" && response.Url.Contains("/sign-in", StringComparison.Ordinal));
    }
}
