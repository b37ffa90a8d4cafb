using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Tests.Users;

public sealed class FactorServiceTests : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private TestPortal _portal = null!;

    private FactorService Factors => _portal.Get<FactorService>();

    public async ValueTask InitializeAsync() => _portal = await TestPortal.StartAsync(services => services.AddPeople(identity => identity.Password = new PasswordOptions
    {
        RequiredLength = 12,
        RequireDigit = false,
        RequireLowercase = false,
        RequireUppercase = false,
        RequireNonAlphanumeric = false,
    }));

    public async ValueTask DisposeAsync() => await _portal.DisposeAsync();

    [Fact]
    public async Task Authenticator_BegunAndConfirmed_CountsFromThenOn()
    {
        var ada = await AddAsync();
        var setup = (await Factors.BeginAuthenticatorAsync(ada, Token)).Value;
        setup.Address.ShouldBe($"otpauth://totp/AdminPortal%20portal.example.com:ada%40example.com?secret={setup.Key}&issuer=AdminPortal%20portal.example.com&algorithm=SHA1&digits=6&period=30");
        setup.ToString().ShouldNotContain(setup.Key);
        (await FindAsync(ada)).HasAuthenticator.ShouldBeFalse();
        (await Factors.MeetsRequirementAsync(ada.PersonId!.Value, Token)).ShouldBeFalse();
        // Before it is confirmed, no code of it is worth anything.
        (await Factors.UseCodeAsync(ada.PersonId.Value, CodeOf(setup.Key), Token)).ShouldBeFalse();
        var stamp = await StampAsync(ada);

        (await Factors.ConfirmAuthenticatorAsync("000000", ada, Token)).Problems.ShouldHaveSingleItem().Field.ShouldBe("Code");
        (await Factors.ReadPendingAsync(ada, Token)).Value.Key.ShouldBe(setup.Key);
        var codes = (await Factors.ConfirmAuthenticatorAsync(CodeOf(setup.Key), ada, Token)).Value;

        codes.Distinct().Count().ShouldBe(10);
        var factors = await FindAsync(ada);
        (factors.HasAuthenticator, factors.RecoveryCodesLeft).ShouldBe((true, 10));
        (await StampAsync(ada)).ShouldNotBe(stamp);
        (await Factors.MeetsRequirementAsync(ada.PersonId.Value, Token)).ShouldBeTrue();
        // It is not shown a second time, and not set up over itself.
        (await Factors.ReadPendingAsync(ada, Token)).Succeeded.ShouldBeFalse();
        (await Factors.BeginAuthenticatorAsync(ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        (await ActionsAsync()).ShouldBe([ActivityAction.AuthenticatorSet]);
    }

    [Fact]
    public async Task Secrets_OfTheSecondFactor_LieInTheDatabaseSealedOrHashed()
    {
        var (ada, key, codes) = await AddWithAuthenticatorAsync();

        var stored = StoredText();
        stored.ShouldNotContain(key);
        foreach (var code in codes)
        {
            stored.ShouldNotContain(code);
            stored.ShouldNotContain(code.Replace("-", "", StringComparison.Ordinal));
        }

        await using var db = _portal.OpenDatabase();
        var person = await db.Users.SingleAsync(row => row.Id == ada.PersonId, Token);
        _portal.Secrets.Open(person.AuthenticatorKeyOf!).ShouldBe(key);
        _ = Should.Throw<SecretUnreadableException>(() => _portal.Secrets.Open(person.AuthenticatorKeyOf! with { Owner = Guid.NewGuid() }));
        (await db.RecoveryCodes.ToListAsync(Token)).ShouldAllBe(code => code.Hash.Length == 32 && code.PersonId == ada.PersonId);
        (await db.UserTokens.CountAsync(Token)).ShouldBe(0);
    }

    [Fact]
    public async Task UseCode_Replayed_IsRefused()
    {
        var (ada, key, _) = await AddWithAuthenticatorAsync();
        // The code that confirmed the app is used up by that.
        (await Factors.UseCodeAsync(ada.PersonId!.Value, CodeOf(key), Token)).ShouldBeFalse();
        var next = CodeOf(key, 1);

        (await Factors.UseCodeAsync(ada.PersonId.Value, next, Token)).ShouldBeTrue();
        (await Factors.UseCodeAsync(ada.PersonId.Value, next, Token)).ShouldBeFalse();
        // An older one that would still be in time is refused too.
        (await Factors.UseCodeAsync(ada.PersonId.Value, CodeOf(key), Token)).ShouldBeFalse();

        _portal.Clock.Advance(TimeSpan.FromSeconds(60));
        (await Factors.UseCodeAsync(ada.PersonId.Value, CodeOf(key), Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task UseCode_BySomebodyWhoSavesThePersonAfterwards_StaysUsed()
    {
        var (ada, key, _) = await AddWithAuthenticatorAsync();
        _portal.Clock.Advance(TimeSpan.FromMinutes(5));
        var code = CodeOf(key);
        await using var scope = _portal.Get<IServiceScopeFactory>().CreateAsyncScope();
        var people = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
        var person = (await people.FindByIdAsync(ada.PersonId!.Value.ToString())).ShouldNotBeNull();

        (await Factors.UseCodeAsync(person.Id, code, Token)).ShouldBeTrue();
        // Identity saves every column of the person as it was read before.
        (await people.AccessFailedAsync(person)).Succeeded.ShouldBeTrue();

        (await Factors.UseCodeAsync(person.Id, code, Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task UseCode_ManyAtOnce_OneIsTaken()
    {
        var (ada, key, _) = await AddWithAuthenticatorAsync();
        for (var round = 0; round < 5; round++)
        {
            _portal.Clock.Advance(TimeSpan.FromSeconds(60));
            var code = CodeOf(key);

            var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Factors.UseCodeAsync(ada.PersonId!.Value, code, Token), Token)));

            taken.Count(one => one).ShouldBe(1);
        }
    }

    [Fact]
    public async Task UseRecoveryCode_ManyAtOnce_OneIsTakenAndWrittenDown()
    {
        var (ada, _, codes) = await AddWithAuthenticatorAsync();
        foreach (var code in codes.Take(3))
        {
            var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Factors.UseRecoveryCodeAsync(code.ToLowerInvariant(), ada, Token), Token)));

            taken.Count(one => one).ShouldBe(1);
        }

        (await FindAsync(ada)).RecoveryCodesLeft.ShouldBe(7);
        await using var db = _portal.OpenDatabase();
        (await db.Activity.Where(line => line.Action == ActivityAction.RecoveryCodeUsed).OrderBy(line => line.Id).Select(line => line.Detail).ToListAsync(Token))
            .ShouldBe(["Left: 9", "Left: 8", "Left: 7"]);
    }

    [Fact]
    public async Task UseRecoveryCode_OfSomebodyElseReplacedOrMadeUp_IsRefused()
    {
        var (ada, _, codes) = await AddWithAuthenticatorAsync();
        var (bob, _, _) = await AddWithAuthenticatorAsync("bob@example.com");
        (await Factors.UseRecoveryCodeAsync(codes[0], bob, Token)).ShouldBeFalse();
        (await Factors.UseRecoveryCodeAsync("ABCD-EFGH-JKMN-PQRS", ada, Token)).ShouldBeFalse();
        (await Factors.UseRecoveryCodeAsync("123456", ada, Token)).ShouldBeFalse();

        var anew = (await Factors.MakeRecoveryCodesAsync(ada, Token)).Value;

        (await Factors.UseRecoveryCodeAsync(codes[0], ada, Token)).ShouldBeFalse();
        (await Factors.UseRecoveryCodeAsync(anew[0], ada, Token)).ShouldBeTrue();
        (await FindAsync(bob)).RecoveryCodesLeft.ShouldBe(10);
    }

    [Fact]
    public async Task Store_ByIdentitysOwnCalls_NeitherStoresAKeyNorEvaluatesACode()
    {
        var (ada, _, codes) = await AddWithAuthenticatorAsync();
        await using var scope = _portal.Get<IServiceScopeFactory>().CreateAsyncScope();
        var people = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
        var person = (await people.FindByIdAsync(ada.PersonId!.Value.ToString())).ShouldNotBeNull();

        _ = await Should.ThrowAsync<NotSupportedException>(() => people.GetAuthenticatorKeyAsync(person));
        _ = await Should.ThrowAsync<NotSupportedException>(() => people.ResetAuthenticatorKeyAsync(person));
        _ = await Should.ThrowAsync<NotSupportedException>(() => people.CountRecoveryCodesAsync(person));
        _ = await Should.ThrowAsync<NotSupportedException>(() => people.RedeemTwoFactorRecoveryCodeAsync(person, codes[0]));
        _ = await Should.ThrowAsync<NotSupportedException>(() => people.GenerateNewTwoFactorRecoveryCodesAsync(person, 10));
        (await people.GetValidTwoFactorProvidersAsync(person)).ShouldBeEmpty();
        (await FindAsync(ada)).RecoveryCodesLeft.ShouldBe(10);
    }

    [Fact]
    public async Task RemoveAuthenticator_SetUp_TakesTheCodesAlongAndEndsSessions()
    {
        var (ada, key, codes) = await AddWithAuthenticatorAsync();
        var stamp = await StampAsync(ada);
        _portal.Clock.Advance(TimeSpan.FromMinutes(5));

        (await Factors.RemoveAuthenticatorAsync(ada, Token)).Succeeded.ShouldBeTrue();

        var factors = await FindAsync(ada);
        (factors.HasAuthenticator, factors.RecoveryCodesLeft).ShouldBe((false, 0));
        (await Factors.UseCodeAsync(ada.PersonId!.Value, CodeOf(key), Token)).ShouldBeFalse();
        (await Factors.UseRecoveryCodeAsync(codes[0], ada, Token)).ShouldBeFalse();
        (await StampAsync(ada)).ShouldNotBe(stamp);
        (await Factors.MakeRecoveryCodesAsync(ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        (await ActionsAsync())[^1].ShouldBe(ActivityAction.AuthenticatorRemoved);
    }

    [Fact]
    public async Task UseCode_KeyThatDoesNotOpen_IsRefusedAndARecoveryCodeStillWorks()
    {
        var (ada, key, codes) = await AddWithAuthenticatorAsync();
        _portal.Clock.Advance(TimeSpan.FromMinutes(5));
        _ = RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), "UPDATE AspNetUsers SET AuthenticatorKey = 'garbage'");

        (await Factors.UseCodeAsync(ada.PersonId!.Value, CodeOf(key), Token)).ShouldBeFalse();
        (await Factors.UseRecoveryCodeAsync(codes[0], ada, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Passkeys_AddedRenamedUsedAndRemoved_AreTheirPersonsAlone()
    {
        var ada = await AddAsync();
        var bob = await AddAsync("bob@example.com");
        (await Factors.CheckPasskeyAsync(" ", ada, Token)).ShouldNotBeNull().Field.ShouldBe("Name");
        (await Factors.CheckPasskeyAsync(new string('x', 61), ada, Token)).ShouldNotBeNull();
        (await Factors.AddPasskeyAsync(Passkey(1), " Laptop ", ada, Token)).Succeeded.ShouldBeTrue();
        (await Factors.AddPasskeyAsync(Passkey(2), "Phone", ada, Token)).Succeeded.ShouldBeTrue();

        var passkeys = (await FindAsync(ada)).Passkeys;
        passkeys.Select(passkey => (passkey.Name, passkey.LastUsedAt)).ShouldBe([("Laptop", null), ("Phone", null)]);
        (await Factors.MeetsRequirementAsync(ada.PersonId!.Value, Token)).ShouldBeTrue();
        (await Factors.RenamePasskeyAsync(passkeys[0].Id, "Mine", bob, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
        (await Factors.RemovePasskeyAsync(passkeys[0].Id, bob, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
        (await Factors.RenamePasskeyAsync("no base64!", "Mine", ada, Token)).Succeeded.ShouldBeFalse();

        (await Factors.RenamePasskeyAsync(passkeys[0].Id, "Old laptop", ada, Token)).Succeeded.ShouldBeTrue();
        await Factors.MarkPasskeyAsync([1, 0, 0, 1], Token);
        var renamed = (await FindAsync(ada)).Passkeys[0];
        (renamed.Name, renamed.LastUsedAt).ShouldBe(("Old laptop", _portal.Clock.GetUtcNow()));
        var stamp = await StampAsync(ada);
        (await Factors.RemovePasskeyAsync(renamed.Id, ada, Token)).Succeeded.ShouldBeTrue();

        (await FindAsync(ada)).Passkeys.ShouldHaveSingleItem().Name.ShouldBe("Phone");
        (await StampAsync(ada)).ShouldNotBe(stamp);
        (await ActionsAsync()).ShouldBe([ActivityAction.PasskeyAdded, ActivityAction.PasskeyAdded, ActivityAction.PasskeyRenamed, ActivityAction.PasskeyRemoved]);
    }

    [Fact]
    public async Task AddPasskey_MoreThanAPersonCanHave_IsRefused()
    {
        var ada = await AddAsync();
        for (byte number = 0; number < PortalPasskey.MaxCount; number++) (await Factors.AddPasskeyAsync(Passkey(number), $"Number {number}", ada, Token)).Succeeded.ShouldBeTrue();

        (await Factors.AddPasskeyAsync(Passkey(99), "One more", ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
    }

    [Fact]
    public async Task ChangePassword_GoodOne_EndsSessionsAndTheOpenLink()
    {
        var ada = await _portal.SignInAsync(await AddAsync());
        var stamp = await StampAsync(ada);
        var root = await _portal.SignInAsync(await AddAsync("root@example.com"));
        var link = (await _portal.Get<PeopleService>().ResetAsync(ada.PersonId!.Value, root, Token)).Value.Url.Split("code=")[1];
        (await Factors.ChangePasswordAsync("short", ada, Token)).Problems.ShouldContain(problem => problem.Field == "NewPassword");
        (await StampAsync(ada)).ShouldBe(stamp);

        (await Factors.ChangePasswordAsync("staple " + Password, ada, Token)).Succeeded.ShouldBeTrue();

        (await StampAsync(ada)).ShouldNotBe(stamp);
        (await _portal.Get<PeopleService>().FindLinkAsync(link, Token)).ShouldBeNull();
        await using var scope = _portal.Get<IServiceScopeFactory>().CreateAsyncScope();
        var people = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
        (await people.CheckPasswordAsync((await people.FindByIdAsync(ada.PersonId.Value.ToString()))!, "staple " + Password)).ShouldBeTrue();
        (await ActionsAsync())[^1].ShouldBe(ActivityAction.PasswordChanged);
    }

    [Fact]
    public async Task ResetFactors_ByAnAdministrator_TakesEverythingAwayButThePassword()
    {
        var (ada, _, codes) = await AddWithAuthenticatorAsync();
        (await Factors.AddPasskeyAsync(Passkey(1), "Laptop", ada, Token)).Succeeded.ShouldBeTrue();
        var root = await _portal.SignInAsync(await AddAsync("root@example.com"));
        var people = _portal.Get<PeopleService>();
        (await people.ListAsync(root, Token)).Value.Select(line => (line.HasAuthenticator, line.Passkeys, line.HasFactors)).ShouldBe([(true, 1, true), (false, 0, false)]);
        var stamp = await StampAsync(ada);

        (await people.ResetFactorsAsync(ada.PersonId!.Value, root, Token)).Succeeded.ShouldBeTrue();

        var factors = await FindAsync(ada);
        (factors.HasAuthenticator, factors.RecoveryCodesLeft, factors.Passkeys.Count, factors.HasPassword).ShouldBe((false, 0, 0, true));
        (await Factors.UseRecoveryCodeAsync(codes[0], ada, Token)).ShouldBeFalse();
        (await StampAsync(ada)).ShouldNotBe(stamp);
        (await ActionsAsync())[^1].ShouldBe(ActivityAction.FactorsReset);
    }

    [Fact]
    public async Task FactorReset_ByWhoeverHasTheMachine_IsWrittenDownAsThePortals()
    {
        var (ada, _, _) = await AddWithAuthenticatorAsync();
        await using var command = _portal.Another(services => services.AddMaintenance());
        var reset = command.Get<FactorReset>();

        (await reset.RunAsync("bob@example.com", Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
        (await reset.RunAsync("Ada@Example.com ", Token)).Value.ShouldBe("ada@example.com");
        (await reset.RunAsync("ada@example.com", Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);

        (await FindAsync(ada)).HasAuthenticator.ShouldBeFalse();
        await using var db = _portal.OpenDatabase();
        var line = await db.Activity.OrderBy(row => row.Id).LastAsync(Token);
        (line.Action, line.PersonId, line.Subject).ShouldBe((ActivityAction.FactorsReset, null, "ada@example.com"));
    }

    [Fact]
    public async Task RemovePerson_WithEverything_LeavesNothingOfIt()
    {
        var (ada, _, _) = await AddWithAuthenticatorAsync();
        (await Factors.AddPasskeyAsync(Passkey(1), "Laptop", ada, Token)).Succeeded.ShouldBeTrue();
        var root = await _portal.SignInAsync(await AddAsync("root@example.com"));

        (await _portal.Get<PeopleService>().RemoveAsync(ada.PersonId!.Value, root, Token)).Succeeded.ShouldBeTrue();

        await using var db = _portal.OpenDatabase();
        (await db.UserPasskeys.CountAsync(Token)).ShouldBe(0);
        (await db.RecoveryCodes.CountAsync(Token)).ShouldBe(0);
    }

    [Fact]
    public async Task Changes_ByNobodyOrSomebodyDisabled_DoNothing()
    {
        var ada = await AddAsync();
        _ = await AddAsync("root@example.com");
        (await _portal.Get<PeopleService>().SetDisabledAsync(ada.PersonId!.Value, true, Actor.Portal, Token)).Succeeded.ShouldBeTrue();
        foreach (var actor in new[] { ada, Actor.Nobody, Actor.Portal, new Actor(Guid.NewGuid(), "eve@example.com") })
        {
            (await Factors.BeginAuthenticatorAsync(actor, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
            (await Factors.RemoveAuthenticatorAsync(actor, Token)).Succeeded.ShouldBeFalse();
            (await Factors.MakeRecoveryCodesAsync(actor, Token)).Succeeded.ShouldBeFalse();
            (await Factors.ChangePasswordAsync("staple " + Password, actor, Token)).Succeeded.ShouldBeFalse();
        }
    }

    private static UserPasskeyInfo Passkey(byte number) =>
        new([number, 0, 0, number], [1, 2, 3], DateTimeOffset.UnixEpoch.AddDays(number), 0, ["internal"], true, false, false, [4], [5]);

    private string CodeOf(string key, int steps = 0) => TimeCodes.Compute(key, TimeCodes.StepAt(_portal.Clock.GetUtcNow()) + steps);

    private async Task<(Actor Person, string Key, IReadOnlyList<string> Codes)> AddWithAuthenticatorAsync(string email = "ada@example.com")
    {
        var person = await AddAsync(email);
        var key = (await Factors.BeginAuthenticatorAsync(person, Token)).Value.Key;
        return (person, key, (await Factors.ConfirmAuthenticatorAsync(CodeOf(key), person, Token)).Value);
    }

    private async Task<Actor> AddAsync(string email = "ada@example.com")
    {
        await using var scope = _portal.Get<IServiceScopeFactory>().CreateAsyncScope();
        var person = new PortalUser { Id = Guid.CreateVersion7(), UserName = email, Email = email, Role = Role.Administrator };
        (await scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>().CreateAsync(person, Password)).Succeeded.ShouldBeTrue();
        return new Actor(person.Id, email) { Role = Role.Administrator };
    }

    private async Task<PersonFactors> FindAsync(Actor person) => (await Factors.FindAsync(person.PersonId!.Value, Token)).ShouldNotBeNull();

    private async Task<string?> StampAsync(Actor person)
    {
        await using var db = _portal.OpenDatabase();
        return (await db.Users.AsNoTracking().SingleAsync(row => row.Id == person.PersonId, Token)).SecurityStamp;
    }

    // The database file and its log, as somebody would read them who has the disk.
    private string StoredText() => string.Concat(Directory.EnumerateFiles(_portal.DataDirectory, "portal.db*").Select(file =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
        return reader.ReadToEnd();
    }));

    private async Task<List<ActivityAction>> ActionsAsync()
    {
        await using var db = _portal.OpenDatabase();
        return await db.Activity.OrderBy(line => line.Id).Select(line => line.Action).ToListAsync(Token);
    }
}
