using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Features.Attempts;
using AdminPortal.Provisioning.Attempts;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Components.Tests.Features.Attempts;

public sealed class OptionsStepTests : PortalTest
{
    [Fact]
    public async Task OptionsStep_NoName_SaysWhatIsMissingAndLeadsThere()
    {
        var step = await RenderStepAsync();
        step.Button("Continue").GetAttribute("title").ShouldBe("The instance name is missing.");

        step.Press("Continue");

        step.Description("Instance name").ShouldContain("Enter the instance name.");
        Calls("portal.focusInvalid").ShouldBe(1);
        Address.ShouldBe("/");
    }

    [Fact]
    public async Task OptionsStep_Complete_SavesAndGoesToTheReview()
    {
        var step = await RenderStepAsync();

        step.Enter("Instance name", "  Alpha  ");
        step.Enter("Tags", "crm, north");
        step.Press("Continue");

        var attempt = await AttemptAsync();
        attempt.Name.ShouldBe("Alpha");
        attempt.Tags.ShouldBe(["crm", "north"]);
        Address.ShouldBe($"/connect/{attempt.Id}/review");
    }

    [Fact]
    public async Task OptionsStep_Typed_IsInTheRowBeforeContinue()
    {
        var step = await RenderStepAsync(ElementKey.Rest);

        step.Enter("Instance name", "Alpha");
        (await AttemptAsync()).Name.ShouldBe("Alpha");

        step.Enter("Tags", "crm");
        step.Tick("Receive events");
        step.Enter("Event callback URL", "https://hooks.example.com/x");
        step.Enter("Minutes between two polls", "30");
        step.Tick("contacts");

        var attempt = await AttemptAsync();
        attempt.Tags.ShouldBe(["crm"]);
        attempt.Events.ShouldBe(new EventSettings { Enabled = true, CallbackUrl = "https://hooks.example.com/x", Minutes = 30, Resources = attempt.Events!.Resources });
        attempt.Events.Resources.ShouldBe(["contacts"]);
        attempt.Step.ShouldBe(WizardStep.Provider);
    }

    [Fact]
    public async Task OptionsStep_Reopened_ShowsWhatWasKept()
    {
        var step = await RenderStepAsync(ElementKey.Rest);
        step.Enter("Instance name", "Alpha");
        step.Tick("Receive events");
        step.Tick("orders");

        var again = RenderStep(await AttemptAsync());

        again.Field("Instance name").GetAttribute("value").ShouldBe("Alpha");
        again.Field("Receive events").HasAttribute("checked").ShouldBeTrue();
        again.Field("orders").HasAttribute("checked").ShouldBeTrue();
        again.Field("contacts").HasAttribute("checked").ShouldBeFalse();
    }

    [Theory]
    [InlineData("portal:mine", "Tags that begin with portal: are the portal's own")]
    [InlineData("a, a", "A tag stands there twice")]
    [InlineData("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21", "There can be at most 20 tags")]
    public async Task OptionsStep_BadTags_SaysWhyAtOnce(string tags, string reason)
    {
        var step = await RenderStepAsync();
        step.Enter("Instance name", "Alpha");

        step.Enter("Tags", tags);

        step.Description("Tags").ShouldContain(reason);
        step.Press("Continue");
        Address.ShouldBe("/");
    }

    [Theory]
    [InlineData(ElementKey.Rest, true)]
    [InlineData(ElementKey.Ecommerce, true)]
    [InlineData(ElementKey.Crm, false)]
    [InlineData(ElementKey.Marketing, false)]
    [InlineData(ElementKey.Erp, false)]
    public async Task OptionsStep_Events_AreOfferedOnlyWhereTheElementHasThem(string key, bool expected) =>
        (await RenderStepAsync(key)).HasField("Receive events").ShouldBe(expected);

    [Fact]
    public async Task OptionsStep_EventsOff_AsksForNothingMore()
    {
        var step = await RenderStepAsync(ElementKey.Rest);
        step.HasField("Event callback URL").ShouldBeFalse();

        step.Tick("Receive events");
        step.HasField("Event callback URL").ShouldBeTrue();
        step.Tick("Receive events", false);
        step.HasField("Event callback URL").ShouldBeFalse();

        step.Enter("Instance name", "Alpha");
        step.Press("Continue");
        Address.ShouldEndWith("/review");
    }

    [Fact]
    public async Task OptionsStep_EventsIncomplete_NamesEveryField()
    {
        var step = await RenderStepAsync(ElementKey.Rest);
        step.Enter("Instance name", "Alpha");
        step.Tick("Receive events");
        step.Enter("Event callback URL", "http://hooks.example.com");
        step.Enter("Minutes between two polls", "0");

        step.Press("Continue");

        step.Description("Event callback URL").ShouldContain("Only https addresses are accepted.");
        step.Description("Minutes between two polls").ShouldContain("Enter 1 to 1440 minutes between two polls.");
        step.Words().ShouldContain("Choose at least one resource to poll.");
        step.Field("contacts").GetAttribute("aria-invalid").ShouldBe("true");
        Calls("portal.focusInvalid").ShouldBe(1);
    }

