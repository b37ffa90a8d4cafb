using AdminPortal.Components.Layout;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Jobs;
using AdminPortal.Features.Accounts;
using AdminPortal.Features.Attempts;
using AdminPortal.Features.Instances;
using AdminPortal.Features.Jobs;
using AdminPortal.Features.Providers;
using AdminPortal.Features.Requests;
using AdminPortal.Features.Sync;
using AdminPortal.Features.Users;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Components.Tests.Access;

/// <summary>What a role may not use is not there, and the page says who may.</summary>
public sealed class RolePageTests : PortalTest
{
    [Theory]
    [InlineData(Role.Viewer, false)]
    [InlineData(Role.Operator, false)]
    [InlineData(Role.Administrator, true)]
    public async Task Accounts_AreForAdministrators(Role role, bool may)
    {
        await AddAccountAsync();
        SignInAs(role);

        var page = Render<AccountList>();

        Offers(page, may, "Add a platform account");
        page.Buttons("Remove Staging").Count.ShouldBe(may ? 1 : 0);
        page.Buttons("Test connection of Staging").Count.ShouldBe(may ? 1 : 0);
        page.Words().Contains("Managing platform accounts needs the role Administrator", StringComparison.Ordinal).ShouldBe(!may);
    }

    [Theory]
    [InlineData(Role.Viewer, false)]
    [InlineData(Role.Operator, false)]
    [InlineData(Role.Administrator, true)]
    public async Task ProviderApps_AreForAdministrators(Role role, bool may)
    {
        await AddAppAsync();
        SignInAs(role);

        var page = Render<ProviderApps>();

        page.Buttons("Remove Keap app").Count.ShouldBe(may ? 1 : 0);
        page.Words().Contains("Managing provider apps needs the role Administrator", StringComparison.Ordinal).ShouldBe(!may);
    }

    [Theory]
    [InlineData(Role.Viewer, false)]
    [InlineData(Role.Operator, true)]
    public async Task Instance_IsForOperatorsToChange(Role role, bool may)
    {
        var id = await AddInstanceAsync();
        SignInAs(role);

        var page = Render<InstanceOverview>(parameters => parameters.Add(one => one.Id, id));

        foreach (var button in new[] { "Validate", "Disable", "Delete", "Clone", "Reveal token" }) page.Buttons(button).Count.ShouldBe(may ? 1 : 0, button);
        page.Links("Re-authenticate").Count.ShouldBe(may ? 1 : 0);
        page.FindAll("fieldset[disabled] input").Count.ShouldBe(may ? 0 : page.FindAll("form input").Count);
        page.Words().Contains("Changing and checking instances needs the role Operator; your role is Viewer.", StringComparison.Ordinal).ShouldBe(!may);
        page.Words().ShouldContain("Alpha");
    }

    [Theory]
    [InlineData(Role.Viewer, false)]
    [InlineData(Role.Operator, true)]
    public async Task Lists_OfferWhatTheRoleMay(Role role, bool may)
    {
        var instance = await AddInstanceAsync();
        var draft = await AddDraftAsync(name: "Draft");
        var account = (await Get<Provisioning.Accounts.AccountService>().ListAsync(Token))[0].Id;
        var job = (await Get<BulkJobService>().StartAsync(InstanceSelection.Of([instance]), JobKind.Export, [], Actor.Portal, Token)).Value;
        SignInAs(role);

        GoTo("/instances");
        Offers(Render<InstanceList>(), may, "Connect an account");
        GoTo("/attempts");
        var attempts = Render<AttemptList>();
        Offers(attempts, may, "Connect an account");
        attempts.Buttons("Discard Draft").Count.ShouldBe(may ? 1 : 0);
        attempts.Target("Draft").ShouldBe($"/connect/{draft}");
        Render<SyncPage>(parameters => parameters.Add(page => page.Id, account)).Buttons("Start sync").Count.ShouldBe(may ? 1 : 0);
        Offers(Render<JobPage>(parameters => parameters.Add(page => page.JobId, job)), may, "Download CSV");
        var requests = Render<RequestsPage>(parameters => parameters.Add(page => page.Id, instance));
        requests.WaitForAssertion(() => requests.Buttons("Show as curl").Count.ShouldBe(1));
        requests.Buttons("Send request").Count.ShouldBe(may ? 1 : 0);
    }

    [Theory]
    [InlineData(Role.Operator, false)]
    [InlineData(Role.Administrator, true)]
    public async Task ProviderStep_NewApp_IsForAdministrators(Role role, bool may)
    {
        await AddAppAsync();
        await AddAppAsync("Other app", "other");
        var attempt = await ReadAttemptAsync(await BeginAsync());
        SignInAs(role);

        var step = Render<ProviderStep>(parameters => parameters.Add(one => one.Attempt, attempt).Add(one => one.NewApp, new ProviderAppInput()));

        step.HasField("Client ID").ShouldBe(may);
        step.HasField("Keap app").ShouldBeTrue();
        step.Button("Continue").GetAttribute("title").ShouldBe(may ? "The client ID is missing." : "Choose a provider app first.");
        step.Words().Contains("Managing provider apps needs the role Administrator", StringComparison.Ordinal).ShouldBe(!may);
    }

    [Theory]
    [InlineData(Role.Viewer, false, false)]
    [InlineData(Role.Operator, true, false)]
    [InlineData(Role.Administrator, true, true)]
    public void Navigation_ShowsWhatTheRoleMay(Role role, bool connects, bool manages)
    {
        SignInAs(role);

        var layout = Render<MainLayout>();

        layout.Links("Connect").Count.ShouldBe(connects ? 1 : 0);
        layout.Links("People").Count.ShouldBe(manages ? 1 : 0);
    }

    [Fact]
    public async Task Forbidden_APageWithinACircuit_IsWrittenDown()
    {
        SignInAs(Role.Viewer);

        var refused = Render<Forbidden>(parameters => parameters.Add(one => one.Page, typeof(PeoplePage)));

        refused.WaitForAssertion(() => refused.Words().ShouldContain("Your role is Viewer"));
        await using var db = OpenDatabase();
        var line = await db.Activity.SingleAsync(Token);
        (line.Action, line.Succeeded, line.PersonId, line.Subject).ShouldBe((ActivityAction.NotAllowed, false, Ada, "Managing people"));
    }

    private static void Offers<T>(IRenderedComponent<T> page, bool may, string link)
        where T : IComponent => page.WaitForAssertion(() => page.Links(link).Count.ShouldBe(may ? 1 : 0, page.Words()));
}
