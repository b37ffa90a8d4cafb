using AdminPortal.Domain.Attempts;
using AdminPortal.Features.Attempts;
using AdminPortal.Platform;
using AdminPortal.Ui;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Radzen.Blazor;

namespace AdminPortal.Components.Tests.Features.Attempts;

public sealed partial class AttemptPageTests : PortalTest
{
    [Fact]
    public void AttemptPage_UnknownId_SaysThatItIsNotThere()
    {
        var page = RenderPage(Guid.NewGuid());

        page.Heading().ShouldBe("This attempt is not there");
        page.Target("Connect an account").ShouldBe("/connect");
    }

    [Fact]
    public async Task AttemptPage_Draft_LeadsToItsStep()
    {
        var id = await AddDraftAsync();

        RenderPage(id);

        LastNavigation.Uri.ShouldBe($"/connect/{id}/review");
        LastNavigation.Options.ReplaceHistoryEntry.ShouldBeTrue();
    }

    [Fact]
    public async Task AttemptPage_SignInHostWasRemoved_SaysWhatToDo()
    {
        var (id, _) = await AddAwaitingAsync();
        GoTo($"/connect/{id}?{AttemptPage.HostRemovedQuery}");

        var page = RenderPage(id);

        page.Role("alert").ShouldHaveSingleItem().ShouldContain("choose Authorize again");
    }

    [Fact]
    public async Task AttemptPage_AwaitingConsent_CountsDownAndLeadsOut()
    {
        var (id, _) = await AddAwaitingAsync();
        var page = RenderPage(id);
        page.Heading().ShouldBe("Waiting for consent");
        page.Words().ShouldContain("The sign-in page is good for another 15 minutes.");
        page.Target("Change the settings").ShouldBe($"/connect/{id}/review");

        Clock.Advance(TimeSpan.FromSeconds(14 * 60 + 20));
        page.WaitForAssertion(() => page.Words().ShouldContain("good for another 40 seconds."));

        page.Press("Continue to Infusionsoft");
        page.WaitForAssertion(() => LastNavigation.Uri.ShouldBe($"/connect/{id}/go"));
        LastNavigation.Options.ForceLoad.ShouldBeTrue();
    }

    [Theory]
    [InlineData(AttemptState.CodeReceived)]
    [InlineData(AttemptState.Provisioning)]
    public async Task AttemptPage_UnderWay_SaysThatItGoesOnByItself(AttemptState state)
    {
        var page = RenderPage(await AddAttemptAsync(state));

        page.Heading().ShouldBe("Creating the instance");
        page.Words().ShouldContain("Access was granted. Staging is asked to create the instance.");
        page.Words().ShouldContain("You can close this page");
        page.FindAll("button").ShouldBeEmpty();
    }

    [Theory]
    [InlineData(EndingReason.Busy, "The platform is busy and turned the request away.")]
    [InlineData(EndingReason.Unreachable, "The platform was not reached; nothing was sent.")]
    public async Task AttemptPage_Waiting_SaysWhyAndUntilWhen(EndingReason reason, string expected)
    {
        var now = Clock.GetUtcNow();
        var id = await AddAttemptAsync(AttemptState.CodeReceived, new AttemptEnding(reason), row =>
        {
            row.Property(attempt => attempt.Tries).CurrentValue = 2;
            row.Property(attempt => attempt.NextAt).CurrentValue = now.AddSeconds(4);
            row.Property(attempt => attempt.CodeReceivedAt).CurrentValue = now;
        });

        var page = RenderPage(id);

        page.Words().ShouldContain($"{expected} Tried 2 times; next try in 4 seconds. The consent may be good for another 4 minutes.");
    }

    [Theory]
    [InlineData(UnsentReason.NameNotFound, "The host name does not resolve. Check the base URL and the network's DNS.")]
    [InlineData(UnsentReason.AddressNotAllowed, "The host name leads to an address to which the portal sends nothing")]
    [InlineData(UnsentReason.NotConnected, "Nobody answered at that address.")]
    [InlineData(UnsentReason.ConnectTimeout, "No connection within 10 seconds.")]
    [InlineData(UnsentReason.Tls, "The secure connection could not be made. Check the base URL, and whether the host's certificate is trusted here.")]
    public async Task AttemptPage_Unreachable_SaysWhichTroubleItWasWhileItWaitsAndWhenItHasEnded(UnsentReason reason, string expected)
    {
        var ending = new AttemptEnding(EndingReason.Unreachable, Message: reason.ToString());

        var waiting = RenderPage(await AddAttemptAsync(AttemptState.CodeReceived, ending, row => row.Property(attempt => attempt.Tries).CurrentValue = 1)).Words();
        waiting.ShouldContain("The platform was not reached; nothing was sent. " + expected);
        waiting.ShouldContain("Tried once;");
        var ended = RenderPage(await AddAttemptAsync(AttemptState.Failed, ending)).Words();
        ended.ShouldContain("Nothing was sent and nothing was created.");
        ended.ShouldContain(expected);
        (waiting + ended).ShouldNotContain(reason.ToString());
    }

