using AdminPortal.Domain.Access;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Tests.Users;

/// <summary>Attempts are counted before they are evaluated, in two counters for each user.</summary>
public sealed class AttemptLimiterTests : IAsyncLifetime
{
    private const string Wrong = "a wrong password";

    private readonly CountingHasher _hasher = new();
    private TestPortal _portal = null!;
    private Actor _ada = null!;

    private PersonProof Proof => _portal.Get<PersonProof>();

    private FactorService Factors => _portal.Get<FactorService>();

    private AttemptLimiter Limiter => _portal.Get<AttemptLimiter>();

    private Guid Id => _ada.PersonId!.Value;

    public async ValueTask InitializeAsync()
    {
        _portal = await SignedInPeople.StartAsync(services => services.AddSingleton<IPasswordHasher<PortalUser>>(_hasher));
        _ada = await _portal.SignInAsync("ada@example.com", Role.Administrator);
    }

    public async ValueTask DisposeAsync() => await _portal.DisposeAsync();

    [Fact]
    public async Task Proofs_32AtOnceOfEveryKind_FiveAreEvaluatedInAll()
    {
        var before = _hasher.Checks;

        var refused = await Task.WhenAll(Enumerable.Range(0, 32).Select(number => Task.Run(async () => (number % 4) switch
        {
            0 => (await Proof.ConfirmAsync(_ada, Wrong, Token)).Problems[0],
            1 => await Proof.CheckAsync(_ada, Wrong, Token),
            2 => await Proof.CheckChangeAsync(_ada, Wrong, Token),
            _ => await Proof.CheckPasswordChangeAsync(_ada, Wrong, null, Token),
        }, Token)));

        refused.ShouldAllBe(problem => problem != null);
        (_hasher.Checks - before).ShouldBe(AttemptLimiter.Limit);
        (await Proof.ConfirmAsync(_ada, SignedInPeople.Password, Token)).Problems.ShouldHaveSingleItem().Message.ShouldStartWith("There were five wrong entries");
        _portal.Clock.Advance(AttemptLimiter.LockTime);
        (await Proof.ConfirmAsync(_ada, SignedInPeople.Password, Token)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task SignIns_32AtOnce_FiveAreEvaluatedInAll()
    {
        var hash = await HashAsync();

        var states = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => TryPasswordAsync(Wrong), Token)));