    [Fact]
    public async Task OptionsStep_EcommerceResources_AreItsOwn()
    {
        var step = await RenderStepAsync(ElementKey.Ecommerce);

        step.Tick("Receive events");

        step.HasField("orders").ShouldBeTrue();
        step.HasField("contacts").ShouldBeFalse();
    }

    [Fact]
    public async Task OptionsStep_DefaultJson_FollowsTheResources()
    {
        var step = await RenderStepAsync(ElementKey.Rest);
        step.Tick("Receive events");
        step.Tick("contacts");
        step.Find("pre").TextContent.ShouldContain("/hubs/crm/contacts");

        step.Tick("contacts", false);

        step.Find("pre").TextContent.ShouldNotContain("/hubs/crm/contacts");
    }

    [Fact]
    public async Task OptionsStep_OwnJson_BeginsWithTheDefaultsAndIsChecked()
    {
        var step = await RenderEventsAsync();
        step.Press("Edit it yourself");
        step.Field("Poller configuration (JSON)").GetAttribute("value")!.ShouldContain("/hubs/crm/contacts");

        step.Enter("Poller configuration (JSON)", "{ \"contacts\": ");
        step.Description("Poller configuration (JSON)").ShouldContain("is not JSON: look at line 1");

        step.Enter("Poller configuration (JSON)", "[]");
        step.Description("Poller configuration (JSON)").ShouldContain("has to be a JSON object");

        step.Enter("Poller configuration (JSON)", """{ "contacts": { "idField": "id" } }""");
        step.Description("Poller configuration (JSON)").ShouldContain("“contacts” of the poller configuration has no url");
        step.Press("Continue");
        Address.ShouldBe("/");

        step.Enter("Poller configuration (JSON)", """{ "contacts": { "url": "/mine" } }""");
        step.Press("Continue");
        Address.ShouldEndWith("/review");
        (await AttemptAsync()).Events!.PollerConfiguration.ShouldBe("""{ "contacts": { "url": "/mine" } }""");
    }

    [Fact]
    public async Task OptionsStep_BackToTheDefaults_DropsTheOwnJson()
    {
        var step = await RenderEventsAsync();
        step.Press("Edit it yourself");

        step.Press("Back to the defaults");

        step.HasField("Poller configuration (JSON)").ShouldBeFalse();
        step.Words().ShouldContain("This will be sent for the resources chosen above.");
        (await AttemptAsync()).Events!.PollerConfiguration.ShouldBeEmpty();
    }

    [Fact]
    public async Task OptionsStep_SignatureKey_IsSealedAndNeverShownAgain()
    {
        var step = await RenderEventsAsync();
        step.Enter("Signature key", "sign-it");
        step.Press("Continue");

        var attempt = await AttemptAsync();
        attempt.StoredSecrets.ShouldBe([SignatureKey.Key]);
        var again = RenderStep(attempt);
        again.Buttons("Replace Signature key").Count.ShouldBe(1);
        again.Markup.ShouldNotContain("sign-it");
        await using var db = OpenDatabase();
        (await db.Attempts.SingleAsync(Token)).SealedConfiguration[SignatureKey.Key].Ciphertext.ShouldNotContain("sign-it");
    }

    [Theory]
    [InlineData(ElementKey.Crm, "account")]
    [InlineData(ElementKey.Rest, "provider")]
    public async Task OptionsStep_Back_KeepsWhatWasTypedAndSkipsWhatTheElementHasNot(string key, string slug)
    {
        var step = await RenderStepAsync(key);
        step.Enter("Instance name", "Alpha");

        step.Press("Back");

        var attempt = await AttemptAsync();
        attempt.Name.ShouldBe("Alpha");
        Address.ShouldBe($"/connect/{attempt.Id}/{slug}");
    }

    private async Task<AttemptView> AttemptAsync() => await ReadAttemptAsync((await ListAttemptsAsync()).ShouldHaveSingleItem());

    private async Task<IRenderedComponent<OptionsStep>> RenderEventsAsync()
    {
        var step = await RenderStepAsync(ElementKey.Rest);
        step.Enter("Instance name", "Alpha");
        step.Tick("Receive events");
        step.Enter("Event callback URL", "https://hooks.example.com/x");
        step.Tick("contacts");
        return step;
    }

    private async Task<IRenderedComponent<OptionsStep>> RenderStepAsync(string element = ElementKey.Crm) => RenderStep(await ReadAttemptAsync(await BeginAsync(element)));

    private IRenderedComponent<OptionsStep> RenderStep(AttemptView attempt) => Render<OptionsStep>(step => step.Add(s => s.Attempt, attempt));
}
