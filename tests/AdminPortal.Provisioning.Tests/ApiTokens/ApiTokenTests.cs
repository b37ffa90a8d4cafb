using System.Text;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.ApiTokens;
using AdminPortal.Provisioning.Lapses;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.ApiTokens;

public sealed class ApiTokenTests
{
    private const string Address = "203.0.113.7";

    [Fact]
    public async Task MakeAsync_Value_IsKeptAsAHashAlone()
    {
        await using var portal = await StartAsync();
        var ada = await portal.AddPersonAsync("ada@example.com", Role.Operator);

        var made = (await portal.Get<ApiTokenService>().MakeAsync(Input(days: 30, ApiScope.Read, ApiScope.Check), ada, Token)).Value;

        made.Value.ShouldStartWith("apt_");
        made.Value.Length.ShouldBe(4 + 43);
        made.ToString().ShouldNotContain(made.Value);
        made.Line.ExpiresAt.ShouldBe(portal.Clock.GetUtcNow().AddDays(30));
        await using var db = portal.OpenDatabase();
        var stored = await db.ApiTokens.SingleAsync(Token);
        stored.Hash.ShouldBe(ApiTokenValue.Hash(made.Value));
        stored.Scopes.ShouldBe(["Read", "Check"]);
        var line = await db.Activity.SingleAsync(Token);
        (line.Action, line.PersonId, line.Subject).ShouldBe((ActivityAction.ApiTokenMade, ada.PersonId, "Nightly"));
        line.Detail!.ShouldContain("Read, Check instances");
        // Nowhere in the file, in no form.
        await db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)", Token);
        foreach (var file in Directory.EnumerateFiles(portal.DataDirectory))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, Token);
            copy.ToArray().AsSpan().IndexOf(Encoding.ASCII.GetBytes(made.Value[4..])).ShouldBe(-1, file);
        }
    }

    [Theory]
    [InlineData("", 30, true, nameof(ApiTokenInput.Name))]
    [InlineData("Nightly", 0, true, nameof(ApiTokenInput.Days))]
    [InlineData("Nightly", 366, true, nameof(ApiTokenInput.Days))]
    [InlineData("Nightly", 30, false, nameof(ApiTokenInput.Scopes))]
    public async Task MakeAsync_WrongInput_IsSaidAtItsField(string name, int days, bool withScope, string field)
    {
        await using var portal = await StartAsync();
        var ada = await portal.AddPersonAsync("ada@example.com", Role.Operator);

        var made = await portal.Get<ApiTokenService>().MakeAsync(new ApiTokenInput { Name = name, Days = days, Scopes = withScope ? [ApiScope.Read] : [] }, ada, Token);

        made.Problems.ShouldHaveSingleItem().Field.ShouldBe(field);
    }

    [Theory]
    [InlineData(Role.Viewer, ApiScope.Read, true)]
    [InlineData(Role.Viewer, ApiScope.Check, false)]
    [InlineData(Role.Viewer, ApiScope.Edit, false)]
    [InlineData(Role.Viewer, ApiScope.Connect, false)]
    [InlineData(Role.Operator, ApiScope.Check, true)]
    [InlineData(Role.Operator, ApiScope.Edit, true)]
    [InlineData(Role.Operator, ApiScope.Connect, true)]
    [InlineData(Role.Administrator, ApiScope.Connect, true)]
    public async Task MakeAsync_Scope_IsWithinTheRole(Role role, ApiScope scope, bool isMade)
    {
        await using var portal = await StartAsync();
        var ada = await portal.AddPersonAsync("ada@example.com", role);

        var made = await portal.Get<ApiTokenService>().MakeAsync(Input(30, scope), ada, Token);

        made.Succeeded.ShouldBe(isMade);
        if (!isMade) made.Problems[0].Field.ShouldBe(nameof(ApiTokenInput.Scopes));
    }

    [Fact]
    public async Task MakeAsync_BeyondTheLimit_WaitsUntilOneHasEnded()
    {
        await using var portal = await StartAsync();
        var ada = await portal.AddPersonAsync("ada@example.com", Role.Viewer);
        var tokens = portal.Get<ApiTokenService>();
        for (var count = 0; count < ApiTokenService.MaxTokens; count++) (await tokens.MakeAsync(Input(1, ApiScope.Read), ada, Token)).Succeeded.ShouldBeTrue();

        var refused = await tokens.MakeAsync(Input(1, ApiScope.Read), ada, Token);

        refused.Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        (await tokens.RevokeAsync((await tokens.ListAsync(ada, Token))[0].Id, ada, Token)).Succeeded.ShouldBeTrue();
        (await tokens.MakeAsync(Input(1, ApiScope.Read), ada, Token)).Succeeded.ShouldBeTrue();
        portal.Clock.Advance(TimeSpan.FromDays(2));
        ada = await portal.SignInAsync(ada);
        (await tokens.MakeAsync(Input(1, ApiScope.Read), ada, Token)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task FindAsync_Caller_HasTheRoleOfNow()
    {
        await using var portal = await StartAsync();
        var ada = await portal.AddPersonAsync("ada@example.com", Role.Operator);
        var root = await portal.AddPersonAsync("root@example.com", Role.Administrator);
        var tokens = portal.Get<ApiTokenService>();
        var made = (await tokens.MakeAsync(Input(30, ApiScope.Read, ApiScope.Connect), ada, Token)).Value;

        var before = (await tokens.FindAsync(made.Value, Address, Token)).Caller.ShouldNotBeNull();
        (await portal.Get<PeopleService>().ChangeRoleAsync(ada.PersonId!.Value, Role.Viewer, root, Token)).Succeeded.ShouldBeTrue();
        var after = (await tokens.FindAsync(made.Value, Address, Token)).Caller.ShouldNotBeNull();

        (before.Role, before.PersonName, before.TokenName).ShouldBe((Role.Operator, "ada@example.com", "Nightly"));
        before.Scopes.ShouldBe([ApiScope.Read, ApiScope.Connect]);
        after.Role.ShouldBe(Role.Viewer);
    }

    [Fact]
    public async Task FindAsync_WhatEnded_OpensNothing()
    {
        await using var portal = await StartAsync();
        var root = await portal.AddPersonAsync("root@example.com", Role.Administrator);
        var tokens = portal.Get<ApiTokenService>();
        var people = portal.Get<PeopleService>();
        var ada = await portal.AddPersonAsync("ada@example.com", Role.Operator);
        var expiring = (await tokens.MakeAsync(Input(1, ApiScope.Read), ada, Token)).Value;
        var revoked = (await tokens.MakeAsync(Input(365, ApiScope.Read), ada, Token)).Value;
        var lasting = (await tokens.MakeAsync(Input(365, ApiScope.Read), ada, Token)).Value;
        async Task<ApiTokenState> StateAsync(string value) => (await tokens.FindAsync(value, Address, Token)).State;

        (await StateAsync(expiring.Value)).ShouldBe(ApiTokenState.Good);
        portal.Clock.Advance(TimeSpan.FromDays(1));
        root = await portal.SignInAsync(root);
        (await StateAsync(expiring.Value)).ShouldBe(ApiTokenState.Expired);

        (await tokens.RevokeAsync(revoked.Line.Id, ada, Token)).Succeeded.ShouldBeTrue();
        (await StateAsync(revoked.Value)).ShouldBe(ApiTokenState.Revoked);
        (await tokens.RevokeAsync(revoked.Line.Id, ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);

        // A new password leaves scripts alone.
        var link = (await people.ResetAsync(ada.PersonId!.Value, root, Token)).Value;
        (await people.UseLinkAsync(link.Url.Split("code=")[1], "Staple-battery-1", "198.51.100.9", Token)).Succeeded.ShouldBeTrue();
        (await StateAsync(lasting.Value)).ShouldBe(ApiTokenState.Good);

        // Being disabled ends them for good.
        (await people.SetDisabledAsync(ada.PersonId.Value, true, root, Token)).Succeeded.ShouldBeTrue();
        (await StateAsync(lasting.Value)).ShouldBe(ApiTokenState.Revoked);
        (await people.SetDisabledAsync(ada.PersonId.Value, false, root, Token)).Succeeded.ShouldBeTrue();
        (await StateAsync(lasting.Value)).ShouldBe(ApiTokenState.Revoked);

        (await people.RemoveAsync(ada.PersonId.Value, root, Token)).Succeeded.ShouldBeTrue();
        (await StateAsync(lasting.Value)).ShouldBe(ApiTokenState.Unknown);
        (await StateAsync(ApiTokenValue.Create())).ShouldBe(ApiTokenState.Unknown);
        (await StateAsync(lasting.Value[4..])).ShouldBe(ApiTokenState.Unknown);
    }

    [Fact]
    public async Task FindAsync_PersonDisabledBehindItsBack_OpensNothing()
    {
        await using var portal = await StartAsync();
        var ada = await portal.AddPersonAsync("ada@example.com", Role.Operator);
        var tokens = portal.Get<ApiTokenService>();
        var made = (await tokens.MakeAsync(Input(30, ApiScope.Read), ada, Token)).Value;
        await using (var db = portal.OpenDatabase())
            await db.Users.ExecuteUpdateAsync(set => set.SetProperty(person => person.DisabledAt, (DateTimeOffset?)portal.Clock.GetUtcNow()), Token);

        (await tokens.FindAsync(made.Value, Address, Token)).State.ShouldBe(ApiTokenState.PersonDisabled);
    }

    [Fact]
    public async Task FindAsync_Use_IsWrittenDownOnceAMinute()
    {
        await using var portal = await StartAsync();
        var ada = await portal.AddPersonAsync("ada@example.com", Role.Viewer);
        var tokens = portal.Get<ApiTokenService>();
        var made = (await tokens.MakeAsync(Input(30, ApiScope.Read), ada, Token)).Value;
        (await tokens.ListAsync(ada, Token)).ShouldHaveSingleItem().LastUsedAt.ShouldBeNull();
        var first = portal.Clock.GetUtcNow();

        _ = await tokens.FindAsync(made.Value, Address, Token);
        portal.Clock.Advance(TimeSpan.FromSeconds(59));
        _ = await tokens.FindAsync(made.Value, "203.0.113.8", Token);
        var within = (await tokens.ListAsync(ada, Token)).Single();
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        _ = await tokens.FindAsync(made.Value, "203.0.113.8", Token);
        var later = (await tokens.ListAsync(ada, Token)).Single();

        (within.LastUsedAt, within.LastUsedFrom).ShouldBe((first, Address));
        (later.LastUsedAt, later.LastUsedFrom).ShouldBe((first.AddMinutes(1), "203.0.113.8"));
    }

    [Fact]
    public async Task RevokeAsync_SomebodyElses_IsForWhoeverLooksAfterPeople()
    {
        await using var portal = await StartAsync();
        var root = await portal.AddPersonAsync("root@example.com", Role.Administrator);
        var ada = await portal.AddPersonAsync("ada@example.com", Role.Operator);
        var bob = await portal.AddPersonAsync("bob@example.com", Role.Operator);
        var tokens = portal.Get<ApiTokenService>();
        var made = (await tokens.MakeAsync(Input(30, ApiScope.Read), ada, Token)).Value;

        (await tokens.RevokeAsync(made.Line.Id, bob, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
        (await tokens.ListOthersAsync(bob, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotAllowed);
        (await tokens.ListOthersAsync(root, Token)).Value.ShouldHaveSingleItem().PersonName.ShouldBe("ada@example.com");
        (await tokens.ListAsync(bob, Token)).ShouldBeEmpty();
        (await tokens.RevokeAsync(made.Line.Id, root, Token)).Succeeded.ShouldBeTrue();

        (await tokens.FindAsync(made.Value, Address, Token)).State.ShouldBe(ApiTokenState.Revoked);
        await using var db = portal.OpenDatabase();
        var line = await db.Activity.OrderBy(entry => entry.Id).LastAsync(Token);
        (line.Action, line.PersonName, line.Detail).ShouldBe((ActivityAction.ApiTokenRevoked, "root@example.com", "ada@example.com"));
    }

    private static ApiTokenInput Input(int days, params ApiScope[] scopes) => new() { Name = "Nightly", Days = days, Scopes = scopes };

    [Theory]
    [InlineData("none", false)]
    [InlineData("pending app", false)]
    [InlineData("app", true)]
    [InlineData("passkey", true)]
    [InlineData("single sign-on alone", true)]
    [InlineData("single sign-on and a password", false)]
    public async Task Find_WhereASecondFactorIsRequired_WorksForWhoeverHasOne(string has, bool works)
    {
        await using var portal = await StartAsync();
        var ada = await portal.AddPersonAsync("ada@example.com", Role.Operator);
        var token = (await portal.Get<ApiTokenService>().MakeAsync(Input(365, ApiScope.Read), ada, Token)).Value.Value;
        var calendar = (await portal.Get<CalendarFeedService>().MakeAsync(ada, null, Token)).Value.Split("/lapses/")[1].Split('.')[0];
        await using (var db = portal.OpenDatabase())
        {
            var person = await db.Users.SingleAsync(Token);
            if (has.Contains("app", StringComparison.Ordinal)) person.AuthenticatorKey = portal.Secrets.Seal(SecretKind.AuthenticatorKey, person.Id, SecretOrigin.Nowhere, "KEY");
            if (has == "app") person.TwoFactorEnabled = true;
            if (has.StartsWith("single", StringComparison.Ordinal)) (person.ExternalIssuer, person.ExternalSubject) = ("https://login.example.com", "ada");
            if (has == "single sign-on alone") person.PasswordHash = null;
            if (has == "passkey") db.UserPasskeys.Add(new PortalPasskey { UserId = person.Id, CredentialId = [1], Data = new() { PublicKey = [2], AttestationObject = [3], ClientDataJson = [4] } });
            await db.SaveChangesAsync(Token);
        }

        // Where none is required, everybody's works.
        (await portal.Get<ApiTokenService>().FindAsync(token, Address, Token)).State.ShouldBe(ApiTokenState.Good);
        await using var strict = portal.Another(services => services.AddPeople(_ => { }), new Dictionary<string, string?> { ["Portal:SignIn:RequireSecondFactor"] = "true" });

        var look = await strict.Get<ApiTokenService>().FindAsync(token, Address, Token);

        look.State.ShouldBe(works ? ApiTokenState.Good : ApiTokenState.SecondFactorMissing);
        (look.Caller is not null).ShouldBe(works);
        (await strict.Get<ApiTokenService>().ListAsync(ada, Token)).ShouldHaveSingleItem().State.ShouldBe(look.State);
        (await strict.Get<CalendarFeedService>().ReadAsync(calendar, null, Token) is not null).ShouldBe(works);
    }

    private static Task<TestPortal> StartAsync() => TestPortal.StartAsync(services => services.AddPeople(_ => { }));
}

internal static class TestPeople
{
    /// <summary>Somebody who has just signed in.</summary>
    public static async Task<Actor> AddPersonAsync(this TestPortal portal, string name, Role role)
    {
        var id = Guid.CreateVersion7(portal.Clock.GetUtcNow());
        await using var db = portal.OpenDatabase();
        db.Users.Add(new PortalUser
        {
            Id = id, UserName = name, NormalizedUserName = name.ToUpperInvariant(), Email = name, NormalizedEmail = name.ToUpperInvariant(), Role = role, PasswordHash = "hash", SecurityStamp = "stamp",
        });
        await db.SaveChangesAsync(Token);
        return await portal.SignInAsync(new Actor(id, name) { Role = role });
    }
}
