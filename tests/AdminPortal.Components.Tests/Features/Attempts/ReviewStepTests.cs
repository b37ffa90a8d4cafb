using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Features.Attempts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;

namespace AdminPortal.Components.Tests.Features.Attempts;

public sealed class ReviewStepTests : PortalTest
{
    [Fact]
    public async Task ReviewStep_Facts_ShowEverythingWithSecretsAsDots()
    {
        var id = await AddDraftAsync();

        var step = await RenderStepAsync(id);

        Fact(step, "Element").ShouldStartWith("Infusionsoft CRM");
        Fact(step, "Platform account").ShouldBe("Staging");
        Fact(step, "Provider app").ShouldStartWith("Keap app");
        Fact(step, "Client ID").ShouldBe("client-id");
        Fact(step, "Client secret").ShouldBe("••••••••");
        Fact(step, "Callback URL").ShouldBe(CallbackUrl);
        Fact(step, "Infusionsoft server").ShouldStartWith(Server);
        Fact(step, "Infusionsoft encrypted key").ShouldStartWith("••••••••");
        Fact(step, "Instance name").ShouldStartWith("API instance");
        Fact(step, "Tags").ShouldContain("docs");
        Fact(step, "Tags").ShouldContain($"portal:{id}");
    }

    [Fact]
    public async Task ReviewStep_Secrets_NeverStandInTheMarkup()
    {
        var step = await RenderStepAsync(await AddDraftAsync());

        step.Press("Authorize with Infusionsoft");

        foreach (var secret in new[] { ClientSecret, EncryptedKey, "org-secret-value", "user-secret-value", Platform.UrlRequests[0].State })
            step.Markup.ShouldNotContain(secret);
        step.Words().ShouldContain("YOUR_CLIENT_SECRET");
        step.Words().ShouldContain("YOUR_ENCRYPTED_KEY");
    }

    [Fact]
    public async Task ReviewStep_Links_LeadToTheStepsAndSayWhatTheyChange()
    {
        var id = await AddDraftAsync();
        var step = await RenderStepAsync(id);

        step.Target("Change Element").ShouldBe($"/connect/{id}/element");
        step.Target("Change Provider app").ShouldBe($"/connect/{id}/provider");
        step.Target("Change Infusionsoft server").ShouldBe($"/connect/{id}/account");
        step.Target("Change Instance name").ShouldBe($"/connect/{id}/options");
    }

    [Fact]
    public async Task ReviewStep_Events_AreSummedUp()
    {
        var id = await AddDraftAsync(ElementKey.Rest);
        (await RenderStepAsync(id)).Words().ShouldContain("No events");
        var events = new EventSettings { Enabled = true, CallbackUrl = "https://hooks.example.com", Minutes = 30, Resources = ["contacts", "orders"] };
        await Get<DraftService>().SaveOptionsAsync(id, new InstanceOptions { Name = "Alpha", Events = events }, Token);

        Fact(await RenderStepAsync(id), "Events").ShouldBe("contacts, orders, every 30 minutes");
    }

    [Fact]
    public async Task ReviewStep_Preflight_SaysLineByLineInWordsWhatWasChecked()
    {
        var step = await RenderStepAsync(await AddDraftAsync());

        var lines = Lines(step);

        lines.ShouldContain("Fields (passed) Everything that is needed is filled in.");
        lines.ShouldContain($"Infusionsoft server (passed) {Server} has the form of an Infusionsoft account.");
        lines.ShouldContain("Platform (passed) Staging answered and accepted the credentials.");
        lines.ShouldContain($"Server name (passed) {Server} is a name on the internet.");
        lines.ShouldContain("Stray blanks (passed) No value holds a blank or an invisible character that pasting may have left.");
        lines.ShouldContain("Way back (passed) The callback's address leads to this portal.");
        lines.ShouldContain("Your browser (passed) This page is open under https://portal.example.com, where Infusionsoft will send you back to.");
        lines.ShouldContain("Element on the platform (passed) Infusionsoft CRM is switched on.");
        lines.Count.ShouldBe(10);
        step.FindAll(".checks svg").Count.ShouldBe(10);
        step.Role("alert").ShouldBeEmpty();
    }

