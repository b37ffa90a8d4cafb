using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Reveals;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Reveals;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Reveals;

/// <summary>The second person, where secrets are to be sent to a further host.</summary>
public sealed class ApprovalServiceTests : IAsyncLifetime
{
    private const string Reason = "The new tenant of the European team";

    private TestPortal _portal = null!;
    private Actor _ada = null!;
    private Actor _bob = null!;

    private RevealService Requests => _portal.Get<RevealService>();

    public async ValueTask InitializeAsync()
    {
        _portal = await SignedInPeople.StartAsync(new Dictionary<string, string?> { ["Portal:Reveal:NeedsSecondPerson"] = "true" });
        (_ada, _bob) = (await _portal.SignInAsync("ada@example.com", Role.Administrator), await _portal.SignInAsync("bob@example.com", Role.Administrator));
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task AddAccount_Approved_IsAddedOnce()
    {
        (await _portal.Accounts.SaveAsync(New(), _ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ApprovalNeeded);
        (await _portal.Accounts.AskApprovalAsync(New(), Reason, _ada, Token)).Succeeded.ShouldBeTrue();
        (await _portal.Accounts.AskApprovalAsync(New(), Reason, _ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        (await _portal.Accounts.SaveAsync(New(), _ada, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("has not decided yet");

        var request = (await Requests.ListAsync(_bob, Token)).Value.ShouldHaveSingleItem();
        (request.Kind, request.InstanceName, request.PersonName, request.Reason).ShouldBe((ApprovalKind.PlatformHost, "New platform account", "ada@example.com", Reason));
        request.Target.ShouldBe(["https://eu.example.com:443", "accounts.infusionsoft.com", "signin.infusionsoft.com"]);
        (await Requests.DecideAsync(request.Id, true, _bob, Token)).Succeeded.ShouldBeTrue();

        (await _portal.Accounts.SaveAsync(New(), _ada, Token)).Succeeded.ShouldBeTrue();
        (await _portal.Accounts.SaveAsync(New("Another"), _ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ApprovalNeeded);
        (await _portal.ReadActivityAsync()).Select(line => (line.Action, line.PersonId)).ShouldBe(
            [(ActivityAction.ApprovalAsked, _ada.PersonId), (ActivityAction.ApprovalGiven, _bob.PersonId), (ActivityAction.AccountAdded, _ada.PersonId)]);
        (await _portal.ReadActivityAsync())[1].Detail.ShouldNotBeNull().ShouldContain("https://eu.example.com:443");
    }

    [Fact]
    public async Task AddAccount_ApprovedForOtherHosts_IsRefused()
    {
        await ApproveAsync(New());

        foreach (var (baseUrl, hosts) in new[] { ("https://evil.example", "accounts.infusionsoft.com signin.infusionsoft.com"), ("https://eu.example.com", "accounts.infusionsoft.com evil.example") })
        {
            var other = New();
            (other.BaseUrl, other.SignInHosts) = (baseUrl, hosts);
            (await _portal.Accounts.SaveAsync(other, _ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ApprovalNeeded);
        }

        // Nor is it good for somebody else, nor for long.
        (await _portal.Accounts.SaveAsync(New(), _bob, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ApprovalNeeded);
        _portal.Clock.Advance(RevealService.ApprovalLifetime);
        var confirmed = await _portal.SignInAsync(_ada with { SessionId = null });
        (await _portal.Accounts.SaveAsync(New(), confirmed, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ApprovalNeeded);
        (await _portal.Accounts.ListAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Decide_OwnRequestOrWithoutTheRole_IsRefused()
    {
        (await _portal.Accounts.AskApprovalAsync(New(), Reason, _ada, Token)).Succeeded.ShouldBeTrue();
        var request = (await Requests.ListAsync(_bob, Token)).Value.ShouldHaveSingleItem();
        var operatorOnly = await _portal.SignInAsync("carol@example.com", Role.Operator);

        (await Requests.DecideAsync(request.Id, true, _ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        (await Requests.DecideAsync(request.Id, true, operatorOnly, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotAllowed);
        (await Requests.ListAsync(operatorOnly, Token)).Value.ShouldBeEmpty();
        (await Requests.CountWaitingAsync(operatorOnly, Token), await Requests.CountWaitingAsync(_bob, Token), await Requests.CountWaitingAsync(_ada, Token)).ShouldBe((0, 1, 0));

        (await _portal.Accounts.SaveAsync(New(), _ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ApprovalNeeded);
    }

    [Fact]
    public async Task Save_RefusedForAnotherReason_KeepsTheApproval()
    {
        await ApproveAsync(New());
        _ = await _portal.AddAccountAsync("Europe");

        (await _portal.Accounts.SaveAsync(New(), _ada, Token)).Problems.ShouldHaveSingleItem().Field.ShouldBe(nameof(AccountInput.Name));

        (await _portal.Accounts.SaveAsync(New("Europe 2"), _ada, Token)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task ChangeAccount_SignInHosts_NeedTheApprovalAndOtherFieldsDoNot()
    {
        var id = await _portal.AddAccountAsync();
        var input = new AccountInput { Id = id, Name = "Renamed", BaseUrl = StagingSecrets.BaseUrl, CheckEveryMinutes = 60 };
        (await _portal.Accounts.SaveAsync(input, _ada, Token)).Succeeded.ShouldBeTrue();

        input.SignInHosts = "accounts.infusionsoft.com evil.example";
        (await _portal.Accounts.SaveAsync(input, _ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ApprovalNeeded);
        await ApproveAsync(input);

        (await _portal.Accounts.SaveAsync(input, _ada, Token)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task AllowApp_Approved_ShowsTheAppAndItsOrigin()
    {
        var app = await _portal.AddAppAsync();
        var account = await _portal.AddAccountAsync("Europe", "https://eu.example.com");
        (await _portal.Apps.AllowAsync(app, account, _ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ApprovalNeeded);
        (await _portal.Apps.AskApprovalAsync(app, account, Reason, _ada, Token)).Succeeded.ShouldBeTrue();
        var request = (await Requests.ListAsync(_bob, Token)).Value.ShouldHaveSingleItem();
        (request.Kind, request.InstanceName).ShouldBe((ApprovalKind.ProviderAppOrigin, "Keap app (client-id)"));
        request.Target.ShouldBe(["https://eu.example.com:443"]);

        (await Requests.DecideAsync(request.Id, true, _bob, Token)).Succeeded.ShouldBeTrue();

        var other = await _portal.AddAppAsync("Other app");
        (await _portal.Apps.AllowAsync(other, account, _ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ApprovalNeeded);
        (await _portal.Apps.AllowAsync(app, account, _ada, Token)).Succeeded.ShouldBeTrue();
        (await _portal.Apps.ListAsync(Token)).Single(row => row.Id == app).Origins.ShouldBe(["https://eu.example.com:443", StagingSecrets.Origin.Text]);
    }

    private static AccountInput New(string name = "Europe") => new() { Name = name, BaseUrl = "https://eu.example.com", OrganizationSecret = "org", UserSecret = "user" };

    private async Task ApproveAsync(AccountInput input)
    {
        (await _portal.Accounts.AskApprovalAsync(input, Reason, _ada, Token)).Succeeded.ShouldBeTrue();
        var request = (await Requests.ListAsync(_bob, Token)).Value.Single(request => request.State == RevealRequestState.Waiting);
        (await Requests.DecideAsync(request.Id, true, _bob, Token)).Succeeded.ShouldBeTrue();
    }
}
