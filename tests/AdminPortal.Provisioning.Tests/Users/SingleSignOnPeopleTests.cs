using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.ApiTokens;
using AdminPortal.Provisioning.Lapses;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.SingleSignOn;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Users;

/// <summary>Who is who by the word of an authority, what that person may do, and the way in for when nothing else is left.</summary>
public sealed class SingleSignOnPeopleTests : IAsyncLifetime
{
    private const string Issuer = "https://login.example.com";

    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Portal:SingleSignOn:Authority"] = Issuer,
        ["Portal:SingleSignOn:ClientId"] = "portal",
        ["Portal:SingleSignOn:ClientSecret"] = "secret",
        ["Portal:SingleSignOn:DisplayName"] = "Example ID",
        ["Portal:SingleSignOn:Roles:Administrator:0"] = "admins",
    };

    private TestPortal _portal = null!;

    private SingleSignOnPeople People => _portal.Get<SingleSignOnPeople>();

    public async ValueTask InitializeAsync() => _portal = await TestPortal.StartAsync(services => services.AddPeople(_ => { }), Settings);

    public async ValueTask DisposeAsync() => await _portal.DisposeAsync();

    [Fact]
    public async Task Arrive_FirstAndAgain_IsOnePersonByIssuerAndSubject()
    {
        var first = (await People.ArriveAsync(Identity("ada", "ada@example.com", Role.Viewer), null, null, Token)).Value;
        // Another address, and it is the same person; another issuer with the same subject is not.
        (await People.ArriveAsync(Identity("ada", "countess@example.com", Role.Viewer), null, null, Token)).Value.Id.ShouldBe(first.Id);
        (await People.ArriveAsync(Identity("ada", "other@example.com", Role.Viewer) with { Issuer = "https://other.example.com" }, null, null, Token)).Value.Id.ShouldNotBe(first.Id);

        await using var db = _portal.OpenDatabase();
        (await db.Users.CountAsync(Token)).ShouldBe(2);
        (await db.Users.SingleAsync(person => person.Id == first.Id, Token)).Email.ShouldBe("ada@example.com");
    }

    [Theory]
    [InlineData("password", true, "in this portal who came another way")]
    [InlineData("other identity", true, "in this portal who came another way")]
    [InlineData("disabled", true, "an administrator has disabled")]
    [InlineData("invited", false, "has not been verified")]
    [InlineData("invited", null, "in this portal who came another way")]
    [InlineData("invited", true, null)]
    public async Task Arrive_EmailOfSomebodyElse_LeadsToAnInvitationAloneAndOnlyVerified(string who, bool? isVerified, string? refusal)
    {
        var there = await AddAsync("bob@example.com", Role.Administrator, person =>
        {
            person.PasswordHash = who == "password" ? "hash" : null;
            person.LinkHash = new byte[32];
            person.LinkExpiresAt = _portal.Clock.GetUtcNow().AddDays(1);
            if (who == "disabled") person.DisabledAt = _portal.Clock.GetUtcNow();
            if (who == "other identity") (person.ExternalIssuer, person.ExternalSubject) = (Issuer, "bob");
        });

        var arrived = await People.ArriveAsync(Identity("attacker", "BOB@example.com", Role.Viewer) with { IsEmailVerified = isVerified }, null, null, Token);

        if (refusal is not null)
        {
            arrived.Problems.ShouldHaveSingleItem().Message.ShouldContain(refusal);
            (await FindAsync(there)).ExternalSubject.ShouldNotBe("attacker");
            return;
        }

        var person = await FindAsync(there);
        (arrived.Value.Id, person.ExternalSubject, person.LinkHash).ShouldBe((there, "attacker", null));
        // The group's role and not the invitation's.
        person.Role.ShouldBe(Role.Viewer);
    }

    [Fact]
    public async Task Arrive_RoleChangedThere_ChangesHereAndEndsSessions()
    {
        _ = await AddAsync("root@example.com", Role.Administrator, person => person.PasswordHash = "hash");
        var first = (await People.ArriveAsync(Identity("ada", "ada@example.com", Role.Administrator), null, null, Token)).Value;

        var demoted = (await People.ArriveAsync(Identity("ada", "ada@example.com", Role.Viewer), null, "203.0.113.9", Token)).Value;

        demoted.Role.ShouldBe(Role.Viewer);
        demoted.SecurityStamp.ShouldNotBe(first.SecurityStamp);
        (await People.ArriveAsync(Identity("ada", "ada@example.com", null), null, null, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("not in a group");
        await using var db = _portal.OpenDatabase();
        var line = await db.Activity.SingleAsync(one => one.Action == ActivityAction.RoleChanged, Token);
        (line.PersonId, line.From).ShouldBe((first.Id, "203.0.113.9"));
        line.Detail.ShouldNotBeNull().ShouldContain("by Example ID");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Arrive_LastAdministratorIsNoneThere_IsNeitherDemotedNorLetIn(bool passwordsAreTaken)
    {
        await using var portal = await TestPortal.StartAsync(
            services => services.AddPeople(_ => { }), new Dictionary<string, string?>(Settings) { ["Portal:LocalSignIn:Enabled"] = passwordsAreTaken ? "true" : "false" });
        var people = portal.Get<SingleSignOnPeople>();
        var ada = (await people.ArriveAsync(Identity("ada", "ada@example.com", Role.Administrator), null, null, Token)).Value;
        await using (var db = portal.OpenDatabase())
        {
            // With passwords off, one who has nothing else cannot come in and does not count.
            db.Users.Add(new PortalUser { Id = Guid.NewGuid(), UserName = "bob", NormalizedUserName = "BOB", Role = Role.Administrator, PasswordHash = passwordsAreTaken ? null : "hash" });
            await db.SaveChangesAsync(Token);
        }

        (await people.ArriveAsync(Identity("ada", "ada@example.com", Role.Viewer), null, null, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("you are the last one");

        await using (var db = portal.OpenDatabase()) (await db.Users.SingleAsync(person => person.Id == ada.Id, Token)).Role.ShouldBe(Role.Administrator);
        var everybody = portal.Get<PeopleService>();
        var actor = new Actor(ada.Id, "ada@example.com") { Role = Role.Administrator };
        (await everybody.ListAsync(actor, Token)).Value.Single(person => person.Id == ada.Id).IsLastAdministrator.ShouldBeTrue();
        (await everybody.ChangeRoleAsync(ada.Id, Role.Viewer, actor, Token)).Succeeded.ShouldBeFalse();
        (await everybody.RemoveAsync(ada.Id, actor, Token)).Succeeded.ShouldBeFalse();

        // Somebody else whom the authority makes one lets go of it.
        _ = (await people.ArriveAsync(Identity("carol", "carol@example.com", Role.Administrator), null, null, Token)).Value;
        (await people.ArriveAsync(Identity("ada", "ada@example.com", Role.Viewer), null, null, Token)).Value.Role.ShouldBe(Role.Viewer);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Arrive_AllGroupsLost_EndsSessionsTokensAndCalendarUnlessItIsTheLastAdministrator(bool isLast)
    {
        _ = await AddAsync("root@example.com", isLast ? Role.Viewer : Role.Administrator, person => person.PasswordHash = "hash");
        var ada = (await People.ArriveAsync(Identity("ada", "ada@example.com", Role.Administrator), null, null, Token)).Value;
        var actor = await _portal.SignInAsync(new Actor(ada.Id, "ada@example.com") { Role = Role.Administrator });
        var tokens = _portal.Get<ApiTokenService>();
        var token = (await tokens.MakeAsync(new ApiTokenInput { Name = "Script", Scopes = [ApiScope.Read], Days = 365 }, actor, Token)).Value.Value;
        var calendar = (await _portal.Get<CalendarFeedService>().MakeAsync(actor, null, Token)).Value.Split("/lapses/")[1].Split('.')[0];
        var cookie = await _portal.Get<KnownBrowsers>().RememberAsync(ada.Id, null, Token);
        await using var db = _portal.OpenDatabase();
        var stamp = (await db.Users.AsNoTracking().SingleAsync(person => person.Id == ada.Id, Token)).SecurityStamp;
        (await _portal.Get<PeopleService>().IsCurrentAsync(ada.Id, stamp, actor.SessionId, Token)).ShouldBeTrue();

        (await People.ArriveAsync(Identity("ada", "ada@example.com", null), null, "203.0.113.9", Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("not in a group");

        (await _portal.Get<PeopleService>().IsCurrentAsync(ada.Id, stamp, actor.SessionId, Token)).ShouldBe(isLast);
        (await tokens.FindAsync(token, null, Token)).State.ShouldBe(isLast ? ApiTokenState.Good : ApiTokenState.Revoked);
        (await _portal.Get<CalendarFeedService>().ReadAsync(calendar, null, Token) is not null).ShouldBe(isLast);
        (await _portal.Get<KnownBrowsers>().FindAsync(ada.Id, cookie, Token) is not null).ShouldBe(isLast);
        var lines = await db.Activity.Where(one => one.Action == ActivityAction.AccessEnded).ToListAsync(Token);
        lines.Count.ShouldBe(isLast ? 0 : 1);
        if (isLast) return;
        (lines[0].Subject, lines[0].From).ShouldBe(("ada@example.com", "203.0.113.9"));
        lines[0].Detail.ShouldBe("In no group of Example ID any more. Ended sessions: 1, API tokens: 1, calendar addresses: 1");
        // Nothing is left to end, and no further line says so.
        (await People.ArriveAsync(Identity("ada", "ada@example.com", null), null, null, Token)).Succeeded.ShouldBeFalse();
        (await db.Activity.CountAsync(one => one.Action == ActivityAction.AccessEnded, Token)).ShouldBe(1);
    }

    [Fact]
    public async Task Arrive_GroupsLeftOut_IsRefusedAndEndsNothing()
    {
        _ = await AddAsync("root@example.com", Role.Administrator, person => person.PasswordHash = "hash");
        var ada = (await People.ArriveAsync(Identity("ada", "ada@example.com", Role.Administrator), null, null, Token)).Value;
        var actor = await _portal.SignInAsync(new Actor(ada.Id, "ada@example.com") { Role = Role.Administrator });
        var token = (await _portal.Get<ApiTokenService>().MakeAsync(new ApiTokenInput { Name = "Script", Scopes = [ApiScope.Read], Days = 365 }, actor, Token)).Value.Value;
        var stamp = (await FindAsync(ada.Id)).SecurityStamp;

        // No role, and the default role, which says as little.
        foreach (var role in new Role?[] { null, Role.Viewer })
        {
            (await People.ArriveAsync(Identity("ada", "ada@example.com", role) with { AreGroupsKnown = false }, null, null, Token))
                .Problems.ShouldHaveSingleItem().Message.ShouldContain("did not send the groups of ada@example.com");
        }

        (await People.ArriveAsync(Identity("bob", "bob@example.com", Role.Viewer) with { AreGroupsKnown = false }, null, null, Token)).Succeeded.ShouldBeFalse();
        (await _portal.Get<PeopleService>().IsCurrentAsync(ada.Id, stamp, actor.SessionId, Token)).ShouldBeTrue();
        (await _portal.Get<ApiTokenService>().FindAsync(token, null, Token)).State.ShouldBe(ApiTokenState.Good);
        (await FindAsync(ada.Id)).Role.ShouldBe(Role.Administrator);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("not an address", true)]
    [InlineData("ada@example.com", false)]
    public async Task Arrive_KnownUserWithoutAGoodAddress_ComesAndLosesAccessWithTheGroups(string? email, bool? isVerified)
    {
        _ = await AddAsync("root@example.com", Role.Administrator, person => person.PasswordHash = "hash");
        var ada = (await People.ArriveAsync(Identity("ada", "ada@example.com", Role.Viewer), null, null, Token)).Value;
        var actor = await _portal.SignInAsync(new Actor(ada.Id, "ada@example.com") { Role = Role.Viewer });
        var identity = Identity("ada", "ada@example.com", Role.Viewer) with { Email = email, IsEmailVerified = isVerified };

        (await People.ArriveAsync(identity, null, null, Token)).Value.Id.ShouldBe(ada.Id);
        (await People.ArriveAsync(identity with { Role = null }, null, null, Token)).Succeeded.ShouldBeFalse();

        await using var db = _portal.OpenDatabase();
        (await db.Sessions.SingleAsync(session => session.Id == actor.SessionId, Token)).Ending.ShouldBe(SessionEnding.GroupsLost);
        // Somebody new is not added.
        (await People.ArriveAsync(identity with { Subject = "eve" }, null, null, Token)).Succeeded.ShouldBeFalse();
    }

    [Theory]
    [InlineData("\uFF42ob@example.com", false)]
    [InlineData("b\u00F6b@example.com", false)]
    [InlineData("BOB@Example.com", true)]
    public async Task Arrive_AddressThatLooksLikeAnInvitation_IsConnectedOnlyIfItIsTheSame(string email, bool isSame)
    {
        var invited = await AddAsync("bob@example.com", Role.Administrator, person => person.LinkHash = new byte[32]);

        var arrived = await People.ArriveAsync(Identity("bob", email, Role.Viewer), null, null, Token);

        (arrived.Succeeded && arrived.Value.Id == invited).ShouldBe(isSame);
        ((await FindAsync(invited)).ExternalSubject is not null).ShouldBe(isSame);
    }

    [Theory]
    [InlineData("a\u200Bda@example.com")]
    [InlineData("\"a b\"@example.com")]
    public async Task Arrive_AddressThatBreaksTheRule_AddsNobody(string email)
    {
        (await People.ArriveAsync(Identity("ada", email, Role.Viewer), null, null, Token)).Succeeded.ShouldBeFalse();
        await using var db = _portal.OpenDatabase();
        (await db.Users.CountAsync(Token)).ShouldBe(0);
    }

    [Fact]
    public async Task Arrive_AddressThatLooksLikeAnother_IsThatOnes()
    {
        _ = await AddAsync("müller@example.com", Role.Administrator, person => person.PasswordHash = "hash");
        (await People.ArriveAsync(Identity("attacker", "mu\u0308ller@EXAMPLE.com", Role.Viewer) with { IsEmailVerified = true }, null, null, Token))
            .Problems.ShouldHaveSingleItem().Message.ShouldContain("who came another way");
    }

    [Fact]
    public async Task Arrive_RolesAreGivenHere_KeepsThem()
    {
        var settings = new Dictionary<string, string?>(Settings) { ["Portal:SingleSignOn:DefaultRole"] = "Viewer" };
        _ = settings.Remove("Portal:SingleSignOn:Roles:Administrator:0");
        await using var portal = await TestPortal.StartAsync(services => services.AddPeople(_ => { }), settings);
        var people = portal.Get<SingleSignOnPeople>();
        var ada = (await people.ArriveAsync(Identity("ada", "ada@example.com", Role.Viewer), null, null, Token)).Value;
        await using (var db = portal.OpenDatabase()) _ = await db.Users.ExecuteUpdateAsync(set => set.SetProperty(person => person.Role, Role.Operator), Token);

        (await people.ArriveAsync(Identity("ada", "ada@example.com", Role.Viewer), null, null, Token)).Value.Role.ShouldBe(Role.Operator);
        ada.Role.ShouldBe(Role.Viewer);
    }

    [Fact]
    public async Task Connect_IdentityOfSomebodyElse_IsRefused()
    {
        var ada = (await People.ArriveAsync(Identity("ada", "ada@example.com", Role.Viewer), null, null, Token)).Value;
        var bob = await AddAsync("bob@example.com", Role.Viewer, person => person.PasswordHash = "hash");

        (await People.ConnectAsync(bob, Identity("ada", "ada@example.com", Role.Viewer), null, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("belongs to somebody else");
        (await People.ConnectAsync(bob, Identity("bob", "b@example.com", null), null, Token)).Succeeded.ShouldBeTrue();

        (await FindAsync(bob)).ExternalSubject.ShouldBe("bob");
        (await FindAsync(ada.Id)).ExternalSubject.ShouldBe("ada");
        (await People.IsConnectedAsync(bob, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task ConsoleLink_ForWhomAndAsWhat()
    {
        var links = _portal.Get<ConsoleLinks>();
        var viewer = await AddAsync("viewer@example.com", Role.Viewer, person => person.DisabledAt = _portal.Clock.GetUtcNow());
        (await links.MakeAsync("nobody@example.com", false, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("--administrator");
        (await links.MakeAsync("viewer@example.com", false, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("is disabled");

        var restored = (await links.MakeAsync("VIEWER@example.com", true, Token)).Value;
        var added = (await links.MakeAsync("new@example.com", true, Token)).Value;

        var person = await FindAsync(viewer);
        (person.Role, person.DisabledAt, person.LinkLetsIn).ShouldBe((Role.Administrator, null, true));
        restored.Email.ShouldBe("viewer@example.com");
        restored.Url.ShouldStartWith("https://portal.example.com/let-in?code=");
        var code = added.Url.Split('=')[1];
        person.LinkHash.ShouldNotBe(System.Text.Encoding.ASCII.GetBytes(code));
        // It is not the link of an invitation: that one's page knows nothing of it.
        (await _portal.Get<PeopleService>().FindLinkAsync(code, Token)).ShouldBeNull();
        (await _portal.Get<WayIn>().FindAsync(code, Token)).ShouldBe("new@example.com");
        await using (var db = _portal.OpenDatabase())
        {
            (await db.Activity.Where(line => line.Action == ActivityAction.WayInMade).OrderBy(line => line.Id).Select(line => line.Subject).ToListAsync(Token)).ShouldBe(["viewer@example.com", "new@example.com"]);
        }

        _portal.Clock.Advance(ConsoleLinks.Lifetime);
        (await _portal.Get<WayIn>().FindAsync(code, Token)).ShouldBeNull();
        (await _portal.Get<WayIn>().UseAsync(code, "correct horse battery", null, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
    }

    private static ExternalIdentity Identity(string subject, string email, Role? role) => new(Issuer, subject, email, true, role);

    private async Task<Guid> AddAsync(string email, Role role, Action<PortalUser> change)
    {
        await using var db = _portal.OpenDatabase();
        var person = new PortalUser { Id = Guid.CreateVersion7(), UserName = email, NormalizedUserName = email.ToUpperInvariant(), Email = email, NormalizedEmail = email.ToUpperInvariant(), Role = role };
        change(person);
        db.Users.Add(person);
        await db.SaveChangesAsync(Token);
        return person.Id;
    }

    private async Task<PortalUser> FindAsync(Guid id)
    {
        await using var db = _portal.OpenDatabase();
        return await db.Users.AsNoTracking().SingleAsync(person => person.Id == id, Token);
    }
}
