using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Activity;

/// <summary>What is done leaves its line: who, from where, to what, before and after, and never a secret.</summary>
public sealed class ActivityLinesTests : IAsyncLifetime
{
    private TestPortal _portal = null!;

    private Actor Ada { get; set; } = InstanceSeed.Ada with { From = "198.51.100.7" };

    public async ValueTask InitializeAsync()
    {
        _portal = await TestPortal.StartAsync();
        Ada = await _portal.SignInAsync(Ada);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Account_AddedChangedRemoved_EachLeavesItsLine()
    {
        var input = new AccountInput { Name = "Staging", BaseUrl = "https://one.cloud-elements.com", OrganizationSecret = "planted-org", UserSecret = "planted-user", SignInHosts = "accounts.infusionsoft.com" };
        var id = (await _portal.Accounts.SaveAsync(input, Ada, Token)).Value;
        var change = new AccountInput
        {
            Id = id, Name = "Production", BaseUrl = "https://one.cloud-elements.com", UserSecret = "planted-other", SignInHosts = "accounts.infusionsoft.com", CheckEveryMinutes = 60,
        };
        _ = (await _portal.Accounts.SaveAsync(change, Ada, Token)).Value;
        change.UserSecret = "";
        _ = (await _portal.Accounts.SaveAsync(change, Ada, Token)).Value;
        _ = (await _portal.Accounts.DeleteAsync(id, Ada, Token)).Value;
        _ = (await _portal.Accounts.DeleteAsync(id, Ada, Token)).Value;

        var lines = await LinesAsync();
        lines.Select(line => (line.Action, line.Subject)).ShouldBe(
            [(ActivityAction.AccountAdded, "Staging"), (ActivityAction.AccountChanged, "Production"), (ActivityAction.AccountRemoved, "Production")]);
        lines.ShouldAllBe(line => line.PersonId == Ada.PersonId && line.From == "198.51.100.7" && line.PlatformAccountId == id && line.Succeeded);
        FieldChanges.Read(lines[0].Changes).ShouldBe(
        [
            new FieldChange("BaseUrl", null, "https://one.cloud-elements.com"), new FieldChange("SignInHosts", null, "accounts.infusionsoft.com"),
            new FieldChange("OrganizationSecret", null, null, IsSecret: true), new FieldChange("UserSecret", null, null, IsSecret: true),
        ]);
        FieldChanges.Read(lines[1].Changes).ShouldBe(
            [new FieldChange("Name", "Staging", "Production"), new FieldChange("CheckEveryMinutes", null, "60"), new FieldChange("UserSecret", null, null, IsSecret: true)]);
        Planted(lines).ShouldBeEmpty();
    }

    [Fact]
    public async Task ProviderApp_AddedChangedRemoved_EachLeavesItsLine()
    {
        var id = (await _portal.Apps.SaveAsync(new ProviderAppInput { Name = "Keap", ClientId = "one", ClientSecret = "planted-1" }, Ada, Token)).Value;
        _ = (await _portal.Apps.SaveAsync(new ProviderAppInput { Id = id, Name = "Keap", ClientId = "two", ClientSecret = "planted-2" }, Ada, Token)).Value;
        _ = (await _portal.Apps.SaveAsync(new ProviderAppInput { Id = id, Name = "Keap", ClientId = "two" }, Ada, Token)).Value;
        _ = (await _portal.Apps.DeleteAsync(id, Ada, Token)).Value;

        var lines = await LinesAsync();
        lines.Select(line => line.Action).ShouldBe([ActivityAction.ProviderAppAdded, ActivityAction.ProviderAppChanged, ActivityAction.ProviderAppRemoved]);
        lines.ShouldAllBe(line => line.ProviderAppId == id && line.PersonId == Ada.PersonId && line.From == "198.51.100.7");
        FieldChanges.Read(lines[1].Changes).ShouldBe([new FieldChange("ClientId", "one", "two"), new FieldChange("ClientSecret", null, null, IsSecret: true)]);
        Planted(lines).ShouldBeEmpty();
    }

    [Fact]
    public async Task View_SavedMadeDefaultAndRemoved_EachLeavesItsLine()
    {
        var views = _portal.Get<SavedViewService>();
        var id = (await views.SaveAsync(Ada, "Mine", "state=Active", isDefault: false, Token)).Value;
        _ = (await views.SetDefaultAsync(Ada, id, Token)).Value;
        _ = (await views.SetDefaultAsync(Ada, id, Token)).Value;
        _ = (await views.DeleteAsync(Ada, id, Token)).Value;
        _ = (await views.DeleteAsync(Ada, id, Token)).Value;

        (await LinesAsync()).Select(line => line.Action).ShouldBe([ActivityAction.ViewSaved, ActivityAction.ViewSaved, ActivityAction.ViewRemoved]);
    }

    [Fact]
    public async Task Attempt_FromDraftToInstance_LeavesALineForEachStepWithItsAttempt()
    {
        var account = await _portal.AddAccountAsync();
        var app = await _portal.AddAppAsync();
        var id = (await _portal.Drafts.StartAsync(new ElementChoice { ElementKey = ElementKey.Crm, PlatformAccountId = account }, Ada, Token)).Value;
        _ = (await _portal.Drafts.SaveProviderAsync(id, new ProviderChoice { ProviderAppId = app }, Ada, Token)).Value;
        var values = new Dictionary<string, string> { [ElementCatalog.ServerKey] = TestPortal.Server, [ElementCatalog.EncryptedKeyKey] = "planted-key" };
        _ = (await _portal.Drafts.SaveAccountAsync(id, new AccountDetails { Values = values }, Ada, Token)).Value;
        _ = (await _portal.Drafts.SaveOptionsAsync(id, new InstanceOptions { Name = "Instance", Tags = ["docs"] }, Ada, Token)).Value;
        // Nothing has changed: nothing is said.
        _ = (await _portal.Drafts.SaveOptionsAsync(id, new InstanceOptions { Name = "Instance", Tags = ["docs"] }, Ada, Token)).Value;
        (await _portal.Consents.AuthorizeAsync(id, PreflightContext.Unattended, Ada, Token)).MayLeave.ShouldBeTrue();
        _ = await _portal.Consents.LeaveAsync(id, OneTimeValue.Hash(_portal.Browser), Ada, Token);
        _ = await _portal.Consents.ReceiveAsync(_portal.Return(_portal.Platform.UrlRequests[^1].State), Token);
        await _portal.Provisioner.ExchangeAsync(id);

        var lines = (await LinesAsync()).Where(line => line.AttemptId == id).ToList();
        lines.Select(line => line.Action).ShouldBe(
        [
            ActivityAction.DraftStarted, ActivityAction.DraftChanged, ActivityAction.DraftChanged, ActivityAction.DraftChanged, ActivityAction.ConsentStarted,
            ActivityAction.InstanceCreated,
        ]);
        FieldChanges.Read(lines[2].Changes).ShouldBe(
            [new FieldChange(ElementCatalog.ServerKey, null, TestPortal.Server), new FieldChange(ElementCatalog.EncryptedKeyKey, null, null, IsSecret: true)]);
        FieldChanges.Read(lines[3].Changes).ShouldBe([new FieldChange("Name", null, "Instance"), new FieldChange("Tags", null, "docs")]);
        var created = lines[^1];
        (created.Succeeded, created.PersonId, created.From, created.InstanceId is not null).ShouldBe((true, Ada.PersonId, null, true));
        Planted(lines).ShouldBeEmpty();
    }

    [Fact]
    public async Task Attempt_RefusedByThePlatform_LeavesALineThatItWasNotDone()
    {
        var id = await _portal.AddReceivedAsync();
        _portal.Platform.OnCreate = _ => Task.FromResult<PlatformOutcome<PlatformInstance>>(
            new PlatformOutcome<PlatformInstance>.Refused(400, "Bad request", "No such app", "r-1", null));

        await _portal.Provisioner.ExchangeAsync(id);

        var line = (await LinesAsync()).Single(row => row.Action == ActivityAction.InstanceCreated);
        (line.Succeeded, line.AttemptId, line.InstanceId).ShouldBe((false, id, null));
    }

    [Fact]
    public async Task Instance_Changed_SaysWhatWasThereBefore()
    {
        var id = (await _portal.AddInstancesAsync(1))[0];
        var before = await _portal.ReadInstanceAsync(id);

        _ = (await _portal.Get<InstanceService>().SetEnabledAsync(id, enabled: false, Ada, Token)).Value;

        var line = (await LinesAsync()).Single(row => row.Action == ActivityAction.InstanceDisabled);
        FieldChanges.Read(line.Changes).ShouldBe([new FieldChange("State", before.State.ToString(), nameof(InstanceState.Disabled))]);
    }

    [Fact]
    public async Task Instance_SavedBySomebodyElseMeanwhile_KeepsTheLineOfWhatThePlatformDid()
    {
        var id = (await _portal.AddInstancesAsync(1))[0];

        var result = await _portal.Get<InstanceWork>().ChangeAsync<Done>(id, Ada, ActivityAction.TraceSwitched, null, async (_, instance) =>
        {
            await _portal.ChangeInstanceAsync(id, row => row.Name = "Somebody else's");
            instance.Name = "Mine";
            return default(Done);
        }, Token);

        result.Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.Stale);
        (await LinesAsync()).Count(row => row.Action == ActivityAction.TraceSwitched).ShouldBe(1);
    }