    [Theory]
    [InlineData(UnclearReason.TimedOut, "The platform did not answer within 30 seconds.")]
    [InlineData(UnclearReason.ConnectionLost, "The connection to the platform broke before the answer had come.")]
    [InlineData(UnclearReason.ServerError, "The platform answered with an error of its own.")]
    [InlineData(UnclearReason.Unreadable, "The answer could not be read: it is not one that the platform's API gives.")]
    [InlineData(UnclearReason.UnexpectedStatus, "The answer has a status that the platform's API does not give.")]
    public async Task AttemptPage_NoClearAnswer_SaysInWordsWhatCameInsteadAndDoesNotQuoteThePlatform(UnclearReason reason, string expected)
    {
        var lost = new AttemptEnding(EndingReason.NoClearAnswer, 503, reason.ToString(), RequestId: "req-77");

        RenderPage(await AddAttemptAsync(AttemptState.Ambiguous, lost)).Words().ShouldContain(expected + " Its status was 503.");
        var ended = RenderPage(await AddAttemptAsync(AttemptState.Failed, lost with { Reason = EndingReason.NothingCreated }));
        ended.Words().ShouldContain(expected);
        ended.Words().ShouldContain("Status 503 Request ID req-77");
        ended.FindAll("dt").Select(term => term.Words()).ShouldNotContain("Message");
        ended.Find(".outcome").Words().ShouldNotContain(reason.ToString());
    }

    [Fact]
    public async Task AttemptPage_Active_LeadsToRequestsAndTheApiDocumentation()
    {
        var (id, instance) = await AddActiveAsync();

        RenderPage(id).Target("Make a request, or open the API documentation of this instance").ShouldBe($"/instances/{instance}/requests");
    }

    [Fact]
    public async Task AttemptPage_Active_ShowsNameIdAndMaskedToken()
    {
        var (id, instance) = await AddActiveAsync();

        var page = RenderPage(id);

        page.Heading().ShouldBe("Instance created");
        page.Words().ShouldContain("Name API instance");
        page.Words().ShouldContain("Platform ID 4711");
        page.Words().ShouldContain("Token ••••••••");
        page.Words().ShouldContain("completed at 1 Mar 2026 12:00:00");
        page.Words().ShouldContain("https://staging.cloud-elements.com/elements/api-v2");
        page.Words().ShouldContain("virtual data resource");
        page.Words().ShouldContain("formula");
        page.Target("Open the instance").ShouldBe($"/instances/{instance}");
        page.Target("Connect another").ShouldBe("/connect");
        page.Markup.ShouldNotContain(ElementToken);
    }

    [Fact]
    public async Task AttemptPage_ActiveAgain_SaysThatItWasAlreadyCompleted()
    {
        var (id, _) = await AddActiveAsync();
        GoTo($"/connect/{id}?again=1");

        var page = RenderPage(id);

        page.Heading().ShouldBe("Already completed");
        page.Words().ShouldContain("Nothing was created a second time");
        page.Words().ShouldContain("Platform ID 4711");
    }

    [Fact]
    public async Task AttemptPage_CopyToken_AsksWhatForAndGoesByTheScript()
    {
        await ConfirmAdaAsync();
        JSInterop.Setup<ScriptAnswer?>("portal.fetchToken", _ => true).SetResult(new ScriptAnswer(true, null, null));
        var (id, instance) = await AddActiveAsync();
        var dialogs = Render<RadzenDialog>();
        var page = RenderPage(id);

        page.Press("Copy token");
        dialogs.WaitForAssertion(() => dialogs.HasField("Reason").ShouldBeTrue());
        dialogs.Find("form").Submit();

        page.WaitForAssertion(() => page.Role("status").ShouldContain("Copied."));
        JSInterop.VerifyInvoke("portal.fetchToken").Arguments.ShouldBe([instance, "#reveal", null]);
    }

    [Fact]
    public async Task AttemptPage_InstanceDeletedSince_SaysSo()
    {
        var id = await AddAttemptAsync(AttemptState.Active, change: row =>
        {
            row.Property(attempt => attempt.InstanceId).CurrentValue = Guid.NewGuid();
            row.Property(attempt => attempt.PlatformInstanceId).CurrentValue = 4711;
            row.Property(attempt => attempt.CompletedAt).CurrentValue = Clock.GetUtcNow();
        });

        var page = RenderPage(id);

        page.Words().ShouldContain("The instance has been deleted since.");
        page.Links("Open the instance").ShouldBeEmpty();
        page.FindAll("#next-steps ~ * a").ShouldBeEmpty();
        page.Buttons("Copy token").ShouldBeEmpty();
    }

