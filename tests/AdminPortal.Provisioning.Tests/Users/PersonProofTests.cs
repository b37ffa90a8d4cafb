using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Jobs;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Users;

/// <summary>What is dangerous asks for a proof that is young enough, in the session that asks.</summary>
public sealed class PersonProofTests : IAsyncLifetime
{
    private static readonly PersonInput Bob = new() { Email = "bob@example.com" };

    private TestPortal _portal = null!;
    private Actor _ada = null!;

    private PersonProof Proof => _portal.Get<PersonProof>();

    private PeopleService People => _portal.Get<PeopleService>();

    public async ValueTask InitializeAsync()
    {
        _portal = await SignedInPeople.StartAsync();
        _ada = await _portal.SignInAsync("ada@example.com", Role.Administrator);
    }

    public async ValueTask DisposeAsync() => await _portal.DisposeAsync();

    [Fact]
    public async Task Dangerous_TooLongAfterTheSignIn_NeedsConfirmationAndThenGoes()
    {
        _portal.Clock.Advance(TimeSpan.FromMinutes(10));

        var problem = (await People.InviteAsync(Bob, _ada, Token)).Problems.ShouldHaveSingleItem();
        problem.Kind.ShouldBe(ProblemKind.ConfirmationNeeded);
        problem.Message.ShouldStartWith("Managing people asks that you confirm who you are");
        // Reading asks nothing.
        (await People.ListAsync(_ada, Token)).Succeeded.ShouldBeTrue();

        (await Proof.ConfirmAsync(_ada, SignedInPeople.Password, Token)).Succeeded.ShouldBeTrue();

        (await People.InviteAsync(Bob, _ada, Token)).Succeeded.ShouldBeTrue();
        await using var db = _portal.OpenDatabase();
        (await db.Activity.Select(line => line.Action).ToListAsync(Token)).ShouldBe([ActivityAction.Confirmed, ActivityAction.PersonInvited]);
    }

