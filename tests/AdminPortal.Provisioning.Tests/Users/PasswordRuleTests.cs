using AdminPortal.Domain.Access;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Tests.Users;

/// <summary>Which passwords are rejected, wherever one is set, and in which form they are compared.</summary>
public sealed class PasswordRuleTests : IAsyncLifetime
{
    private const string Good = "staple battery horse";

    private TestPortal _portal = null!;
    private Actor _ada = null!;

    public async ValueTask InitializeAsync()
    {
        _portal = await SignedInPeople.StartAsync();
        _ada = await _portal.SignInAsync("ada.lovelace@example.com", Role.Administrator);
    }

    public async ValueTask DisposeAsync() => await _portal.DisposeAsync();

    [Theory]
    [InlineData("1q2w3e4r5t6y", "one of the 10,000 most common")]
    [InlineData("1Q2W3E4R5T6Y", "one of the 10,000 most common")]
    [InlineData("my AdminPortal!", "the name of this product")]
    [InlineData("Admin-Portal 77", "the name of this product")]
    [InlineData("Ada.Lovelace1815", "your email address or the part of it")]
    [InlineData("x ada.lovelace@example.com", "your email address or the part of it")]
    [InlineData("Countess Lovelace 1815", "your email address or the part of it")]
    [InlineData("Ada-Lovelace-1815", "your email address or the part of it")]
    [InlineData("a.d.a.l.o.v.e.l.a.c.e", "your email address or the part of it")]
    [InlineData("short", "12 characters")]
    public async Task Password_ThatIsTriedFirst_IsRejectedWhereverOneIsSet(string password, string rule)
    {
        var people = _portal.Get<PeopleService>();
        var root = await _portal.SignInAsync("root@example.com", Role.Administrator);
        var joining = CodeIn((await people.ResetAsync(_ada.PersonId!.Value, root, Token)).Value.Url);
        (await people.UseLinkAsync(joining, password, null, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain(rule);
        (await people.UseLinkAsync(joining, Good, null, Token)).Succeeded.ShouldBeTrue();

        var letIn = CodeIn((await _portal.Get<ConsoleLinks>().MakeAsync(_ada.Name!, false, Token)).Value.Url);
        (await _portal.Get<WayIn>().UseAsync(letIn, password, null, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain(rule);

        _ada = await _portal.SignInAsync(_ada);
        var changed = (await _portal.Get<FactorService>().ChangePasswordAsync(password, _ada, Token)).Problems.ShouldHaveSingleItem();
        changed.Message.ShouldContain(rule);
        changed.Field.ShouldBe("NewPassword");

        await using var empty = await SignedInPeople.StartAsync();
        (await empty.Get<PeopleService>().CreateAdministratorAsync(_ada.Name!, password, null, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain(rule);
        (await empty.Get<PeopleService>().CreateAdministratorAsync(_ada.Name!, Good, null, Token)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task Password_WithAShortLocalPartInIt_IsTaken()
    {
        var al = await _portal.SignInAsync("al@example.com", Role.Viewer);
        (await _portal.Get<FactorService>().ChangePasswordAsync("royal blue velvet", al, Token)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public void CommonPasswords_KnownOnes_AreFoundInWhateverCaseAndOthersAreNot()
    {
        foreach (var common in new[] { "123456", "password", "PassWord", "qwerty", "iloveyou", "trustno1" }) CommonPasswords.Contains(common).ShouldBeTrue(common);
        foreach (var other in new[] { "", "correct horse battery", Good, Guid.NewGuid().ToString() }) CommonPasswords.Contains(other).ShouldBeFalse(other);
    }

    [Fact]
    public void CommonPasswords_InTheAssembly_AreNoReadableWords()
    {
        using var stream = typeof(PeopleService).Assembly.GetManifestResourceStream("common-passwords.bin").ShouldNotBeNull();
        stream.Length.ShouldBe(CommonPasswords.Count * 8);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var text = System.Text.Encoding.Latin1.GetString(bytes);
        foreach (var word in new[] { "password", "qwerty", "dragon", "monkey" }) text.ShouldNotContain(word);
    }

    [Theory]
    [InlineData("u\u0308ber alle Berge", "\u00FCber alle Berge")]
    [InlineData("\u00FCber alle Berge", "u\u0308ber alle Berge")]
    public async Task Password_SetOnOneKeyboard_WorksOnTheOther(string set, string entered)
    {
        (await _portal.Get<FactorService>().ChangePasswordAsync(set, _ada, Token)).Succeeded.ShouldBeTrue();

        (await VerifyAsync(entered)).ShouldBeTrue();
        (await VerifyAsync(set)).ShouldBeTrue();
        (await VerifyAsync("uber alle Berge")).ShouldBeFalse();
    }

    [Fact]
    public async Task Password_HashedAsEnteredByAnEarlierRelease_WorksAndIsHashedInOneFormThen()
    {
        const string raw = "u\u0308ber alle Berge";
        var hasher = new PasswordHasher<PortalUser>();
        await using (var db = _portal.OpenDatabase())
        {
            var old = hasher.HashPassword(new PortalUser(), raw);
            await db.Users.ExecuteUpdateAsync(set => set.SetProperty(row => row.PasswordHash, old), Token);
        }

        (await VerifyAsync("\u00FCber alle Berge")).ShouldBeFalse();
        var stamp = (await FindAsync()).SecurityStamp;
        (await VerifyAsync(raw)).ShouldBeTrue();

        hasher.VerifyHashedPassword(new PortalUser(), (await FindAsync()).PasswordHash!, "\u00FCber alle Berge").ShouldBe(PasswordVerificationResult.Success);
        (await VerifyAsync("\u00FCber alle Berge")).ShouldBeTrue();
        (await VerifyAsync(raw)).ShouldBeTrue();
        // No session ends by it.
        (await FindAsync()).SecurityStamp.ShouldBe(stamp);
    }

    [Fact]
    public async Task Password_ThatIsNoText_IsRefusedWithoutAnError() => (await VerifyAsync("half \uD83D of a pair")).ShouldBeFalse();

    private static string CodeIn(string url) => url.Split("code=")[1];

    private async Task<PortalUser> FindAsync()
    {
        await using var db = _portal.OpenDatabase();
        return await db.Users.AsNoTracking().SingleAsync(row => row.Id == _ada.PersonId, Token);
    }

    private async Task<bool> VerifyAsync(string password)
    {
        await using var scope = _portal.Get<IServiceScopeFactory>().CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PasswordVerifier>().VerifyAsync(await FindAsync(), password, Token);
    }
}
