using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Users;

/// <summary>With a second factor, the password alone changes no sign-in method.</summary>
public sealed class ChangeProofTests : IAsyncLifetime
{
    private TestPortal _portal = null!;
    private Actor _ada = null!;

    private PersonProof Proof => _portal.Get<PersonProof>();

    private FactorService Factors => _portal.Get<FactorService>();

    public async ValueTask InitializeAsync()
    {
        _portal = await SignedInPeople.StartAsync();
        _ada = await _portal.SignInAsync("ada@example.com", Role.Administrator);
    }

    public async ValueTask DisposeAsync() => await _portal.DisposeAsync();

    [Fact]
    public async Task Change_WithoutASecondFactor_TakesThePassword()
    {
        (await Proof.FindChangeKindAsync(_ada, Token)).ShouldBe(ChangeProofKind.Password);
        (await Proof.CheckChangeAsync(_ada, null, Token)).ShouldNotBeNull().Field.ShouldBe(PersonProof.ProofField);
        (await Proof.CheckChangeAsync(_ada, "a wrong password", Token)).ShouldNotBeNull().Message.ShouldStartWith("That is not your password");
        (await Proof.CheckChangeAsync(_ada, SignedInPeople.Password, Token)).ShouldBeNull();
        (await Proof.CheckPasswordChangeAsync(_ada, SignedInPeople.Password, null, Token)).ShouldBeNull();
        await using var db = _portal.OpenDatabase();
        var line = await db.Activity.SingleAsync(one => one.Action == ActivityAction.ProofRefused, Token);
        line.Succeeded.ShouldBeFalse();
    }