    [Fact]
    public async Task Access_ComingTurnedAwayAndGoing_IsWrittenDown()
    {
        var record = _portal.Get<AccessRecord>();

        await record.SignedInAsync(Ada, SignInFactor.PasswordAndCode, Token);
        await record.RefusedAsync("eve@example.com", "203.0.113.9", lockedOut: false, Token);
        await record.RefusedAsync("eve@example.com", "203.0.113.9", lockedOut: true, Token);
        await record.SecondStepRefusedAsync("eve@example.com", "203.0.113.9", lockedOut: false, Token);
        await record.SignedOutAsync(Ada, Token);

        var lines = await LinesAsync();
        lines.Select(line => (line.Action, line.Succeeded)).ShouldBe(
        [
            (ActivityAction.SignedIn, true), (ActivityAction.SignInRefused, false), (ActivityAction.SignInLockedOut, false), (ActivityAction.SignInRefused, false),
            (ActivityAction.SignedOut, true),
        ]);
        (lines[1].PersonId, lines[1].PersonName, lines[1].Subject, lines[1].From).ShouldBe((null, null, "eve@example.com", "203.0.113.9"));
        lines[0].Detail.ShouldBe("With the password and a code of the authenticator app");
        lines[3].Detail.ShouldNotBeNull().ShouldContain("The password was right");
    }

    [Fact]
    public void Changes_OfAnyLength_StayWithinTheColumn()
    {
        var changes = new FieldChanges();
        for (var i = 0; i < 100; i++) changes.Add($"{i}{new string('\u4e00', 500)}", new string('<', 5000), new string('\u4e8c', 5000));

        var text = changes.Write().ShouldNotBeNull();

        text.Length.ShouldBeLessThanOrEqualTo(FieldChanges.MaxLength);
        FieldChanges.Read(text).Count.ShouldBe(FieldChanges.MaxFields);
        FieldChanges.Read("garbage").ShouldBeEmpty();
    }

    private static IEnumerable<string> Planted(IEnumerable<ActivityEntry> lines) =>
        lines.SelectMany(line => new[] { line.Subject, line.Detail, line.Changes }).OfType<string>().Where(text => text.Contains("planted", StringComparison.Ordinal));

    private async Task<List<ActivityEntry>> LinesAsync()
    {
        await using var db = _portal.OpenDatabase();
        return await db.Activity.AsNoTracking().OrderBy(line => line.Id).ToListAsync(Token);
    }
}
