using AdminPortal.Domain.Access;
using AdminPortal.Domain.Text;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Tests.Users;

/// <summary>One rule for email addresses, and one user for each.</summary>
public sealed class EmailAddressTests
{
    public static TheoryData<string, string> Valid => new()
    {
        { "ada@example.com", "ada@example.com" },
        { " ada@example.com ", "ada@example.com" },
        { "Ada.Lovelace+portal@Example.COM", "Ada.Lovelace+portal@Example.COM" },
        { "o'brien!#$%&*/=?^_`{|}~-@example.com", "o'brien!#$%&*/=?^_`{|}~-@example.com" },
        { "müller@example.com", "müller@example.com" },
        { "mu\u0308ller@example.com", "müller@example.com" },
        { "用户@例え.jp", "用户@例え.jp" },
        { "ada@XN--MLLER-KVA.example", "ada@müller.example" },
        { "ada@localhost", "ada@localhost" },
        { new string('a', 64) + "@example.com", new string('a', 64) + "@example.com" },
    };

    public static TheoryData<string> Invalid =>
    [
        "", " ", "ada", "@example.com", "ada@", "ada@@example.com", "a b@example.com", "ada@exa mple.com", ".ada@example.com", "ada.@example.com", "a..b@example.com",
        "ada@-example.com", "ada@example-.com", "ada@example..com", "ada@.com", "ada@example.com.", "ada@exa_mple.com", "\"a@b\"@example.com", "ada@[127.0.0.1]", "ada,bob@example.com",
        "<ada@example.com>", "ada\u0000@example.com", "ada\n@example.com", "ada\u200B@example.com", "ada\u00AD@example.com", "\u202Eada@example.com", "ada@exam\u200Bple.com",
        "ada\u00A0b@example.com", "ada\u3164@example.com", "ada\u2800@example.com", "ada\uFE0F@example.com", "ada\uE000@example.com", "\u0301ada@example.com", "ada\uD83D@example.com",
        "ada\uFF20x@example.com", "ada\uFF0E\uFF0Eb@example.com", new string('a', 65) + "@example.com", new string('ü', 33) + "@example.com",
        "ada@" + new string('a', 64) + ".com", "ada@" + string.Join('.', Enumerable.Repeat(new string('a', 60), 4)) + ".example.com",
    ];

    [Theory]
    [MemberData(nameof(Valid))]
    public void Read_AddressByTheRule_IsStoredInOneForm(string entered, string stored) => EmailAddress.Read(entered).ShouldBe(stored);

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Read_AnythingElse_IsNone(string entered) => EmailAddress.IsValid(entered).ShouldBeFalse();

    [Theory]
    [InlineData("ada@example.com", "ADA@Example.Com", true)]
    [InlineData("müller@example.com", "MU\u0308LLER@example.com", true)]
    [InlineData("ada@müller.example", "ada@xn--mller-kva.example", true)]
    [InlineData("ﬁnn@example.com", "finn@example.com", true)]
    [InlineData("ada@example.com", "eda@example.com", false)]
    [InlineData("muller@example.com", "müller@example.com", false)]
    [InlineData("not an address", "NOT an address", true)]
    public void Key_AddressesThatLookTheSame_IsTheSame(string one, string other, bool same) => (EmailAddress.Key(one) == EmailAddress.Key(other)).ShouldBe(same);

    [Fact]
    public async Task Every_WayToAddAUser_FindsTheOneWhoIsThere()
    {
        await using var portal = await SignedInPeople.StartAsync();
        var ada = await portal.SignInAsync("ada@example.com", Role.Administrator);
        var people = portal.Get<PeopleService>();
        (await people.InviteAsync(new PersonInput { Email = "mu\u0308ller@xn--mller-kva.example", Role = Role.Viewer }, ada, Token)).Value.Email.ShouldBe("müller@müller.example");

        foreach (var same in new[] { "müller@müller.example", "MÜLLER@XN--MLLER-KVA.EXAMPLE", "mu\u0308ller@MÜLLER.example" })
        {
            (await people.InviteAsync(new PersonInput { Email = same }, ada, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("already");
            (await portal.Get<ConsoleLinks>().MakeAsync(same, false, Token)).Value.Email.ShouldBe("müller@müller.example");
            await using var scope = portal.Get<IServiceScopeFactory>().CreateAsyncScope();
            (await scope.ServiceProvider.GetRequiredService<SignInSteps>().FindAsync(same, Token)).ShouldNotBeNull().Role.ShouldBe(Role.Viewer);
        }

        foreach (var wrong in new[] { "a\u200Bda@example.com", "a b@example.com", "bob" })
        {
            (await people.InviteAsync(new PersonInput { Email = wrong }, ada, Token)).Problems.ShouldHaveSingleItem().Field.ShouldBe("Email");
            (await portal.Get<ConsoleLinks>().MakeAsync(wrong, true, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("is not an email address");
        }
    }

    [Fact]
    public async Task Existing_AddressThatBreaksTheRule_SignsInIsCountedAndIsNamedByDoctor()
    {
        await using var portal = await SignedInPeople.StartAsync();
        const string old = "dr. no\u200B@example.com";
        await portal.AddStoredAsync(old, Role.Operator);
        await using var scope = portal.Get<IServiceScopeFactory>().CreateAsyncScope();
        var steps = scope.ServiceProvider.GetRequiredService<SignInSteps>();
        var user = (await steps.FindAsync(old, Token)).ShouldNotBeNull();

        (await steps.TryPasswordAsync(user, SignedInPeople.Password, false, null, Token)).ShouldBe(SignInStepState.Done);
        for (var tries = 1; tries <= AttemptLimiter.Limit; tries++)
            (await steps.TryPasswordAsync(user, "a wrong password", false, null, Token)).ShouldBe(tries < AttemptLimiter.Limit ? SignInStepState.Refused : SignInStepState.Locked);
        (await steps.TryPasswordAsync(user, SignedInPeople.Password, false, null, Token)).ShouldBe(SignInStepState.Locked);
        // What Identity saves is not refused either.
        var people = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
        (await people.UpdateAsync((await people.FindByIdAsync(user.Id.ToString()))!)).Succeeded.ShouldBeTrue();

        List<Finding> findings = [];
        await foreach (var finding in ActivatorUtilities.CreateInstance<Doctor>(portal.Get<IServiceProvider>()).ExamineAsync(true, Token)) findings.Add(finding);
        var named = findings.Single(finding => finding.Topic == "signing in" && finding.Level == FindingLevel.Warning);
        named.Text.ShouldContain("dr. no@example.com");
    }
}
