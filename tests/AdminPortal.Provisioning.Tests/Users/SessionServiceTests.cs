using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Users;

public sealed class SessionServiceTests : IAsyncLifetime
{
    private TestPortal _portal = null!;
    private Actor _ada = null!;

    private SessionService Sessions => _portal.Get<SessionService>();

    public async ValueTask InitializeAsync()
    {
        _portal = await SignedInPeople.StartAsync(new Dictionary<string, string?> { ["Portal:Sessions:IdleLimit"] = "02:00:00", ["Portal:Sessions:AbsoluteLimit"] = "10:00:00" });
        _ada = await _portal.SignInAsync("ada@example.com", Role.Viewer);
    }

    public async ValueTask DisposeAsync() => await _portal.DisposeAsync();

    [Fact]
    public async Task Session_NothingDone_EndsAtTheIdleLimit()
    {
        _portal.Clock.Advance(TimeSpan.FromHours(2) - TimeSpan.FromTicks(1));
        (await HoldsAsync()).ShouldBeTrue();

        _portal.Clock.Advance(TimeSpan.FromTicks(1));
        (await HoldsAsync()).ShouldBeFalse();
        // Over is over.
        await Sessions.SeeAsync(_ada.SessionId!.Value, Token);
        (await HoldsAsync()).ShouldBeFalse();
        (await Sessions.ListAsync(_ada, Token)).Value.ShouldBeEmpty();
    }

    [Fact]
    public async Task Session_AlwaysSeen_EndsAtTheAbsoluteLimit()
    {
        for (var hour = 0; hour < 9; hour++)
        {
            _portal.Clock.Advance(TimeSpan.FromHours(1));
            await Sessions.SeeAsync(_ada.SessionId!.Value, Token);
        }

        (await HoldsAsync()).ShouldBeTrue();
        _portal.Clock.Advance(TimeSpan.FromHours(1));
        (await HoldsAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task See_Often_IsWrittenOnceAMinute()
    {
        var opened = _portal.Clock.GetUtcNow();

        _portal.Clock.Advance(TimeSpan.FromSeconds(59));
        await Sessions.SeeAsync(_ada.SessionId!.Value, Token);
        (await RowAsync(_ada)).SeenAt.ShouldBe(opened);

        _portal.Clock.Advance(TimeSpan.FromSeconds(1));
        await Sessions.SeeAsync(_ada.SessionId!.Value, Token);
        (await RowAsync(_ada)).SeenAt.ShouldBe(opened + TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task End_OneOfOnesOwn_EndsItAloneAndIsWrittenDown()
    {
        var other = await _portal.SignInAsync(_ada);
        var third = await _portal.SignInAsync(_ada);

        (await Sessions.EndAsync(other.SessionId!.Value, _ada, Token)).Value.ShouldBe(1);

        (await HoldsAsync(other), await HoldsAsync(third), await HoldsAsync()).ShouldBe((false, true, true));
        (await RowAsync(other)).Ending.ShouldBe(SessionEnding.ByPerson);
        (await Sessions.EndAsync(other.SessionId.Value, _ada, Token)).Value.ShouldBe(0);
        await using var db = _portal.OpenDatabase();
        var line = await db.Activity.SingleAsync(row => row.Action == ActivityAction.SessionsEnded, Token);
        (line.PersonId, line.Detail).ShouldBe((_ada.PersonId, "1 session"));
    }

    [Fact]
    public async Task EndOthers_Several_LeavesTheOneThatAsks()
    {
        var others = new[] { await _portal.SignInAsync(_ada), await _portal.SignInAsync(_ada) };
        var bob = await _portal.SignInAsync("bob@example.com", Role.Viewer);

        (await Sessions.EndOthersAsync(_ada, Token)).Value.ShouldBe(2);

        foreach (var other in others) (await HoldsAsync(other)).ShouldBeFalse();
        (await HoldsAsync(), await HoldsAsync(bob)).ShouldBe((true, true));
        (await Sessions.ListAsync(_ada, Token)).Value.ShouldHaveSingleItem().IsThis.ShouldBeTrue();
    }

    [Fact]
    public async Task End_SomebodyElses_EndsNothing()
    {
        var bob = await _portal.SignInAsync("bob@example.com", Role.Administrator);

        (await Sessions.EndAsync(_ada.SessionId!.Value, bob, Token)).Value.ShouldBe(0);

        (await HoldsAsync()).ShouldBeTrue();
        (await _portal.Get<PeopleService>().IsCurrentAsync(bob.PersonId!.Value, await StampAsync(bob), _ada.SessionId, Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Open_InABrowserThatHadASession_ReplacesThatOne()
    {
        var person = await PersonAsync(_ada);
        _ = await Sessions.OpenAsync(person, "203.0.113.9", "a\u202eb" + new string('c', 400), _ada.SessionId, SessionProof.PasswordAlone, Token);

        (await HoldsAsync()).ShouldBeFalse();
        (await RowAsync(_ada)).Ending.ShouldBe(SessionEnding.Replaced);
        var line = (await Sessions.ListAsync(_ada, Token)).Value.ShouldHaveSingleItem();
        (line.From, line.Browser![..3], line.Browser.Length).ShouldBe(("203.0.113.9", "abc", PersonSession.MaxBrowserLength));
    }

    [Fact]
    public async Task Renew_AfterAChangeOfThePerson_KeepsThisSessionAlone()
    {
        var other = await _portal.SignInAsync(_ada);
        await _portal.ChangeAsync(_ada, async (people, person) => (await people.UpdateSecurityStampAsync(person)).Succeeded.ShouldBeTrue());
        (await HoldsAsync()).ShouldBeFalse();

        await Sessions.RenewAsync(_ada.SessionId!.Value, await PersonAsync(_ada), Token);

        (await HoldsAsync(), await HoldsAsync(other)).ShouldBe((true, false));
    }

    [Fact]
    public async Task CleanUp_SessionsThatAreOver_AreRemovedAfterThirtyDays()
    {
        _portal.Clock.Advance(TimeSpan.FromHours(2));
        var current = await _portal.SignInAsync(_ada);

        (await Sessions.CleanUpAsync(Token)).ShouldBe(0);
        (await RowAsync(_ada)).Ending.ShouldBe(SessionEnding.Lapsed);
        (await HoldsAsync(current)).ShouldBeTrue();

        _portal.Clock.Advance(SessionService.KeptFor + TimeSpan.FromTicks(1));
        (await Sessions.CleanUpAsync(Token)).ShouldBe(1);
        await using var db = _portal.OpenDatabase();
        (await db.Sessions.SingleAsync(Token)).Id.ShouldBe(current.SessionId!.Value);
    }

    private Task<bool> HoldsAsync() => HoldsAsync(_ada);

    private async Task<bool> HoldsAsync(Actor actor) => await _portal.Get<PeopleService>().IsCurrentAsync(actor.PersonId!.Value, await StampAsync(actor), actor.SessionId, Token);

    private async Task<string?> StampAsync(Actor actor) => (await PersonAsync(actor)).SecurityStamp;

    private async Task<PortalUser> PersonAsync(Actor actor)
    {
        await using var db = _portal.OpenDatabase();
        return await db.Users.AsNoTracking().SingleAsync(person => person.Id == actor.PersonId, Token);
    }

    private async Task<PersonSession> RowAsync(Actor actor)
    {
        await using var db = _portal.OpenDatabase();
        return await db.Sessions.AsNoTracking().SingleAsync(row => row.Id == actor.SessionId, Token);
    }
}