    [Fact]
    public async Task AttemptPage_Ambiguous_SaysWhatThePortalDoesAndOffersNoSecondTry()
    {
        var id = await AddAttemptAsync(AttemptState.Ambiguous, new AttemptEnding(EndingReason.NoClearAnswer), row =>
        {
            row.Property(attempt => attempt.Searches).CurrentValue = 3;
            row.Property(attempt => attempt.NextAt).CurrentValue = Clock.GetUtcNow().AddSeconds(8);
        });

        var page = RenderPage(id);

        page.Heading().ShouldBe("No clear answer yet");
        page.Words().ShouldContain("It is not asked a second time");
        page.Words().ShouldContain("searches so far: 3.");
        page.Words().ShouldContain($"portal:{id}");
        page.Words().ShouldContain("Next search in 8 seconds.");
        page.Buttons("Try again").ShouldBeEmpty();
    }

    [Fact]
    public async Task AttemptPage_CodeReturns_FollowsLiveToTheInstance()
    {
        var (id, returnAsync) = await AddAwaitingAsync();
        var page = RenderPage(id);
        page.Heading().ShouldBe("Waiting for consent");

        await returnAsync("the-code-of-the-callback", null);
        page.WaitForAssertion(() => page.Heading().ShouldBe("Creating the instance"));
        page.Markup.ShouldNotContain("the-code-of-the-callback");

        var worker = Services.GetServices<IHostedService>().Single(service => service.GetType().GenericTypeArguments is [{ Name: "Provisioner" }]);
        await worker.StartAsync(Token);
        page.WaitForAssertion(() => page.Heading().ShouldBe("Instance created"));
        await worker.StopAsync(Token);
        page.Words().ShouldContain("Came back with a code");
        page.Words().ShouldContain("The platform answered with the instance");
        page.Markup.ShouldNotContain("element-token");
    }

    [Fact]
    public async Task AttemptPage_Denied_FollowsLive()
    {
        var (id, returnAsync) = await AddAwaitingAsync();
        var page = RenderPage(id);

        await returnAsync(null, "access_denied");

        page.WaitForAssertion(() => page.Heading().ShouldBe("Access was not granted"));
    }

    [Fact]
    public async Task AttemptPage_ChangedByAnotherProcess_IsFoundWithinThreeSeconds()
    {
        var (id, _) = await AddAwaitingAsync();
        var page = RenderPage(id);
        await SetAttemptAsync(id, AttemptState.Failed, new AttemptEnding(EndingReason.Refused, 400, "No."));
        page.Heading().ShouldBe("Waiting for consent");

        // One tick at a time: a timer that is not waited for yet keeps only one.
        page.WaitForAssertion(() =>
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            page.Heading().ShouldBe("The platform refused");
        });
    }

    [Fact]
    public async Task AttemptPage_OtherAttempt_ShowsAndFollowsThatOne()
    {
        var (first, _) = await AddAwaitingAsync();
        var second = await AddAttemptAsync(AttemptState.Denied, new AttemptEnding(EndingReason.AccessDenied));
        var page = RenderPage(first);

        page.Render(p => p.Add(c => c.AttemptId, second));

        page.Heading().ShouldBe("Access was not granted");
    }

    [Fact]
    public async Task AttemptPage_History_TellsWhatHappenedInOrder()
    {
        var (id, _) = await AddAwaitingAsync();

        var titles = RenderPage(id).FindAll(".timeline-title").Select(entry => entry.Words()).ToList();

        titles.ShouldBe(["Draft begun 1 ms", "Checked before leaving; nothing stood in the way 0 ms", "The platform gave the sign-in address 0 ms", "A browser left for Infusionsoft", "At Infusionsoft's sign-in still going on"]);
    }

    [Fact]
    public async Task AttemptPage_LostAnswer_NeverOffersToCreateASecondOne()
    {
        Platform.OnCreate = _ => Task.FromResult<PlatformOutcome<PlatformInstance>>(new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.TimedOut));
        var (id, returnAsync) = await AddAwaitingAsync();
        var page = RenderPage(id);
        await returnAsync("the-code-of-the-callback", null);
        var worker = Services.GetServices<IHostedService>().Single(service => service.GetType().GenericTypeArguments is [{ Name: "Provisioner" }]);

        await worker.StartAsync(Token);
        page.WaitForAssertion(() => page.Heading().ShouldBe("No clear answer yet"));
        await worker.StopAsync(Token);

        page.Buttons("Try again").ShouldBeEmpty();
        Platform.Created.Count.ShouldBe(1);
    }

    private async Task<(Guid Id, Guid Instance)> AddActiveAsync()
    {
        var instance = await AddInstanceAsync();
        var id = await AddAttemptAsync(AttemptState.Active, change: row =>
        {
            row.Property(attempt => attempt.InstanceId).CurrentValue = instance;
            row.Property(attempt => attempt.PlatformInstanceId).CurrentValue = 4711;
            row.Property(attempt => attempt.CompletedAt).CurrentValue = Clock.GetUtcNow();
        });
        return (id, instance);
    }

    private IRenderedComponent<AttemptPage> RenderPage(Guid id) => Render<AttemptPage>(page => page.Add(p => p.AttemptId, id));
}