    [Fact]
    public async Task ReviewStep_PlatformAsksForMore_Warns()
    {
        Platform.OnConfiguration = () => new PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>.Success([new("new.field", "New", "TEXTFIELD_32", true, false)], null);

        var step = await RenderStepAsync(await AddDraftAsync());

        Lines(step).ShouldContain("Element (look at this) The platform also asks for new.field, which the portal does not send. It may refuse.");
        step.Press("Authorize with Infusionsoft");
        Navigation.History.ShouldBeEmpty();
        step.Press("Leave all the same");
        LastNavigation.Uri.ShouldEndWith("/go");
    }

    [Fact]
    public async Task ReviewStep_Warning_AsksBeforeLeavingAndNotesWhatWasAccepted()
    {
        Network.OnProbe = _ => Task.FromResult(ProbeAnswer.NoAnswer);
        var id = await AddDraftAsync();
        var step = await RenderStepAsync(id);

        step.Press("Authorize with Infusionsoft");

        Navigation.History.ShouldBeEmpty();
        (await ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Draft);
        step.Find("[role='group']").GetAttribute("aria-labelledby").ShouldBe("review-ask");
        step.Find("[role='group']").Words().ShouldStartWith("Leave all the same? Way back https://portal.example.com could not be reached from here.");
        WaitForFocus("#review-ask");
        step.Buttons("Authorize with Infusionsoft").ShouldBeEmpty();

        step.Press("Leave all the same");

        LastNavigation.Uri.ShouldBe($"/connect/{id}/go");
        var noted = (await ReadAttemptAsync(id)).History.Single(line => line.Event == AttemptEvent.PreflightPassed);
        noted.Detail.ShouldNotBeNull().ShouldStartWith("accepted: Way back: https://portal.example.com could not be reached");
    }

    [Fact]
    public async Task ReviewStep_BackToChecks_LeavesNobodyAndAsksAgain()
    {
        Network.OnLookUp = _ => Task.FromResult(NameAnswer.Unknown);
        var step = await RenderStepAsync(await AddDraftAsync());
        step.Press("Authorize with Infusionsoft");

        step.Press("Back to checks");

        WaitForFocus("#review-checks");
        step.FindAll("[role='group']").ShouldBeEmpty();
        step.Press("Authorize with Infusionsoft");
        step.Find("[role='group']").KeyDown("Escape");
        step.FindAll("[role='group']").ShouldBeEmpty();
        Navigation.History.ShouldBeEmpty();
    }

    [Fact]
    public async Task ReviewStep_AnotherWarningMeanwhile_IsAskedAboutToo()
    {
        Network.OnLookUp = _ => Task.FromResult(NameAnswer.Unknown);
        var step = await RenderStepAsync(await AddDraftAsync());
        step.Press("Authorize with Infusionsoft");
        Network.OnProbe = _ => Task.FromResult(ProbeAnswer.SomethingElse);

        step.Press("Leave all the same");

        Navigation.History.ShouldBeEmpty();
        step.Find("[role='group'] .checks-title").Words().ShouldBe("Way back");
        step.Press("Leave all the same");
        LastNavigation.Uri.ShouldEndWith("/go");
    }

    [Fact]
    public async Task ReviewStep_BrowserElsewhere_StopsAndLeadsToThePublicAddress()
    {
        var id = await AddDraftAsync();
        OpenUnder("http://127.0.0.1:5080/");
        var attempt = await ReadAttemptAsync(id);
        var step = Render<ReviewStep>(review => review.Add(s => s.Attempt, attempt));

        step.Press("Authorize with Infusionsoft");

        Lines(step).ShouldContain(line => line.StartsWith("Your browser (failed) This page is open under http://127.0.0.1:5080, but Infusionsoft will send you back to https://portal.example.com.", StringComparison.Ordinal));
        step.Target("Open this page under https://portal.example.com").ShouldBe($"https://portal.example.com/connect/{id}/review");
        Navigation.History.ShouldBeEmpty();
        (await ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Draft);
    }

    [Fact]
    public async Task ReviewStep_SlowCheck_ShowsTheOthersMeanwhile()
    {
        var answer = new TaskCompletionSource<ProbeAnswer>();
        Network.OnProbe = _ => answer.Task;
        var step = await RenderStepAsync(await AddDraftAsync());

        await step.WaitForAssertionAsync(() => Lines(step).Count.ShouldBe(9));
        step.Role("status").ShouldHaveSingleItem();
        answer.SetResult(ProbeAnswer.Portal);

        await step.WaitForAssertionAsync(() => step.Role("status").ShouldBeEmpty());
        Lines(step).Count.ShouldBe(10);
    }