    [Fact]
    public async Task Change_WithAnApp_TakesACodeOrARecoveryCodeAndNotThePassword()
    {
        var (key, codes) = await AddAppAsync();
        (await Proof.FindChangeKindAsync(_ada, Token)).ShouldBe(ChangeProofKind.Code);

        (await Proof.CheckChangeAsync(_ada, SignedInPeople.Password, Token)).ShouldNotBeNull().Message.ShouldStartWith("That code does not work");
        (await Proof.CheckPasswordChangeAsync(_ada, SignedInPeople.Password, null, Token)).ShouldNotBeNull().Field.ShouldBe(PersonProof.CodeField);
        (await Proof.CheckPasswordChangeAsync(_ada, "a wrong password", codes[0], Token)).ShouldNotBeNull().Message.ShouldStartWith("That is not your password");
        (await Factors.FindAsync(_ada.PersonId!.Value, Token))!.RecoveryCodesLeft.ShouldBe(10);

        (await Proof.CheckChangeAsync(_ada, codes[0], Token)).ShouldBeNull();
        (await Proof.CheckChangeAsync(_ada, codes[0], Token)).ShouldNotBeNull();
        _portal.Clock.Advance(TimeSpan.FromMinutes(1));
        (await Proof.CheckPasswordChangeAsync(_ada, SignedInPeople.Password, CodeOf(key), Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Change_WithAPasskeyAlone_NeedsItInThisSessionAMomentAgo()
    {
        await AddPasskeyAsync();
        (await Proof.FindChangeKindAsync(_ada, Token)).ShouldBe(ChangeProofKind.Passkey);
        (await Proof.CheckChangeAsync(_ada, SignedInPeople.Password, Token)).ShouldNotBeNull().Message.ShouldContain("Confirm with your passkey first");
        (await Proof.CheckPasswordChangeAsync(_ada, SignedInPeople.Password, null, Token)).ShouldNotBeNull();

        var other = await _portal.SignInAsync(_ada);
        (await Proof.ConfirmPasskeyAsync(_ada, Token)).Succeeded.ShouldBeTrue();

        (await Proof.CheckChangeAsync(other, null, Token)).ShouldNotBeNull();
        (await Proof.FindChangeKindAsync(_ada, Token)).ShouldBe(ChangeProofKind.Done);
        (await Proof.CheckChangeAsync(_ada, null, Token)).ShouldBeNull();
        // A new password asks for the present one all the same.
        (await Proof.CheckPasswordChangeAsync(_ada, null, null, Token)).ShouldNotBeNull().Message.ShouldBe("Enter your password.");
        (await Proof.CheckPasswordChangeAsync(_ada, SignedInPeople.Password, null, Token)).ShouldBeNull();
        _portal.Clock.Advance(TimeSpan.FromMinutes(10));
        (await Proof.CheckChangeAsync(_ada, SignedInPeople.Password, Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task SignIn_WithAPasskey_ProvesItForTheSession()
    {
        await AddPasskeyAsync();
        await using var db = _portal.OpenDatabase();
        var user = await db.Users.AsNoTracking().SingleAsync(row => row.Id == _ada.PersonId, Token);
        var session = await _portal.Get<SessionService>().OpenAsync(user, null, "test", null, SessionProof.Passkey, Token);

        (await Proof.CheckChangeAsync(_ada with { SessionId = session }, null, Token)).ShouldBeNull();
    }

    [Theory]
    [InlineData("begin")]
    [InlineData("confirm")]
    [InlineData("remove")]
    [InlineData("codes")]
    [InlineData("passkey")]
    [InlineData("password")]
    public async Task Change_InASessionThatEndedAfterTheProof_IsRefused(string change)
    {
        if (change is "confirm") _ = await Factors.BeginAuthenticatorAsync(_ada, Token);
        if (change is "remove" or "codes") _ = await AddAppAsync();
        await _portal.ChangeAsync(_ada, async (people, person) => (await people.UpdateSecurityStampAsync(person)).Succeeded.ShouldBeTrue());

        var problem = change switch
        {
            "begin" => (await Factors.BeginAuthenticatorAsync(_ada, Token)).Problems,
            "confirm" => (await Factors.ConfirmAuthenticatorAsync("123456", _ada, Token)).Problems,
            "remove" => (await Factors.RemoveAuthenticatorAsync(_ada, Token)).Problems,
            "codes" => (await Factors.MakeRecoveryCodesAsync(_ada, Token)).Problems,
            "passkey" => (await Factors.AddPasskeyAsync(NewPasskey(1), "Laptop", _ada, Token)).Problems,
            _ => (await Factors.ChangePasswordAsync("staple battery horse", _ada, Token)).Problems,
        };

        problem.ShouldHaveSingleItem().Message.ShouldStartWith("Your session has ended");
    }

    [Fact]
    public async Task AddPasskey_ManyAtOnce_NeverMoreThanAreAllowed()
    {
        for (byte number = 1; number < PortalPasskey.MaxCount; number++) (await Factors.AddPasskeyAsync(NewPasskey(number), "One", _ada, Token)).Succeeded.ShouldBeTrue();

        var added = await Task.WhenAll(Enumerable.Range(100, 8).Select(number => Task.Run(() => Factors.AddPasskeyAsync(NewPasskey((byte)number), "More", _ada, Token), Token)));

        added.Count(one => one.Succeeded).ShouldBe(1);
        (await Factors.FindAsync(_ada.PersonId!.Value, Token))!.Passkeys.Count.ShouldBe(PortalPasskey.MaxCount);
        (await Factors.AddPasskeyAsync(NewPasskey(1), "Again", _ada, Token)).Succeeded.ShouldBeFalse();
    }

    [Fact]
    public async Task Setup_NotConfirmedInTime_ExpiresAndItsKeyIsErased()
    {
        var key = (await Factors.BeginAuthenticatorAsync(_ada, Token)).Value.Key;
        _portal.Clock.Advance(FactorService.SetupLifetime);

        (await Factors.ReadPendingAsync(_ada, Token)).Succeeded.ShouldBeFalse();
        (await Factors.ConfirmAuthenticatorAsync(CodeOf(key), _ada, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("15 minutes");
        _ = await _portal.Get<SessionService>().CleanUpAsync(Token);
        await using var db = _portal.OpenDatabase();
        var user = await db.Users.AsNoTracking().SingleAsync(row => row.Id == _ada.PersonId, Token);
        (user.AuthenticatorKey, user.AuthenticatorBegunAt).ShouldBe((null, null));

        var again = (await Factors.BeginAuthenticatorAsync(_ada, Token)).Value.Key;
        _portal.Clock.Advance(FactorService.SetupLifetime - TimeSpan.FromSeconds(1));
        (await Factors.ConfirmAuthenticatorAsync(CodeOf(again), _ada, Token)).Succeeded.ShouldBeTrue();
        _ = await _portal.Get<SessionService>().CleanUpAsync(Token);
        (await Factors.FindAsync(_ada.PersonId!.Value, Token))!.HasAuthenticator.ShouldBeTrue();
    }

    [Fact]
    public async Task Setup_FromAnotherSessionOfTheUser_IsNeitherShownNorConfirmed()
    {
        var other = await _portal.SignInAsync(_ada);
        var key = (await Factors.BeginAuthenticatorAsync(_ada, Token)).Value.Key;

        (await Factors.ReadPendingAsync(other, Token)).Succeeded.ShouldBeFalse();
        (await Factors.ConfirmAuthenticatorAsync(CodeOf(key), other, Token)).Succeeded.ShouldBeFalse();

        (await Factors.ReadPendingAsync(_ada, Token)).Value.Key.ShouldBe(key);
        (await Factors.ConfirmAuthenticatorAsync(CodeOf(key), _ada, Token)).Succeeded.ShouldBeTrue();
        await using var db = _portal.OpenDatabase();
        // Confirmed, it is the key alone.
        _portal.Secrets.Open((await db.Users.SingleAsync(row => row.Id == _ada.PersonId, Token)).AuthenticatorKeyOf!).ShouldBe(key);
    }

    [Fact]
    public async Task Setup_MalformedCodes_AreCounted()
    {
        var key = (await Factors.BeginAuthenticatorAsync(_ada, Token)).Value.Key;
        for (var tries = 0; tries < AttemptLimiter.Limit; tries++) (await Factors.ConfirmAuthenticatorAsync("12345x", _ada, Token)).Succeeded.ShouldBeFalse();

        (await Factors.ConfirmAuthenticatorAsync(CodeOf(key), _ada, Token)).Problems.ShouldHaveSingleItem().Message.ShouldStartWith("There were five wrong entries");
    }

    [Fact]
    public async Task Setup_GuessedCodes_AreCountedAsProofs()
    {
        _ = await Factors.BeginAuthenticatorAsync(_ada, Token);
        var guesses = await Task.WhenAll(Enumerable.Range(0, 28).Select(_ => Task.Run(() => Factors.ConfirmAuthenticatorAsync("000000", _ada, Token), Token)));

        guesses.Count(guess => guess.Problems[0].Message.StartsWith("That is not the code", StringComparison.Ordinal)).ShouldBe(AttemptLimiter.Limit);
    }

    private static UserPasskeyInfo NewPasskey(byte number) => new([number], [2], DateTimeOffset.UnixEpoch, 0, null, true, false, false, [3], [4]);

    private string CodeOf(string key) => TimeCodes.Compute(key, TimeCodes.StepAt(_portal.Clock.GetUtcNow()));

    private async Task AddPasskeyAsync() => (await Factors.AddPasskeyAsync(NewPasskey(1), "Laptop", _ada, Token)).Succeeded.ShouldBeTrue();

    private async Task<(string Key, IReadOnlyList<string> Codes)> AddAppAsync()
    {
        var key = (await Factors.BeginAuthenticatorAsync(_ada, Token)).Value.Key;
        var codes = (await Factors.ConfirmAuthenticatorAsync(CodeOf(key), _ada, Token)).Value;
        // The change has ended all sessions.
        _ada = await _portal.SignInAsync(_ada);
        return (key, codes);
    }
}
