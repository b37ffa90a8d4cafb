using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Features.Attempts;

namespace AdminPortal.Components.Tests.Features.Attempts;

public sealed class WizardTests : PortalTest
{
    [Fact]
    public async Task Wizard_NoAttempt_BeginsWithTheElement()
    {
        await AddAccountAsync();

        var wizard = Render<Wizard>();

        wizard.Heading().ShouldBe("Choose the element");
        Steps(wizard).ShouldBe(["Element", "API provider setup", "Infusionsoft account", "Name and options", "Review and authorize"]);
        Current(wizard).ShouldBe("Element");
        (await ListAttemptsAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("element", "Choose the element")]
    [InlineData("provider", "API provider setup")]
    [InlineData("account", "The Infusionsoft account")]
    [InlineData("options", "Name and options")]
    [InlineData("review", "Review and authorize")]
    public async Task Wizard_Step_ShowsItAndRemembersIt(string slug, string heading)
    {
        var id = await AddDraftAsync();

        var wizard = RenderWizard(id, slug);

        wizard.Heading().ShouldBe(heading);
        WizardAddress.Slug((await ReadAttemptAsync(id)).Step).ShouldBe(slug);
        wizard.FindAll("[aria-current=step]").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Wizard_ElementWithoutAccountDetails_HasFourSteps()
    {
        var id = await AddDraftAsync(ElementKey.Rest);

        var wizard = RenderWizard(id, "options");

        Steps(wizard).ShouldBe(["Element", "API provider setup", "Name and options", "Review and authorize"]);
        Current(wizard).ShouldBe("Name and options");
    }

    [Fact]
    public async Task Wizard_StepThatTheElementHasNot_LeadsToWhereTheDraftStands()
    {
        var id = await AddDraftAsync(ElementKey.Rest);

        RenderWizard(id, "account");

        LastNavigation.Uri.ShouldBe($"/connect/{id}/review");
        LastNavigation.Options.ReplaceHistoryEntry.ShouldBeTrue();
    }

    [Theory]
    [InlineData("review")]
    [InlineData("nonsense")]
    public async Task Wizard_UnknownIdOrStep_SaysThatItIsNotThere(string slug)
    {
        var id = await AddDraftAsync();

        var wizard = RenderWizard(slug == "nonsense" ? id : Guid.NewGuid(), slug);

        wizard.Heading().ShouldBe("This attempt is not there");
        wizard.Target("Connect an account").ShouldBe("/connect");
    }

    [Theory]
    [InlineData(AttemptState.CodeReceived)]
    [InlineData(AttemptState.Provisioning)]
    [InlineData(AttemptState.Active)]
    [InlineData(AttemptState.Denied)]
    [InlineData(AttemptState.Expired)]
    [InlineData(AttemptState.Failed)]
    [InlineData(AttemptState.Ambiguous)]
    public async Task Wizard_AttemptGoneOn_LeadsToItsPage(AttemptState state)
    {
        var id = await AddAttemptAsync(state);

        RenderWizard(id, "review");

        LastNavigation.Uri.ShouldBe($"/connect/{id}");
        LastNavigation.Options.ReplaceHistoryEntry.ShouldBeTrue();
    }

    [Fact]
    public async Task Wizard_ConsentOpen_WarnsThatTheOpenPageStopsWorking()
    {
        var (id, _) = await AddAwaitingAsync();

        var wizard = RenderWizard(id, "options");

        wizard.Words().ShouldContain("A sign-in page for this attempt may still be open.");
        (await ReadAttemptAsync(id)).State.ShouldBe(AttemptState.AwaitingConsent);
    }

    [Fact]
    public async Task Wizard_OtherStep_SetsUpThatStepAnew()
    {
        var id = await AddDraftAsync();
        var wizard = RenderWizard(id, "options");
        wizard.Enter("Instance name", "Changed");

        wizard.Render(w => w.Add(p => p.StepName, "review"));

        wizard.Heading().ShouldBe("Review and authorize");
        wizard.Words().ShouldContain("Changed");
    }

    [Fact]
    public async Task Wizard_BackToTheProviderApp_StillHasTheClientIdButNotTheSecret()
    {
        var id = await BeginAsync();
        var wizard = RenderWizard(id, "provider");
        wizard.Enter("Client ID", "typed-client");
        wizard.Enter("Client secret", ClientSecret);

        wizard.Render(w => w.Add(p => p.StepName, "element"));
        wizard.Render(w => w.Add(p => p.StepName, "provider"));

        wizard.Field("Client ID").GetAttribute("value").ShouldBe("typed-client");
        wizard.Button("Continue").GetAttribute("title").ShouldBe("The client secret is missing.");
    }

    private static List<string> Steps(IRenderedComponent<Wizard> wizard) => [.. wizard.FindAll("ol.steps li").Select(step => step.Words())];

    private static string Current(IRenderedComponent<Wizard> wizard) => wizard.Find("[aria-current=step]").Words();

    private IRenderedComponent<Wizard> RenderWizard(Guid id, string slug) => Render<Wizard>(wizard => wizard.Add(w => w.AttemptId, id).Add(w => w.StepName, slug));
}