    [Fact]
    public async Task ReviewStep_AllPassed_LeavesByTheEndpointThatSetsTheCookie()
    {
        var id = await AddDraftAsync();
        var step = await RenderStepAsync(id);

        step.Press("Authorize with Infusionsoft");

        LastNavigation.Uri.ShouldBe($"/connect/{id}/go");
        LastNavigation.Options.ForceLoad.ShouldBeTrue();
        (await ReadAttemptAsync(id)).State.ShouldBe(AttemptState.AwaitingConsent);
    }

    [Fact]
    public async Task ReviewStep_PressedTwice_AsksThePlatformOnce()
    {
        var step = await RenderStepAsync(await AddDraftAsync());
        step.Press("Authorize with Infusionsoft");

        step.FindAll("button").Where(button => !button.HasAttribute("disabled")).Select(button => button.Words()).ShouldNotContain("Authorize with Infusionsoft");

        Platform.UrlRequests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task ReviewStep_PlatformRefuses_StaysAndSaysSo()
    {
        Platform.OnOAuthUrl = _ => FakePlatform.Refuse<string>(401, "Invalid Organization or User secret");
        var id = await AddDraftAsync();
        var step = await RenderStepAsync(id);

        step.Press("Authorize with Infusionsoft");

        Navigation.History.ShouldBeEmpty();
        Lines(step)[^1].ShouldStartWith("OAuth URL (failed) The platform did not accept the organization secret or the user secret (“Invalid Organization or User secret”).");
        step.Role("alert").ShouldBe(["Something stands in the way. Nobody was sent anywhere and nothing was created."]);
        WaitForFocus("#review-checks");
        step.Button("Authorize with Infusionsoft").HasAttribute("disabled").ShouldBeFalse();
        (await ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Draft);
    }

    [Theory]
    [InlineData("https://evil.example.com/", "Sign-in host (failed)")]
    [InlineData("http://accounts.infusionsoft.com/", "OAuth URL (failed)")]
    public async Task ReviewStep_AddressElsewhere_SendsNobodyThere(string start, string line)
    {
        Platform.OnOAuthUrl = request => new PlatformOutcome<string>.Success(
            FakePlatform.GoodUrl(request).Replace("https://accounts.infusionsoft.com/", start, StringComparison.Ordinal), null);
        var step = await RenderStepAsync(await AddDraftAsync());

        step.Press("Authorize with Infusionsoft");

        Lines(step).ShouldContain(words => words.StartsWith(line, StringComparison.Ordinal));
        Navigation.History.ShouldBeEmpty();
    }

    [Fact]
    public async Task ReviewStep_DraftIncomplete_NamesTheStepThatMendsIt()
    {
        var id = await BeginAsync();
        await AddAppAsync();

        var step = await RenderStepAsync(id);

        Fact(step, "Provider app").ShouldStartWith("Not given yet");
        Fact(step, "Instance name").ShouldStartWith("Not given yet");
        Lines(step).ShouldContain(line => line.StartsWith("Fields (failed) Enter the instance name.", StringComparison.Ordinal));
        step.Links("Mend it").Select(link => link.GetAttribute("href")).ShouldContain($"/connect/{id}/provider");
        step.FindAll("details").ShouldBeEmpty();
        step.Press("Authorize with Infusionsoft");
        Navigation.History.ShouldBeEmpty();
        Platform.UrlRequests.ShouldBeEmpty();
    }

    [Fact]
    public async Task ReviewStep_FailedLine_StandsApartFromItsLink() =>
        Lines(await RenderStepAsync(await BeginAsync())).ShouldContain("Fields (failed) Enter the instance name. Mend it");

    [Fact]
    public async Task ReviewStep_Back_GoesToTheOptions()
    {
        var id = await AddDraftAsync();
        var step = await RenderStepAsync(id);

        step.Press("Back");

        Address.ShouldBe($"/connect/{id}/options");
    }

    private static string Fact(IRenderedComponent<ReviewStep> step, string name) =>
        step.FindAll("dl.facts dt").Single(term => term.Words() == name).NextElementSibling!.Words();

    private static List<string> Lines(IRenderedComponent<ReviewStep> step) => [.. step.FindAll(".checks li").Select(line => line.Words())];

    private async Task<IRenderedComponent<ReviewStep>> RenderStepAsync(Guid id)
    {
        var attempt = await ReadAttemptAsync(id);
        OpenUnder("https://portal.example.com/");
        return Render<ReviewStep>(step => step.Add(s => s.Attempt, attempt));
    }
}