        states.ShouldAllBe(state => state == SignInStepState.Refused || state == SignInStepState.Locked);
        _hasher.ChecksOf(hash).ShouldBe(AttemptLimiter.Limit);
        (await TryPasswordAsync(SignedInPeople.Password)).ShouldBe(SignInStepState.Locked);
    }

    [Fact]
    public async Task Codes_32AtOnce_FiveAreEvaluatedInAll()
    {
        var (key, codes) = await AddAppAsync();
        // Some guesses are right: no more than the first five can be.
        _portal.Clock.Advance(TimeSpan.FromMinutes(5));

        var states = await Task.WhenAll(Enumerable.Range(0, 32).Select(number => Task.Run(() => TryCodeAsync(number < 30 ? "ABCD-EFGH-JKMN-PQRS" : "000000"), Token)));

        states.Count(state => state == SignInStepState.Refused).ShouldBe(AttemptLimiter.Limit - 1);
        states.Count(state => state == SignInStepState.Locked).ShouldBe(32 - AttemptLimiter.Limit + 1);
        (await TryCodeAsync(CodeOf(key))).ShouldBe(SignInStepState.Locked);
        (await TryCodeAsync(codes[0])).ShouldBe(SignInStepState.Locked);
        (await TryPasswordAsync(SignedInPeople.Password, true)).ShouldBe(SignInStepState.Locked);
        // Not one of them is used up.
        (await Factors.FindAsync(Id, Token))!.RecoveryCodesLeft.ShouldBe(10);
    }

    [Fact]
    public async Task RightPassword_OfAUserWithAnApp_TakesBackNoWrongCode()
    {
        _ = await AddAppAsync();
        for (var tries = 1; tries < AttemptLimiter.Limit; tries++)
        {
            (await TryPasswordAsync(SignedInPeople.Password, true)).ShouldBe(SignInStepState.NeedsSecondStep);
            (await TryCodeAsync("000000")).ShouldBe(SignInStepState.Refused);
        }

        (await TryPasswordAsync(SignedInPeople.Password, true)).ShouldBe(SignInStepState.NeedsSecondStep);
        (await TryCodeAsync("000000")).ShouldBe(SignInStepState.Locked);
        (await TryPasswordAsync(SignedInPeople.Password, true)).ShouldBe(SignInStepState.Locked);
    }

    [Fact]
    public async Task Success_WhileOthersAreEvaluated_LeavesThemCounted()
    {
        var stamp = await StampAsync();
        var mine = (await Limiter.BeginAsync(Id, AttemptKind.Proof, null, Token)).ShouldNotBeNull();
        for (var others = 2; others <= AttemptLimiter.Limit; others++) (await Limiter.BeginAsync(Id, AttemptKind.Proof, null, Token)).ShouldNotBeNull().Number.ShouldBe(others);
        (await Limiter.BeginAsync(Id, AttemptKind.Proof, null, Token)).ShouldBeNull();

        (await Limiter.SucceedAsync(mine, stamp, Token)).ShouldBeTrue();

        // Four are counted still: one more, not five.
        (await Limiter.BeginAsync(Id, AttemptKind.Proof, null, Token)).ShouldNotBeNull().IsLast.ShouldBeTrue();
        (await Limiter.BeginAsync(Id, AttemptKind.Proof, null, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Success_OfAUserWhoWasChangedMeanwhile_ProvesNothing()
    {
        var stamp = await StampAsync();
        foreach (var kind in Enum.GetValues<AttemptKind>())
        {
            var attempt = (await Limiter.BeginAsync(Id, kind, null, Token)).ShouldNotBeNull();
            await _portal.ChangeAsync(_ada, async (people, person) => (await people.UpdateSecurityStampAsync(person)).Succeeded.ShouldBeTrue());
            (await Limiter.SucceedAsync(attempt, stamp, Token)).ShouldBeFalse();
            stamp = await StampAsync();
        }
    }

    [Fact]
    public async Task Begin_DatabaseThatCannotBeWritten_IsAnErrorAndEvaluatesNothing()
    {
        await using (var db = _portal.OpenDatabase())
            await db.Database.ExecuteSqlRawAsync("""CREATE TRIGGER "Stop" BEFORE UPDATE ON "AspNetUsers" BEGIN SELECT RAISE(ABORT, 'no'); END""", Token);
        var before = _hasher.Checks;

        await Should.ThrowAsync<Exception>(() => Proof.ConfirmAsync(_ada, SignedInPeople.Password, Token));
        await Should.ThrowAsync<Exception>(() => TryPasswordAsync(SignedInPeople.Password));

        _hasher.Checks.ShouldBe(before);
    }

    [Fact]
    public async Task Counters_OfSigningInAndOfProofs_AreApart()
    {
        for (var tries = 0; tries < 10; tries++) _ = await TryPasswordAsync(Wrong);
        (await TryPasswordAsync(SignedInPeople.Password)).ShouldBe(SignInStepState.Locked);
        (await Proof.ConfirmAsync(_ada, SignedInPeople.Password, Token)).Succeeded.ShouldBeTrue();

        _portal.Clock.Advance(AttemptLimiter.LockTime);
        for (var tries = 0; tries < 10; tries++) _ = await Proof.ConfirmAsync(_ada, Wrong, Token);
        (await TryPasswordAsync(SignedInPeople.Password)).ShouldBe(SignInStepState.Done);
    }

    [Fact]
    public async Task Counters_WhatIdentitySavesOfAnOlderUser_DoesNotChangeThem()
    {
        await using var scope = _portal.Get<IServiceScopeFactory>().CreateAsyncScope();
        var people = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
        var older = (await people.FindByIdAsync(Id.ToString())).ShouldNotBeNull();
        for (var tries = 0; tries < 5; tries++) _ = await TryPasswordAsync(Wrong);

        (await people.UpdateAsync(older)).Succeeded.ShouldBeTrue();

        (await TryPasswordAsync(SignedInPeople.Password)).ShouldBe(SignInStepState.Locked);
    }

    [Fact]
    public async Task KnownBrowser_HasACounterOfItsOwnWithTheSameLimit()
    {
        var browsers = _portal.Get<KnownBrowsers>();
        var cookie = await browsers.RememberAsync(Id, null, Token);
        for (var tries = 0; tries < 10; tries++) _ = await TryPasswordAsync(Wrong);

        (await TryPasswordAsync(SignedInPeople.Password, cookie: cookie)).ShouldBe(SignInStepState.Done);
        var hash = await HashAsync();
        var before = _hasher.ChecksOf(hash);
        _ = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => TryPasswordAsync(Wrong, cookie: cookie), Token)));
        (_hasher.ChecksOf(hash) - before).ShouldBe(AttemptLimiter.Limit);
        (await TryPasswordAsync(SignedInPeople.Password, cookie: cookie)).ShouldBe(SignInStepState.Locked);
        // It is this user's alone, and the value is stored nowhere.
        var bob = await _portal.SignInAsync("bob@example.com", Role.Viewer);
        (await browsers.FindAsync(bob.PersonId!.Value, cookie, Token)).ShouldBeNull();
        await using var db = _portal.OpenDatabase();
        (await db.KnownBrowsers.SingleAsync(Token)).Hash.Length.ShouldBe(32);
    }

    [Fact]
    public async Task KnownBrowsers_AreBoundedAndExpireAndTakeNoForeignValue()
    {
        var browsers = _portal.Get<KnownBrowsers>();
        var planted = OneTimeValue.Create();
        (await browsers.RememberAsync(Id, planted, Token)).ShouldNotBe(planted);
        List<string> cookies = [];
        for (var count = 0; count <= KnownBrowsers.MaxPerPerson; count++)
        {
            _portal.Clock.Advance(TimeSpan.FromMinutes(1));
            cookies.Add(await browsers.RememberAsync(Id, null, Token));
        }

        (await browsers.FindAsync(Id, cookies[0], Token)).ShouldBeNull();
        (await browsers.FindAsync(Id, cookies[1], Token)).ShouldNotBeNull();
        (await browsers.RememberAsync(Id, cookies[1], Token)).ShouldBe(cookies[1]);
        // Two users of one browser share its cookie.
        var bob = await _portal.SignInAsync("bob@example.com", Role.Viewer);
        (await browsers.RememberAsync(bob.PersonId!.Value, cookies[1], Token)).ShouldBe(cookies[1]);
        _portal.Clock.Advance(KnownBrowsers.Lifetime);
        (await browsers.FindAsync(Id, cookies[1], Token)).ShouldBeNull();
    }

    [Theory]
    [InlineData("password")]
    [InlineData("link")]
    [InlineData("let in")]
    [InlineData("own sessions")]
    [InlineData("disabled")]
    public async Task KnownBrowsers_AfterWhatEndsSessions_AreForgotten(string how)
    {
        var people = _portal.Get<PeopleService>();
        var browsers = _portal.Get<KnownBrowsers>();
        var bob = await _portal.SignInAsync("bob@example.com", Role.Viewer);
        var cookie = await browsers.RememberAsync(bob.PersonId!.Value, null, Token);
        const string password = "staple battery horse";
        (how switch
        {
            "password" => (await Factors.ChangePasswordAsync(password, bob, Token)).Succeeded,
            "link" => (await people.UseLinkAsync(CodeIn((await people.ResetAsync(bob.PersonId.Value, _ada, Token)).Value.Url), password, null, Token)).Succeeded,
            "let in" => (await _portal.Get<WayIn>().UseAsync(CodeIn((await _portal.Get<ConsoleLinks>().MakeAsync(bob.Name!, false, Token)).Value.Url), password, null, Token)).Succeeded,
            "own sessions" => (await _portal.Get<SessionService>().EndOthersAsync(bob, Token)).Succeeded,
            _ => (await people.SetDisabledAsync(bob.PersonId.Value, true, _ada, Token)).Succeeded,
        }).ShouldBeTrue();

        (await browsers.FindAsync(bob.PersonId.Value, cookie, Token)).ShouldBeNull();
    }

    private static string CodeIn(string url) => url.Split("code=")[1];

    private string CodeOf(string key) => TimeCodes.Compute(key, TimeCodes.StepAt(_portal.Clock.GetUtcNow()));

    private async Task<(string Key, IReadOnlyList<string> Codes)> AddAppAsync()
    {
        var key = (await Factors.BeginAuthenticatorAsync(_ada, Token)).Value.Key;
        return (key, (await Factors.ConfirmAuthenticatorAsync(CodeOf(key), _ada, Token)).Value);
    }

    private async Task<string> HashAsync()
    {
        await using var db = _portal.OpenDatabase();
        return (await db.Users.SingleAsync(row => row.Id == Id, Token)).PasswordHash!;
    }

    private async Task<string?> StampAsync()
    {
        await using var db = _portal.OpenDatabase();
        return (await db.Users.SingleAsync(row => row.Id == Id, Token)).SecurityStamp;
    }

    private async Task<SignInStepState> TryPasswordAsync(string password, bool needsSecondStep = false, string? cookie = null)
    {
        await using var scope = _portal.Get<IServiceScopeFactory>().CreateAsyncScope();
        var steps = scope.ServiceProvider.GetRequiredService<SignInSteps>();
        return await steps.TryPasswordAsync(await steps.FindAsync("ada@example.com", Token), password, needsSecondStep, cookie, Token);
    }

    private async Task<SignInStepState> TryCodeAsync(string code)
    {
        await using var scope = _portal.Get<IServiceScopeFactory>().CreateAsyncScope();
        var steps = scope.ServiceProvider.GetRequiredService<SignInSteps>();
        return (await steps.TryCodeAsync((await steps.FindAsync("ada@example.com", Token))!, code, null, null, Token)).State;
    }
}
