using System.Security.Claims;
using AdminPortal.Access;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using FluentValidation;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Components.Tests.Access;

public sealed class CircuitSignInTests : PortalTest
{
    [Theory]
    [InlineData("stamp", false, true)]
    [InlineData("another stamp", false, false)]
    [InlineData(null, false, false)]
    [InlineData("stamp", true, false)]
    public async Task Session_OfThePerson_HoldsWhileNothingHasChanged(string? stamp, bool disabled, bool holds)
    {
        await using (var db = OpenDatabase())
        {
            db.Users.Add(new PortalUser { Id = Ada, UserName = "ada@example.com", SecurityStamp = "stamp", DisabledAt = disabled ? Clock.GetUtcNow() : null });
            await db.SaveChangesAsync(Token);
            await ConfirmAdaAsync();
        }

        (await Circuit(Get<PeopleService>()).HoldsAsync(Person(stamp), Token)).ShouldBe(holds);
    }

    [Fact]
    public async Task Session_OfNobody_Ends()
    {
        (await Circuit(Get<PeopleService>()).HoldsAsync(new ClaimsPrincipal(new ClaimsIdentity()), Token)).ShouldBeFalse();
        (await Circuit(Get<PeopleService>()).HoldsAsync(Person("stamp"), Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Session_WhenTheDatabaseIsInTrouble_IsNotTakenForOver()
    {
        var people = new PeopleService(
            new Troubled(), Get<IServiceScopeFactory>(), Get<IValidator<PersonInput>>(), Get<PortalAddresses>(), Get<IOptions<PortalOptions>>(), Clock, Get<IStringLocalizer<ProvisioningText>>(), Get<Gate>(), Get<SignInWays>());

        (await Circuit(people).HoldsAsync(Person("stamp"), Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Session_EndedOrIdleOrOfAnOldCookie_Ends()
    {
        await ConfirmAdaAsync();
        var circuit = Circuit(Get<PeopleService>());
        (await circuit.HoldsAsync(Person("stamp"), Token)).ShouldBeTrue();

        (await circuit.HoldsAsync(Person("stamp", session: null), Token)).ShouldBeFalse();
        Clock.Advance(Get<IOptions<PortalOptions>>().Value.Sessions.IdleLimit);
        (await circuit.HoldsAsync(Person("stamp"), Token)).ShouldBeFalse();
    }

    private static ClaimsPrincipal Person(string? stamp) => Person(stamp, AdasSession);

    private static ClaimsPrincipal Person(string? stamp, Guid? session)
    {
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, Ada.ToString())], "test");
        if (session is not null) identity.AddClaim(new Claim(SessionClaim.Type, session.Value.ToString()));
        if (stamp is not null) identity.AddClaim(new Claim(new IdentityOptions().ClaimsIdentity.SecurityStampClaimType, stamp));
        return new ClaimsPrincipal(identity);
    }

    private CircuitSignIn Circuit(PeopleService people) => new(Get<ILoggerFactory>(), people, Get<IOptions<IdentityOptions>>(), Get<IOptions<PortalOptions>>());

    private sealed class Troubled : IDbContextFactory<PortalDb>
    {
        public PortalDb CreateDbContext() => throw new SqliteException("SQLite Error 5: 'database is locked'.", 5, 5);
    }
}
