using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Features.Attempts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts.Drafts;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace AdminPortal.Components.Tests.Features.Attempts;

/// <summary>Authorizing an instance anew, as a person sees it: the way in, the steps, the review, the attempt's page.</summary>
public sealed class ReauthenticateTests : PortalTest
{
    [Fact]
    public async Task Reauthenticate_Opened_SaysWhatWillHappenAndBeginsNothing()
    {
        var instance = await AddInstanceAsync("Alpha", InstanceState.Disabled);

        var page = Render<Reauthenticate>(p => p.Add(r => r.Id, instance));

        page.Heading().ShouldBe("Authorize again");
        page.Words().ShouldContain("A new consent for Alpha, under the same ID.");
        page.Words().ShouldContain("The instance is disabled and stays disabled until you enable it.");
        page.Target("Back to the instance").ShouldBe($"/instances/{instance}");
        (await ListAttemptsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Reauthenticate_Pressed_BeginsADraftAndLeadsToIt()
    {
        var instance = await AddInstanceAsync();
        var page = Render<Reauthenticate>(p => p.Add(r => r.Id, instance));

        page.Press("Re-authenticate");

        var attempt = (await ListAttemptsAsync()).ShouldHaveSingleItem();
        Address.ShouldBe($"/connect/{attempt}");
        (await ReadAttemptAsync(attempt)).TargetInstanceId.ShouldBe(instance);
        Render<Reauthenticate>(p => p.Add(r => r.Id, instance)).Words().ShouldContain("It has begun already");
    }

    [Fact]
    public async Task Reauthenticate_PlatformDoesNotHaveIt_StaysAndSaysSo()
    {
        Platform.OnGet = _ => FakePlatform.Refuse<PlatformInstance>(404, "No instance found");
        var instance = await AddInstanceAsync();
        var page = Render<Reauthenticate>(p => p.Add(r => r.Id, instance));

        page.Press("Re-authenticate");

        page.Role("alert").ShouldHaveSingleItem().ShouldStartWith("It could not be begun The platform does not have Alpha any more");
        Navigation.History.ShouldBeEmpty();
    }

    [Fact]
    public void Reauthenticate_UnknownInstance_SaysThatThereIsNone() =>
        Render<Reauthenticate>(p => p.Add(r => r.Id, Guid.NewGuid())).Heading().ShouldBe("This instance is not there");

    [Fact]
    public async Task Wizard_Target_HasTheStepsThatCanChangeAnything()
    {
        var id = await StartAsync(ElementKey.Crm);

        var wizard = Render<Wizard>(p => p.Add(w => w.AttemptId, id).Add(w => w.StepName, "provider"));

        wizard.FindAll(".steps li").Select(step => step.Words()).ShouldBe(["API provider setup", "Infusionsoft account", "Review and authorize"]);
        wizard.Words().ShouldContain("Authorize Alpha again");
        wizard.Press("Back");
        Address.ShouldBe($"/instances/{(await ReadAttemptAsync(id)).TargetInstanceId}");
    }

    [Theory]
    [InlineData("element")]
    [InlineData("options")]
    public async Task Wizard_StepThatATargetDoesNotHave_LeadsToItsOwn(string step)
    {
        var id = await StartAsync();

        Render<Wizard>(p => p.Add(w => w.AttemptId, id).Add(w => w.StepName, step));

        Address.ShouldBe($"/connect/{id}/provider");
    }

    [Fact]
    public async Task AccountStep_Target_LeavesTheKeyToThePlatform()
    {
        var id = await StartAsync(ElementKey.Crm);
        var attempt = await ReadAttemptAsync(id);
        var step = Render<AccountStep>(p => p.Add(s => s.Attempt, attempt));
        step.Field("Infusionsoft server").GetAttribute("value").ShouldBe(Server);
        step.Description("Infusionsoft encrypted key").ShouldStartWith("Leave it empty to keep the one on the platform.");

        step.Press("Continue");

        Address.ShouldBe($"/connect/{id}/review");
        (await ReadAttemptAsync(id)).StoredSecrets.ShouldBeEmpty();
    }

    [Fact]
    public async Task ReviewStep_Target_ShowsWhatChangesAndNoSecret()
    {
        var id = await StartAsync(ElementKey.Crm);
        (await Get<DraftService>().SaveProviderAsync(id, new ProviderChoice { ProviderAppId = await AddAppAsync() }, Token)).Succeeded.ShouldBeTrue();
        Platform.OnGet = platformId => new PlatformOutcome<PlatformInstance>.Success(
            FakePlatform.Instance(platformId) with
            {
                IsDisabled = true,
                Configuration = new Dictionary<string, string?>
                {
                    ["oauth.api.key"] = "********",
                    ["oauth.callback.url"] = "https://old.example.com/callback",
                    ["oauth.user.token"] = "provider-token",
                    ["infusionsoft.server"] = Server,
                    ["infusionsoft.private.key"] = "********",
                    ["filter.response.nulls"] = "true",
                },
            },
            null);
        var attempt = await ReadAttemptAsync(id);

        var step = Render<ReviewStep>(p => p.Add(s => s.Attempt, attempt));

        step.FindAll("h2").Select(heading => heading.Words()).ShouldBe(["What will be authorized again", "What changes", "Checked before you leave"]);
        step.Words().ShouldContain("The instance keeps its platform ID 501, its name Alpha, its tags and its events.");
        step.Words().ShouldContain("It is disabled and stays disabled.");
        step.FindAll(".changes-table tbody tr").Select(row => row.Words()).ShouldBe(
        [
            "Client ID •••••••• client-id Not known: the platform does not show it",
            "Client secret •••••••• •••••••• Sent again",
            $"Callback URL https://old.example.com/callback {CallbackUrl} Changes",
            $"Infusionsoft server {Server} {Server} Stays",
            "Infusionsoft encrypted key •••••••• Not sent Kept: the platform's own stays",
        ]);
        step.Words().ShouldContain("sent back as they are: 1");
        step.Words().ShouldContain("filter.response.nulls");
        step.Words().ShouldContain("Infusionsoft encrypted key Kept as it is on the platform");
        step.Words().ShouldContain("Alpha is disabled on the platform and stays disabled.");
        step.Links("Change Element").ShouldBeEmpty();
        step.Links("Change Instance name").ShouldBeEmpty();
        step.Words().ShouldContain("curl -X PUT");
        step.Markup.ShouldNotContain("provider-token");
        step.Markup.ShouldNotContain(ClientSecret);
    }

    [Fact]
    public async Task ReviewStep_TargetAndPlatformNotReached_SaysThatChangesCannotBeShown()
    {
        var id = await StartAsync();
        Platform.OnGet = _ => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NotConnected);
        var attempt = await ReadAttemptAsync(id);

        var step = Render<ReviewStep>(p => p.Add(s => s.Attempt, attempt));

        step.Role("alert").ShouldContain(words => words.StartsWith("What changes cannot be shown now Nobody answered at that address.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(AttemptState.CodeReceived, "Authorizing the instance again", "Staging is asked to authorize the instance again.")]
    [InlineData(AttemptState.Ambiguous, "No clear answer yet", "It is not asked a second time, because a code works once.")]
    [InlineData(AttemptState.AwaitingConsent, "Waiting for consent", "the instance is authorized again by itself.")]
    public async Task AttemptPage_TargetUnderWay_SpeaksOfAuthorizingAgain(AttemptState state, string heading, string words)
    {
        var page = RenderAttempt(await AddTargetedAsync(state));

        page.Heading().ShouldBe(heading);
        page.Words().ShouldContain(words);
        page.Words().ShouldNotContain("creat", Case.Insensitive);
        page.Words().ShouldNotContain("portal:");
    }

    [Theory]
    [InlineData(AttemptState.Denied, EndingReason.AccessDenied, "Access was not granted", "The instance is as it was.")]
    [InlineData(AttemptState.Denied, EndingReason.ProviderError, "Infusionsoft reported an error", "The instance is as it was.")]
    [InlineData(AttemptState.Expired, EndingReason.TimeRanOut, "This link has expired", "Nothing was changed.")]
    [InlineData(AttemptState.Failed, EndingReason.Refused, "The platform refused", "did not authorize the instance again")]
    [InlineData(AttemptState.Failed, EndingReason.Busy, "The platform stayed busy", "The instance is as it was.")]
    [InlineData(AttemptState.Failed, EndingReason.Unreachable, "The platform could not be reached", "The instance is as it was.")]
    [InlineData(AttemptState.Failed, EndingReason.SecretUnreadable, "A stored secret could not be opened", "Nothing was sent, and the instance is as it was.")]
    [InlineData(AttemptState.Failed, EndingReason.SettingsGone, "The settings are gone", "Nothing was sent, and the instance is as it was.")]
    [InlineData(AttemptState.Failed, EndingReason.NothingChanged, "Nothing was changed", "its token was not renewed")]
    public async Task AttemptPage_TargetEnded_SaysThatTheInstanceIsAsItWas(AttemptState state, EndingReason reason, string heading, string words)
    {
        var id = await AddTargetedAsync(state, new AttemptEnding(reason));

        var page = RenderAttempt(id);

        page.Heading().ShouldBe(heading);
        page.Words().ShouldContain(words);
        page.Words().ShouldNotContain("was created");
        page.Button("Try again").HasAttribute("disabled").ShouldBeFalse();
        page.Target("Back to the instance").ShouldBe($"/instances/{(await ReadAttemptAsync(id)).TargetInstanceId}");
    }

    [Fact]
    public async Task AttemptPage_TargetGone_LeadsToANewConnection()
    {
        var page = RenderAttempt(await AddTargetedAsync(AttemptState.Failed, new AttemptEnding(EndingReason.TargetGone)));

        page.Heading().ShouldBe("The instance is not there any more");
        page.Buttons("Try again").ShouldBeEmpty();
        page.Target("Connect an account").ShouldBe("/connect");
    }

    [Theory]
    [InlineData(false, "Instance authorized again", "The instance kept its ID, name, tags and events.")]
    [InlineData(true, "Already completed", "Nothing was sent a second time")]
    public async Task AttemptPage_TargetActive_LeadsToTheInstance(bool again, string heading, string words)
    {
        var id = await AddAuthorizedAsync();
        if (again) GoTo($"/connect/{id}?again=1");

        var page = RenderAttempt(id);

        page.Heading().ShouldBe(heading);
        page.Words().ShouldContain(words);
        page.Target("Open the instance").ShouldBe($"/instances/{(await ReadAttemptAsync(id)).TargetInstanceId}");
        page.Links("Connect another").ShouldBeEmpty();
        page.Words().ShouldContain("Access was granted for dt123.infusionsoft.com");
        page.Words().ShouldNotContain("still disabled");
    }

    [Fact]
    public async Task AttemptPage_TargetStillDisabled_CanBeEnabledThere()
    {
        var page = RenderAttempt(await AddAuthorizedAsync(InstanceState.Disabled));
        page.Words().ShouldContain("The instance is still disabled Authorizing again does not switch it on.");

        page.Press("Enable");

        Platform.Switched.ShouldBe([(501, true)]);
        page.Role("status").ShouldContain("The instance is enabled.");
        page.Words().ShouldNotContain("still disabled");
        page.Buttons("Enable").ShouldBeEmpty();
    }

    [Fact]
    public async Task AttemptPage_EnablingIsRefused_SaysSo()
    {
        var page = RenderAttempt(await AddAuthorizedAsync(InstanceState.Disabled));
        Platform.OnSetEnabled = () => FakePlatform.Refuse<Done>(409, "Not now");

        page.Press("Enable");

        page.Role("alert").ShouldHaveSingleItem().ShouldStartWith("The instance was not enabled");
        page.Buttons("Enable").Count.ShouldBe(1);
    }

    [Fact]
    public async Task AttemptPage_OfAMove_LeadsBackToIt()
    {
        var old = await AddInstanceAsync("Old", elementKey: ElementKey.Crm);
        var id = await AddAuthorizedAsync(change: row => row.Property(attempt => attempt.ReplacesInstanceId).CurrentValue = old, isTarget: false);

        var page = RenderAttempt(id);

        page.Heading().ShouldBe("Instance created");
        page.Target("Go on with the move").ShouldBe($"/legacy-keys/{old}");
    }

    [Fact]
    public async Task CloneButton_Pressed_LeadsToTheDraft()
    {
        var instance = await AddInstanceAsync("Alpha", tags: ["north"]);
        var button = Render<CloneButton>(p => p.Add(b => b.InstanceId, instance));

        button.Press("Clone");

        var draft = (await ListAttemptsAsync()).ShouldHaveSingleItem();
        Address.ShouldBe($"/connect/{draft}");
        (await ReadAttemptAsync(draft)).Name.ShouldBe("Alpha (copy)");
    }

    [Fact]
    public void CloneButton_InstanceIsGone_SaysSo()
    {
        var button = Render<CloneButton>(p => p.Add(b => b.InstanceId, Guid.NewGuid()));

        button.Press("Clone");

        button.Role("alert").ShouldHaveSingleItem().ShouldStartWith("It could not be cloned");
    }

    private async Task<Guid> StartAsync(string elementKey = ElementKey.Rest)
    {
        var instance = await AddInstanceAsync("Alpha", elementKey: elementKey);
        return (await Get<ReauthenticationService>().StartAsync(instance, new Actor(Ada, "ada@example.com") { Role = Role.Administrator }, Token)).Value;
    }

    private async Task<Guid> AddTargetedAsync(AttemptState state, AttemptEnding? ending = null)
    {
        var instance = await AddInstanceAsync("Alpha");
        return await AddAttemptAsync(state, ending, row => row.Property(attempt => attempt.TargetInstanceId).CurrentValue = instance);
    }

    private async Task<Guid> AddAuthorizedAsync(InstanceState state = InstanceState.Active, Action<EntityEntry<ProvisioningAttempt>>? change = null, bool isTarget = true)
    {
        var instance = await AddInstanceAsync("Alpha", state);
        return await AddAttemptAsync(AttemptState.Active, change: row =>
        {
            if (isTarget) row.Property(attempt => attempt.TargetInstanceId).CurrentValue = instance;
            row.Property(attempt => attempt.InstanceId).CurrentValue = instance;
            row.Property(attempt => attempt.PlatformInstanceId).CurrentValue = 501;
            row.Property(attempt => attempt.ConsentedServer).CurrentValue = Server;
            row.Property(attempt => attempt.CompletedAt).CurrentValue = Clock.GetUtcNow();
            change?.Invoke(row);
        });
    }

    private IRenderedComponent<AttemptPage> RenderAttempt(Guid id) => Render<AttemptPage>(page => page.Add(p => p.AttemptId, id));
}
