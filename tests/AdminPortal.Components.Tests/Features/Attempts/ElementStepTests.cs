using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Settings;
using AdminPortal.Features.Attempts;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Elements;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Features.Attempts;

public sealed class ElementStepTests : PortalTest
{
    [Fact]
    public async Task ElementStep_Catalog_OffersEveryElementWithWhatItNeeds()
    {
        await AddAccountAsync();

        var step = RenderStep();

        foreach (var element in ElementCatalog.Infusionsoft.All)
        {
            var words = Choice(step, element.Key);
            words.ShouldStartWith(element.Name);
            words.ShouldContain(Text<ElementText>($"Element.{element.Key}.Summary"));
        }

        step.FindAll("input[type=radio]").Count.ShouldBe(5);
        Choice(step, ElementKey.Rest).ShouldContain("Recommended");
        Choice(step, ElementKey.Rest).ShouldContain("Needs: provider app. It can report changes as events.");
        Choice(step, ElementKey.Crm).ShouldContain("Needs: provider app, Infusionsoft server, Infusionsoft encrypted key. It has no events.");
        step.FindAll("input[type=radio][checked]").ShouldBeEmpty();
    }

    [Theory]
    [InlineData(ElementKey.Rest, false)]
    [InlineData(ElementKey.Crm, true)]
    [InlineData(ElementKey.Marketing, true)]
    [InlineData(ElementKey.Ecommerce, false)]
    [InlineData(ElementKey.Erp, true)]
    public async Task ElementStep_LegacyElementChosen_SaysThatKeysAreRetired(string key, bool expected)
    {
        await AddAccountAsync();
        var step = RenderStep();
        step.Words().ShouldNotContain("Keap ended legacy keys");

        Choose(step, key);

        Choice(step, key).Contains("Keap ended legacy keys on 31 October 2024", StringComparison.Ordinal).ShouldBe(expected);
    }

    [Fact]
    public async Task ElementStep_ContinueWithoutAChoice_SaysWhatIsMissingAndLeadsThere()
    {
        await AddAccountAsync();
        var step = RenderStep();
        step.Button("Continue").GetAttribute("title").ShouldBe("Choose an element first.");

        step.Press("Continue");

        step.Words().ShouldContain("Choose an element.");
        step.Find($"#element-{ElementKey.Rest}").GetAttribute("aria-invalid").ShouldBe("true");
        Calls("portal.focusInvalid").ShouldBe(1);
        (await ListAttemptsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task ElementStep_OneAccount_IsNamedAndTaken()
    {
        var account = await AddAccountAsync("Acme staging");
        var step = RenderStep();
        step.Words().ShouldContain("It will be created on the platform account Acme staging.");

        Choose(step, ElementKey.Crm);
        step.Button("Continue").HasAttribute("title").ShouldBeFalse();
        step.Press("Continue");

        var id = (await ListAttemptsAsync()).ShouldHaveSingleItem();
        Address.ShouldBe($"/connect/{id}/provider");
        var attempt = await ReadAttemptAsync(id);
        attempt.Element!.Key.ShouldBe(ElementKey.Crm);
        attempt.PlatformAccountId.ShouldBe(account);
        await using var db = OpenDatabase();
        (await db.Attempts.SingleAsync(Token)).CreatedBy.ShouldBe(Ada);
    }

    [Fact]
    public async Task ElementStep_SeveralAccounts_HaveToBeChosenFrom()
    {
        await AddAccountAsync("Production", "https://api.cloud-elements.com");
        var staging = await AddAccountAsync("Staging");
        var step = RenderStep();
        Choose(step, ElementKey.Rest);
        step.Button("Continue").GetAttribute("title").ShouldBe("Choose a platform account first.");

        step.Press("Continue");
        step.Words().ShouldContain("Choose a platform account.");
        Calls("portal.focusInvalid").ShouldBe(1);

        step.Field("Platform account").TextContent.ShouldContain("Production (https://api.cloud-elements.com)");
        step.Enter("Platform account", staging.ToString());
        step.Press("Continue");

        (await ReadAttemptAsync((await ListAttemptsAsync()).ShouldHaveSingleItem())).AccountName.ShouldBe("Staging");
    }

    [Fact]
    public async Task ElementStep_SeveralAccountsAndNoneChosen_MarksTheSelectForTheScript()
    {
        await AddAccountAsync("Production", "https://api.cloud-elements.com");
        await AddAccountAsync();
        var step = RenderStep();
        Choose(step, ElementKey.Rest);

        step.Press("Continue");

        // portal.focusInvalid looks for aria-invalid, and a screen reader for what describes the control.
        step.Field("Platform account").GetAttribute("aria-invalid").ShouldBe("true");
    }

    [Fact]
    public async Task ElementStep_NoAccount_OffersWhatIsReadyAndTheForm()
    {
        Services.Configure<PortalOptions>(options => options.OfferedAccounts.Add(new OfferedAccount
        {
            Name = "Built-in sandbox",
            BaseUrl = "https://sandbox.example.com",
            OrganizationSecret = "org",
            UserSecret = "user",
        }));
        await ConfirmAdaAsync();
        var step = RenderStep();
        step.Words().ShouldContain("There is no platform account yet");
        step.Target("Add a platform account").ShouldBe("/accounts/new?returnTo=/connect");

        step.Press("Use Built-in sandbox");

        step.WaitForAssertion(() => step.Words().ShouldContain("It will be created on the platform account Built-in sandbox."));
        step.Words().ShouldNotContain("There is no platform account yet");
    }

    [Fact]
    public async Task ElementStep_Draft_ShowsItsChoiceAndChangesIt()
    {
        var id = await AddDraftAsync(ElementKey.Crm);
        var step = RenderStep(await ReadAttemptAsync(id));
        step.Find($"#element-{ElementKey.Crm}").HasAttribute("checked").ShouldBeTrue();

        Choose(step, ElementKey.Rest);
        step.Press("Continue");

        Address.ShouldBe($"/connect/{id}/provider");
        var attempt = await ReadAttemptAsync(id);
        attempt.Element!.Key.ShouldBe(ElementKey.Rest);
        attempt.Configuration.ShouldBeEmpty();
        attempt.StoredSecrets.ShouldBeEmpty();
        (await ListAttemptsAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task ElementStep_AccountGoneMeanwhile_SaysSo()
    {
        await AddAccountAsync("Production", "https://api.cloud-elements.com");
        var gone = await AddAccountAsync();
        var step = RenderStep();
        Choose(step, ElementKey.Rest);
        step.Enter("Platform account", gone.ToString());
        (await Get<Provisioning.Accounts.AccountService>().DeleteAsync(gone, Token)).Succeeded.ShouldBeTrue();

        step.Press("Continue");

        step.Words().ShouldContain("This platform account is not there any more.");
        (await ListAttemptsAsync()).ShouldBeEmpty();
    }

    private IRenderedComponent<ElementStep> RenderStep(AttemptView? attempt = null) => Render<ElementStep>(step => step.Add(s => s.Attempt, attempt));

    private static void Choose(IRenderedComponent<ElementStep> step, string key) => step.Find($"#element-{key}").Change(key);

    private static string Choice(IRenderedComponent<ElementStep> step, string key) => step.Find($".choice:has(#element-{key})").Words();
}