    [Fact]
    public async Task Dangerous_ConfirmedInAnotherSession_NeedsItsOwn()
    {
        _portal.Clock.Advance(TimeSpan.FromHours(1));
        var other = await _portal.SignInAsync(_ada);

        (await People.InviteAsync(Bob, _ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ConfirmationNeeded);
        (await People.InviteAsync(Bob, other, Token)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task Dangerous_WithoutASession_IsRefusedAndWrittenDown()
    {
        var problem = (await People.InviteAsync(Bob, _ada with { SessionId = null }, Token)).Problems.ShouldHaveSingleItem();

        problem.Kind.ShouldBe(ProblemKind.NotAllowed);
        problem.Message.ShouldContain("signed in at a browser");
        await using var db = _portal.OpenDatabase();
        (await db.Activity.SingleAsync(Token)).Action.ShouldBe(ActivityAction.NotAllowed);
    }

    [Fact]
    public async Task Dangerous_SessionOfSomebodyElseOrEnded_IsRefused()
    {
        var eve = await _portal.SignInAsync("eve@example.com", Role.Administrator);
        (await People.InviteAsync(Bob, _ada with { SessionId = eve.SessionId }, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotAllowed);

        await _portal.Get<SessionService>().CloseAsync(_ada.SessionId!.Value, Token);

        (await People.InviteAsync(Bob, _ada, Token)).Problems.ShouldHaveSingleItem().Message.ShouldStartWith("Your session has ended");
        (await Proof.ConfirmAsync(_ada, SignedInPeople.Password, Token)).Problems.ShouldHaveSingleItem().Message.ShouldStartWith("Your session has ended");
    }

    [Fact]
    public async Task Confirm_WrongPassword_CountsAndLocksOut()
    {
        _portal.Clock.Advance(TimeSpan.FromMinutes(10));
        for (var tries = 0; tries < 5; tries++)
        {
            var wrong = (await Proof.ConfirmAsync(_ada, "planted-password", Token)).Problems.ShouldHaveSingleItem();
            (wrong.Kind, wrong.Field).ShouldBe((ProblemKind.Invalid, PersonProof.Field));
            wrong.Message.ShouldStartWith("That is not your password.");
        }

        // The right one is not looked at any more.
        (await Proof.ConfirmAsync(_ada, SignedInPeople.Password, Token)).Problems.ShouldHaveSingleItem().Message.ShouldStartWith("There were five wrong entries");
        (await People.InviteAsync(Bob, _ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ConfirmationNeeded);
        await using var db = _portal.OpenDatabase();
        var lines = await db.Activity.Where(line => line.Action == ActivityAction.ConfirmationRefused).ToListAsync(Token);
        lines.Count.ShouldBe(6);
        lines.ShouldAllBe(line => !line.Succeeded && !line.Detail!.Contains("planted", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Confirm_Nothing_AsksForItAndCountsNothing(string? secret)
    {
        (await Proof.ConfirmAsync(_ada, secret, Token)).Problems.ShouldHaveSingleItem().Message.ShouldBe("Enter your password.");

        await using var db = _portal.OpenDatabase();
        (await db.Users.SingleAsync(Token)).ProofAttempts.ShouldBe(0);
        (await db.Activity.CountAsync(Token)).ShouldBe(0);
    }

    [Fact]
    public async Task Confirm_WithASecondFactor_AsksForACode()
    {
        var factors = _portal.Get<FactorService>();
        var key = (await factors.BeginAuthenticatorAsync(_ada, Token)).Value.Key;
        (await factors.ConfirmAuthenticatorAsync(TimeCodes.Compute(key, TimeCodes.StepAt(_portal.Clock.GetUtcNow())), _ada, Token)).Succeeded.ShouldBeTrue();
        _ada = await _portal.SignInAsync(_ada);
        _portal.Clock.Advance(TimeSpan.FromMinutes(1));

        (await Proof.FindKindAsync(_ada, Token)).ShouldBe(ProofKind.Code);
        (await Proof.ConfirmAsync(_ada, SignedInPeople.Password, Token)).Problems.ShouldHaveSingleItem().Message.ShouldStartWith("That code does not work");
        var code = TimeCodes.Compute(key, TimeCodes.StepAt(_portal.Clock.GetUtcNow()));
        (await Proof.ConfirmAsync(_ada, $"{code[..3]} {code[3..]}", Token)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task Confirm_WithAPasskeyAndNoApp_TakesThePasskeyAndNotThePassword()
    {
        await AddPasskeyAsync(_ada);
        _portal.Clock.Advance(TimeSpan.FromMinutes(10));

        (await Proof.FindKindAsync(_ada, Token)).ShouldBe(ProofKind.Passkey);
        var refused = (await Proof.ConfirmAsync(_ada, SignedInPeople.Password, Token)).Problems.ShouldHaveSingleItem();
        (refused.Kind, refused.Field).ShouldBe((ProblemKind.ConfirmationNeeded, null));
        refused.Message.ShouldContain("Confirm with your passkey");
        (await People.InviteAsync(Bob, _ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ConfirmationNeeded);

        (await Proof.ConfirmPasskeyAsync(_ada, Token)).Succeeded.ShouldBeTrue();

        (await Proof.ConfirmAsync(_ada, null, Token)).Succeeded.ShouldBeTrue();
        (await People.InviteAsync(Bob, _ada, Token)).Succeeded.ShouldBeTrue();
    }

    [Theory]
    [InlineData(SessionProof.PasswordAlone, false)]
    [InlineData(SessionProof.Passkey, true)]
    [InlineData(SessionProof.Full, true)]
    public async Task Dangerous_AfterASignInOfAUserWithAPasskey_GoesByTheProof(SessionProof proof, bool goes)
    {
        await AddPasskeyAsync(_ada);
        await using var db = _portal.OpenDatabase();
        var user = await db.Users.AsNoTracking().SingleAsync(Token);
        var session = await _portal.Get<SessionService>().OpenAsync(user, null, "test", null, proof, Token);

        (await People.InviteAsync(Bob, _ada with { SessionId = session }, Token)).Succeeded.ShouldBe(goes);
    }

    [Fact]
    public async Task Confirm_WithoutAPassword_GoesByASignInOfNow()
    {
        var sam = await _portal.SignInAsync("sam@example.com", Role.Administrator, password: null);

        (await Proof.FindKindAsync(sam, Token)).ShouldBe(ProofKind.SignIn);
        (await Proof.ConfirmAsync(sam, null, Token)).Succeeded.ShouldBeTrue();
        _portal.Clock.Advance(TimeSpan.FromMinutes(10));

        (await Proof.ConfirmAsync(sam, "anything", Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ConfirmationNeeded);
        (await People.InviteAsync(Bob, sam, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ConfirmationNeeded);
    }

    private async Task AddPasskeyAsync(Actor actor) =>
        (await _portal.Get<FactorService>().AddPasskeyAsync(new([1], [2], DateTimeOffset.UnixEpoch, 0, null, true, false, false, [3], [4]), "Laptop", actor, Token)).Succeeded.ShouldBeTrue();

    [Fact]
    public async Task Secrets_OfWhatIsStored_AreNotReplacedUnconfirmed()
    {
        var account = await _portal.AddAccountAsync();
        var app = await _portal.AddAppAsync();
        _portal.Clock.Advance(TimeSpan.FromMinutes(10));
        var changed = new Provisioning.Accounts.AccountInput { Id = account, Name = "Other", BaseUrl = "https://staging.cloud-elements.com" };
        var changedApp = new Provisioning.Providers.ProviderAppInput { Id = app, Name = "Other", ClientId = "client-id" };

        (await _portal.Accounts.SaveAsync(changed, _ada, Token)).Succeeded.ShouldBeTrue();
        (await _portal.Apps.SaveAsync(changedApp, _ada, Token)).Succeeded.ShouldBeTrue();
        changed.UserSecret = changedApp.ClientSecret = "another";
        ProblemKind[] kinds =
        [
            (await _portal.Accounts.SaveAsync(changed, _ada, Token)).Problems[0].Kind,
            (await _portal.Accounts.DeleteAsync(account, _ada, Token)).Problems[0].Kind,
            (await _portal.Apps.SaveAsync(changedApp, _ada, Token)).Problems[0].Kind,
            (await _portal.Apps.DeleteAsync(app, _ada, Token)).Problems[0].Kind,
            (await _portal.Get<Provisioning.Instances.InstanceService>().DeleteAsync(Guid.NewGuid(), "", _ada, Token)).Problems[0].Kind,
            (await _portal.Get<Provisioning.Jobs.BulkJobService>().StartAsync(
                Provisioning.Jobs.InstanceSelection.Of([Guid.NewGuid()]), JobKind.Delete, [], _ada, Token)).Problems[0].Kind,
        ];
        kinds.ShouldAllBe(kind => kind == ProblemKind.ConfirmationNeeded);
    }
}
