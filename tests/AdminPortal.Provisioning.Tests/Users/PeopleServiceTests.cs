using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Lapses;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Tests.Users;

public sealed class PeopleServiceTests : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private TestPortal _portal = null!;

    private PeopleService People => _portal.Get<PeopleService>();

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
    public async Task Invite_Link_SetsThePasswordOnceAndOnlyItsHashIsKept()
    {
        var ada = await AddAsync("ada@example.com", Role.Administrator);

        var link = (await People.InviteAsync(new PersonInput { Email = " Bob@Example.com ", Role = Role.Operator }, ada, Token)).Value;

        link.Email.ShouldBe("Bob@Example.com");
        link.ExpiresAt.ShouldBe(_portal.Clock.GetUtcNow() + PeopleService.LinkLifetime);
        link.Url.ShouldStartWith("https://portal.example.com/join?code=");
        link.ToString().ShouldNotContain(Code(link));
        StoredText().ShouldNotContain(Code(link));
        (await LinesAsync()).ShouldContain(person => person.Email == "Bob@Example.com" && person.State == PersonState.Invited && person.Role == Role.Operator && person.LinkExpiresAt == link.ExpiresAt);

        (await People.FindLinkAsync(Code(link), Token)).ShouldBe("Bob@Example.com");
        (await People.UseLinkAsync(Code(link), Password, "198.51.100.9", Token)).Succeeded.ShouldBeTrue();

        (await People.FindLinkAsync(Code(link), Token)).ShouldBeNull();
        (await People.UseLinkAsync(Code(link), "another " + Password, "198.51.100.9", Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
        (await SignsInAsync("bob@example.com", Password)).ShouldBeTrue();
        (await LinesAsync()).ShouldContain(person => person.Email == "Bob@Example.com" && person.State == PersonState.Active && person.LinkExpiresAt == null);
        (await ActionsAsync()).ShouldBe([(ActivityAction.PersonInvited, "ada@example.com", "Bob@Example.com", "Operator"), (ActivityAction.PasswordSet, "Bob@Example.com", "Bob@Example.com", null)]);
        await using var db = _portal.OpenDatabase();
        (await db.Activity.SingleAsync(line => line.Action == ActivityAction.PasswordSet, Token)).From.ShouldBe("198.51.100.9");
    }

    [Fact]
    public async Task CreateAdministrator_ByTwoProcessesAtOnce_MakesOne()
    {
        await using var other = _portal.Another(services => services.AddPeople(SignedInPeople.Configure));

        var created = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(
            () => (number % 2 == 0 ? People : other.Get<PeopleService>()).CreateAdministratorAsync($"ada{number}@example.com", Password, "198.51.100.9", Token), Token)));

        created.Count(one => one.Succeeded).ShouldBe(1);
        created.Where(one => !one.Succeeded).ShouldAllBe(one => one.Problems[0].Kind == ProblemKind.NotNow);
        (await ActionsAsync()).ShouldHaveSingleItem().Item1.ShouldBe(ActivityAction.AdministratorCreated);
    }

    [Fact]
    public async Task Reset_OwnPasswordOrSecondFactor_IsRefused()
    {
        var ada = await AddAsync("ada@example.com", Role.Administrator);

        var password = (await People.ResetAsync(ada.PersonId!.Value, ada, Token)).Problems.ShouldHaveSingleItem();
        var factors = (await People.ResetFactorsAsync(ada.PersonId.Value, ada, Token)).Problems.ShouldHaveSingleItem();

        password.Kind.ShouldBe(ProblemKind.NotNow);
        password.Message.ShouldContain("/me");
        factors.Kind.ShouldBe(ProblemKind.NotNow);
        factors.Message.ShouldContain("reset-second-factor");
        (await ActionsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task EndSessions_OfAnotherPerson_EndsThemAndNothingElse()
    {
        var ada = await AddAsync("ada@example.com", Role.Administrator);
        var bob = await _portal.SignInAsync("bob@example.com", Role.Operator);
        _ = await _portal.SignInAsync(bob);
        var token = (await _portal.Get<Provisioning.ApiTokens.ApiTokenService>().MakeAsync(
            new Provisioning.ApiTokens.ApiTokenInput { Name = "Script", Scopes = [ApiScope.Read] }, bob, Token)).Value.Value;
        var browser = await _portal.Get<KnownBrowsers>().RememberAsync(bob.PersonId!.Value, null, Token);
        await using var db = _portal.OpenDatabase();
        var before = await db.Users.AsNoTracking().SingleAsync(person => person.Id == bob.PersonId, Token);
        (await People.IsCurrentAsync(before.Id, before.SecurityStamp, bob.SessionId, Token)).ShouldBeTrue();

        (await People.EndSessionsAsync(before.Id, ada, Token)).Value.ShouldBe(2);

        (await People.IsCurrentAsync(before.Id, before.SecurityStamp, bob.SessionId, Token)).ShouldBeFalse();
        var after = await db.Users.AsNoTracking().SingleAsync(person => person.Id == bob.PersonId, Token);
        (after.PasswordHash, after.Role, after.DisabledAt).ShouldBe((before.PasswordHash, before.Role, null));
        // A sign-in that waits for its second step goes by the stamp.
        after.SecurityStamp.ShouldNotBe(before.SecurityStamp);
        (await _portal.Get<KnownBrowsers>().FindAsync(before.Id, browser, Token)).ShouldNotBeNull();
        (await db.Sessions.AsNoTracking().Where(session => session.PersonId == before.Id).Select(session => session.Ending).ToListAsync(Token))
            .ShouldAllBe(ending => ending == SessionEnding.ByAdministrator);
        (await _portal.Get<Provisioning.ApiTokens.ApiTokenService>().FindAsync(token, null, Token)).State.ShouldBe(Provisioning.ApiTokens.ApiTokenState.Good);
        var line = await db.Activity.SingleAsync(one => one.Action == ActivityAction.SessionsEnded, Token);
        (line.PersonName, line.Subject, line.Detail).ShouldBe(("ada@example.com", "bob@example.com", "2 sessions"));
        // Like every change of people, it asks for a confirmation of now.
        _portal.Clock.Advance(TimeSpan.FromMinutes(30));
        (await People.EndSessionsAsync(before.Id, ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ConfirmationNeeded);
    }

    [Theory]
    [InlineData("short", "12")]
    public async Task UseLink_WeakPassword_SaysWhyAndKeepsTheLink(string password, string words)
    {
        var ada = await AddAsync("ada@example.com", Role.Administrator);
        var link = (await People.InviteAsync(new PersonInput { Email = "bob@example.com" }, ada, Token)).Value;

        var refused = (await People.UseLinkAsync(Code(link), password, "198.51.100.9", Token)).Problems;

        refused.ShouldContain(problem => problem.Kind == ProblemKind.Invalid && problem.Message.Contains(words));
        (await People.FindLinkAsync(Code(link), Token)).ShouldBe("bob@example.com");
    }

    [Theory]
    [InlineData("expired")]
    [InlineData("replaced")]
    [InlineData("disabled")]
    [InlineData("removed")]
    [InlineData("other")]
    [InlineData("nothing")]
    public async Task UseLink_NotGoodAnyMore_SetsNothing(string what)
    {
        var ada = await AddAsync("ada@example.com", Role.Administrator);
        var link = (await People.InviteAsync(new PersonInput { Email = "bob@example.com" }, ada, Token)).Value;
        var bob = (await LinesAsync()).Single(person => person.Email == "bob@example.com").Id;
        var code = Code(link);
        switch (what)
        {
            case "expired": _portal.Clock.Advance(PeopleService.LinkLifetime); break;
            case "replaced": (await People.ResetAsync(bob, ada, Token)).Succeeded.ShouldBeTrue(); break;
            case "disabled": (await People.SetDisabledAsync(bob, true, ada, Token)).Succeeded.ShouldBeTrue(); break;
            case "removed": (await People.RemoveAsync(bob, ada, Token)).Succeeded.ShouldBeTrue(); break;
            case "other": code = OneTimeValue.Create(); break;
            default: code = ""; break;
        }

        (await People.FindLinkAsync(code, Token)).ShouldBeNull();
        (await People.UseLinkAsync(code, Password, "198.51.100.9", Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);

        await using var db = _portal.OpenDatabase();
        (await db.Users.CountAsync(person => person.Email == "bob@example.com" && person.PasswordHash != null, Token)).ShouldBe(0);
    }

    [Theory]
    [InlineData("", "Enter the email")]
    [InlineData("bob", "one @")]
    [InlineData("bob@", "one @")]
    [InlineData("bob smith@example.com", "one @")]
    [InlineData("b\u0007ob@example.com", "control")]
    [InlineData("ADA@example.com", "already")]
    public async Task Invite_BadEmail_SaysWhy(string email, string words)
    {
        var ada = await AddAsync("ada@example.com", Role.Administrator);

        var problem = (await People.InviteAsync(new PersonInput { Email = email }, ada, Token)).Problems.ShouldHaveSingleItem();

        (problem.Kind, problem.Field).ShouldBe((ProblemKind.Invalid, nameof(PersonInput.Email)));
        problem.Message.ShouldContain(words);
    }

    [Fact]
    public async Task Change_OfAPerson_EndsTheSessionsAndIsWrittenDown()
    {
        var ada = await AddAsync("ada@example.com", Role.Administrator);
        var actor = await AddAsync("bob@example.com", Role.Viewer);
        var bob = actor.PersonId!.Value;
        var stamp = await StampAsync(bob);
        (await People.IsCurrentAsync(bob, stamp, actor.SessionId, Token)).ShouldBeTrue();

        (await People.ChangeRoleAsync(bob, Role.Operator, ada, Token)).Succeeded.ShouldBeTrue();
        (await People.IsCurrentAsync(bob, stamp, actor.SessionId, Token)).ShouldBeFalse();

        stamp = await StampAsync(bob);
        actor = await _portal.SignInAsync(actor);
        (await People.IsCurrentAsync(bob, stamp, actor.SessionId, Token)).ShouldBeTrue();
        (await People.SetDisabledAsync(bob, true, ada, Token)).Succeeded.ShouldBeTrue();
        (await People.IsCurrentAsync(bob, stamp, actor.SessionId, Token)).ShouldBeFalse();
        (await People.IsCurrentAsync(bob, await StampAsync(bob), actor.SessionId, Token)).ShouldBeFalse();

        (await People.ResetAsync(bob, ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        (await People.SetDisabledAsync(bob, false, ada, Token)).Succeeded.ShouldBeTrue();
        stamp = await StampAsync(bob);
        actor = await _portal.SignInAsync(actor);
        (await People.IsCurrentAsync(bob, stamp, actor.SessionId, Token)).ShouldBeTrue();

        var link = (await People.ResetAsync(bob, ada, Token)).Value;
        // Until the link is used, nothing is different for the person.
        (await People.IsCurrentAsync(bob, stamp, actor.SessionId, Token)).ShouldBeTrue();
        (await SignsInAsync("bob@example.com", Password)).ShouldBeTrue();
        (await People.UseLinkAsync(Code(link), "staple " + Password, "198.51.100.9", Token)).Succeeded.ShouldBeTrue();
        (await People.IsCurrentAsync(bob, stamp, actor.SessionId, Token)).ShouldBeFalse();
        (await SignsInAsync("bob@example.com", Password)).ShouldBeFalse();

        (await People.RemoveAsync(bob, ada, Token)).Succeeded.ShouldBeTrue();
        (await People.RemoveAsync(bob, ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
        (await ActionsAsync()).ShouldBe([
            (ActivityAction.RoleChanged, "ada@example.com", "bob@example.com", "Viewer → Operator"),
            (ActivityAction.PersonDisabled, "ada@example.com", "bob@example.com", null),
            (ActivityAction.PersonEnabled, "ada@example.com", "bob@example.com", null),
            (ActivityAction.PersonReset, "ada@example.com", "bob@example.com", null),
            (ActivityAction.PasswordSet, "bob@example.com", "bob@example.com", null),
            (ActivityAction.PersonRemoved, "ada@example.com", "bob@example.com", null)]);
    }

    [Fact]
    public async Task LastAdministrator_CannotBeDemotedDisabledOrRemoved()
    {
        var ada = await AddAsync("ada@example.com", Role.Administrator);
        var id = ada.PersonId!.Value;
        _ = await AddAsync("bob@example.com", Role.Operator);
        // Somebody who was invited and has not come, and somebody who is kept out, could not take over.
        (await People.InviteAsync(new PersonInput { Email = "eve@example.com", Role = Role.Administrator }, ada, Token)).Succeeded.ShouldBeTrue();
        var dan = await AddAsync("dan@example.com", Role.Administrator);
        (await People.SetDisabledAsync(dan.PersonId!.Value, true, ada, Token)).Succeeded.ShouldBeTrue();

        (await LinesAsync()).Where(person => person.IsLastAdministrator).ShouldHaveSingleItem().Id.ShouldBe(id);
        foreach (var refused in new[] { await People.ChangeRoleAsync(id, Role.Operator, ada, Token), await People.SetDisabledAsync(id, true, ada, Token), await People.RemoveAsync(id, ada, Token) })
        {
            var problem = refused.Problems.ShouldHaveSingleItem();
            problem.Kind.ShouldBe(ProblemKind.NotNow);
            problem.Message.ShouldContain("the last administrator");
        }

        (await People.SetDisabledAsync(dan.PersonId.Value, false, ada, Token)).Succeeded.ShouldBeTrue();
        (await People.ChangeRoleAsync(id, Role.Operator, ada, Token)).Succeeded.ShouldBeTrue();
    }

    [Theory]
    [InlineData("demote")]
    [InlineData("disable")]
    [InlineData("remove")]
    public async Task TwoAdministrators_EachAgainstTheOtherAtOnce_OneStays(string how)
    {
        for (var round = 0; round < 10; round++)
        {
            var ada = await AddAsync($"ada{round}@example.com", Role.Administrator);
            var bob = await AddAsync($"bob{round}@example.com", Role.Administrator);
            Task<Result<Done>> Against(Actor other, Actor actor) => how switch
            {
                "demote" => People.ChangeRoleAsync(other.PersonId!.Value, Role.Viewer, actor, Token),
                "disable" => People.SetDisabledAsync(other.PersonId!.Value, true, actor, Token),
                _ => People.RemoveAsync(other.PersonId!.Value, actor, Token),
            };

            var results = await Task.WhenAll(Task.Run(() => Against(bob, ada), Token), Task.Run(() => Against(ada, bob), Token));

            results.Count(result => result.Succeeded).ShouldBe(1);
            await using var db = _portal.OpenDatabase();
            (await db.Users.CountAsync(person => person.Role == Role.Administrator && person.DisabledAt == null, Token)).ShouldBe(1);
            await db.Users.ExecuteDeleteAsync(Token);
        }
    }

    [Fact]
    public async Task Change_ByOneWhoIsNoAdministratorAnyMore_IsRefusedAndWrittenDown()
    {
        var ada = await AddAsync("ada@example.com", Role.Administrator);
        var bob = await AddAsync("bob@example.com", Role.Administrator);
        (await People.ChangeRoleAsync(bob.PersonId!.Value, Role.Viewer, ada, Token)).Succeeded.ShouldBeTrue();

        // The session still says administrator.
        var refused = (await People.ChangeRoleAsync(ada.PersonId!.Value, Role.Viewer, bob, Token)).Problems.ShouldHaveSingleItem();

        refused.Kind.ShouldBe(ProblemKind.NotAllowed);
        (await ActionsAsync())[^1].Action.ShouldBe(ActivityAction.NotAllowed);
    }

    [Fact]
    public async Task Disabled_Person_HasNoCalendarUntilEnabledAgain()
    {
        var ada = await AddAsync("ada@example.com", Role.Administrator);
        var bob = await AddAsync("bob@example.com", Role.Viewer);
        var feeds = _portal.Get<CalendarFeedService>();
        var secret = (await feeds.MakeAsync(bob, null, Token)).Value.Split('/')[^1].Split('.')[0];
        (await feeds.ReadAsync(secret, null, Token)).ShouldNotBeNull();

        (await People.SetDisabledAsync(bob.PersonId!.Value, true, ada, Token)).Succeeded.ShouldBeTrue();
        (await feeds.ReadAsync(secret, null, Token)).ShouldBeNull();

        (await People.SetDisabledAsync(bob.PersonId.Value, false, ada, Token)).Succeeded.ShouldBeTrue();
        (await feeds.ReadAsync(secret, null, Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task MarkSignIn_Person_IsShownInTheList()
    {
        var ada = await AddAsync("ada@example.com", Role.Administrator);
        (await LinesAsync()).ShouldHaveSingleItem().LastSignInAt.ShouldBeNull();

        await People.MarkSignInAsync(ada.PersonId!.Value, Token);

        (await LinesAsync()).ShouldHaveSingleItem().LastSignInAt.ShouldBe(_portal.Clock.GetUtcNow());
    }

    private static string Code(OneTimeLink link) => link.Url.Split("code=")[1];

    private async Task<Actor> AddAsync(string email, Role role)
    {
        await using var scope = _portal.Get<IServiceScopeFactory>().CreateAsyncScope();
        var person = new PortalUser { Id = Guid.CreateVersion7(), UserName = email, Email = email, Role = role };
        (await scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>().CreateAsync(person, Password)).Succeeded.ShouldBeTrue();
        return await _portal.SignInAsync(new Actor(person.Id, email) { Role = role });
    }

    private async Task<bool> SignsInAsync(string email, string password)
    {
        await using var scope = _portal.Get<IServiceScopeFactory>().CreateAsyncScope();
        var identity = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
        return await identity.FindByNameAsync(email) is { } person && await identity.CheckPasswordAsync(person, password);
    }

    private async Task<string?> StampAsync(Guid id)
    {
        await using var db = _portal.OpenDatabase();
        return (await db.Users.AsNoTracking().SingleAsync(person => person.Id == id, Token)).SecurityStamp;
    }

    // The database file and its log, as somebody would read them who has the disk.
    private string StoredText() => string.Concat(Directory.EnumerateFiles(_portal.DataDirectory, "portal.db*").Select(file =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
        return reader.ReadToEnd();
    }));

    private async Task<IReadOnlyList<PersonLine>> LinesAsync() => (await People.ListAsync(Actor.Portal, Token)).Value;

    private async Task<List<(ActivityAction Action, string? By, string Subject, string? Detail)>> ActionsAsync()
    {
        await using var db = _portal.OpenDatabase();
        return [.. (await db.Activity.AsNoTracking().OrderBy(line => line.Id).ToListAsync(Token)).Select(line => (line.Action, line.PersonName, line.Subject, line.Detail))];
    }
}
