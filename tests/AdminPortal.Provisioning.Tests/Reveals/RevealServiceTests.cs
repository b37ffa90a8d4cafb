using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Reveals;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Reveals;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Tests.Reveals;

public sealed class RevealServiceTests
{
    private const string Reason = "A customer's call fails";

    private static readonly Dictionary<string, string?> TwoPeople = new() { ["Portal:Reveal:NeedsSecondPerson"] = "true" };

    [Fact]
    public async Task Reveal_ReasonAndPassword_OpensTheTokenAndIsWrittenDown()
    {
        await using var portal = await SignedInPeople.StartAsync();
        var (ada, id) = (await portal.SignInAsync("ada@example.com", Role.Operator) with { From = "198.51.100.7" }, await portal.SeedInstanceAsync());

        (await portal.Get<RevealService>().RevealAsync(id, $" {Reason}\u202e ", SignedInPeople.Password, ada, Token)).Value.ShouldBe(InstanceSeed.ElementToken);

        var line = (await LinesAsync(portal)).ShouldHaveSingleItem();
        (line.Action, line.PersonId, line.From, line.InstanceId, line.Succeeded, line.Detail).ShouldBe((ActivityAction.TokenRevealed, ada.PersonId, "198.51.100.7", id, true, Reason));
    }

    [Fact]
    public async Task Reveal_EachTime_AsksForThePassword()
    {
        await using var portal = await SignedInPeople.StartAsync();
        var (ada, id) = (await portal.SignInAsync("ada@example.com", Role.Operator), await portal.SeedInstanceAsync());
        var reveals = portal.Get<RevealService>();
        (await reveals.RevealAsync(id, Reason, SignedInPeople.Password, ada, Token)).Succeeded.ShouldBeTrue();

        // Confirmed a moment ago, and asked all the same.
        var problem = (await reveals.RevealAsync(id, Reason, "", ada, Token)).Problems.ShouldHaveSingleItem();
        (problem.Kind, problem.Field).ShouldBe((ProblemKind.Invalid, PersonProof.Field));
        (await reveals.RevealAsync(id, Reason, "a wrong one", ada, Token)).Problems.ShouldHaveSingleItem().Field.ShouldBe(PersonProof.Field);
        (await reveals.RevealAsync(id, Reason, SignedInPeople.Password, ada with { SessionId = null }, Token)).Succeeded.ShouldBeFalse();
        (await LinesAsync(portal)).Count(line => line.Action == ActivityAction.TokenRevealed).ShouldBe(1);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("too short")]
    [InlineData("         \u202e\u202e\u202e\u202e  x")]
    public async Task Reveal_NoReason_SaysSoBeforeThePasswordIsLookedAt(string? reason)
    {
        await using var portal = await SignedInPeople.StartAsync();
        var (ada, id) = (await portal.SignInAsync("ada@example.com", Role.Operator), await portal.SeedInstanceAsync());

        var problem = (await portal.Get<RevealService>().RevealAsync(id, reason, "a wrong one", ada, Token)).Problems.ShouldHaveSingleItem();

        (problem.Kind, problem.Field).ShouldBe((ProblemKind.Invalid, "Reason"));
        (await LinesAsync(portal)).ShouldBeEmpty();
        (await portal.Get<RevealService>().RevealAsync(id, new string('x', 501), SignedInPeople.Password, ada, Token)).Problems.ShouldHaveSingleItem().Field.ShouldBe("Reason");
        (await portal.Get<RevealService>().AskAsync(id, Reason, ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
    }

    [Fact]
    public async Task SecondPerson_Approves_OneLookOfTheOneWhoAsked()
    {
        await using var portal = await SignedInPeople.StartAsync(TwoPeople);
        var (ada, bob, id) = (await portal.SignInAsync("ada@example.com", Role.Operator), await portal.SignInAsync("bob@example.com", Role.Operator), await portal.SeedInstanceAsync());
        var reveals = portal.Get<RevealService>();
        (await reveals.RevealAsync(id, Reason, SignedInPeople.Password, ada, Token)).Problems.ShouldHaveSingleItem().Message.ShouldStartWith("Somebody else has to approve first");

        (await reveals.AskAsync(id, Reason, ada, Token)).Succeeded.ShouldBeTrue();
        (await reveals.AskAsync(id, Reason, ada, Token)).Problems.ShouldHaveSingleItem().Message.ShouldStartWith("You have asked for this token already");
        (await reveals.CountWaitingAsync(bob, Token), await reveals.CountWaitingAsync(ada, Token)).ShouldBe((1, 0));
        var request = (await reveals.ListAsync(bob, Token)).Value.ShouldHaveSingleItem();
        (request.PersonName, request.Reason, request.IsOwn).ShouldBe(("ada@example.com", Reason, false));
        (await reveals.RevealAsync(id, Reason, SignedInPeople.Password, ada, Token)).Succeeded.ShouldBeFalse();

        (await reveals.DecideAsync(request.Id, true, bob, Token)).Succeeded.ShouldBeTrue();

        // Not for the one who approved, nor without the password.
        (await reveals.RevealAsync(id, Reason, SignedInPeople.Password, bob, Token)).Succeeded.ShouldBeFalse();
        (await reveals.RevealAsync(id, null, "a wrong one", ada, Token)).Problems.ShouldHaveSingleItem().Field.ShouldBe(PersonProof.Field);
        (await reveals.RevealAsync(id, null, SignedInPeople.Password, ada, Token)).Value.ShouldBe(InstanceSeed.ElementToken);
        (await reveals.RevealAsync(id, null, SignedInPeople.Password, ada, Token)).Succeeded.ShouldBeFalse();
        (await LinesAsync(portal)).Select(line => (line.Action, line.Detail)).ShouldBe(
        [
            (ActivityAction.RevealAsked, Reason),
            (ActivityAction.RevealApproved, "For ada@example.com: " + Reason),
            (ActivityAction.ConfirmationRefused, portal.Get<IStringLocalizer<ProvisioningText>>()["Proof.Password.Wrong"].Value),
            (ActivityAction.TokenRevealed, Reason + " (approved by bob@example.com)"),
        ]);
    }

    [Fact]
    public async Task SecondPerson_IsNotTheFirst()
    {
        await using var portal = await SignedInPeople.StartAsync(TwoPeople);
        var (ada, id) = (await portal.SignInAsync("ada@example.com", Role.Administrator), await portal.SeedInstanceAsync());
        var reveals = portal.Get<RevealService>();
        (await reveals.AskAsync(id, Reason, ada, Token)).Succeeded.ShouldBeTrue();
        var request = (await reveals.ListAsync(ada, Token)).Value.ShouldHaveSingleItem();
        request.IsOwn.ShouldBeTrue();

        (await reveals.DecideAsync(request.Id, true, ada, Token)).Problems.ShouldHaveSingleItem().Message.ShouldStartWith("This is your own request.");
        // Nor in another session.
        (await reveals.DecideAsync(request.Id, true, await portal.SignInAsync(ada), Token)).Succeeded.ShouldBeFalse();
        (await reveals.DecideAsync(request.Id, true, Actor.Portal, Token)).Succeeded.ShouldBeFalse();

        (await reveals.RevealAsync(id, Reason, SignedInPeople.Password, ada, Token)).Succeeded.ShouldBeFalse();
        (await LinesAsync(portal)).Count(line => line.Action == ActivityAction.RevealApproved && !line.Succeeded).ShouldBe(3);
    }

    [Fact]
    public async Task SecondPerson_ApprovesUnconfirmed_IsAskedFirst()
    {
        await using var portal = await SignedInPeople.StartAsync(TwoPeople);
        var (ada, bob, id) = (await portal.SignInAsync("ada@example.com", Role.Operator), await portal.SignInAsync("bob@example.com", Role.Operator), await portal.SeedInstanceAsync());
        var reveals = portal.Get<RevealService>();
        (await reveals.AskAsync(id, Reason, ada, Token)).Succeeded.ShouldBeTrue();
        var request = (await reveals.ListAsync(bob, Token)).Value[0].Id;
        portal.Clock.Advance(TimeSpan.FromMinutes(10));

        (await reveals.DecideAsync(request, true, bob, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.ConfirmationNeeded);

        (await portal.Get<PersonProof>().ConfirmAsync(bob, SignedInPeople.Password, Token)).Succeeded.ShouldBeTrue();
        (await reveals.DecideAsync(request, false, bob, Token)).Succeeded.ShouldBeTrue();
        (await reveals.DecideAsync(request, true, bob, Token)).Problems.ShouldHaveSingleItem().Message.ShouldStartWith("Somebody has decided already");
        (await reveals.FindOwnAsync(id, ada, Token))!.State.ShouldBe(RevealRequestState.Refused);
        // Refused, it can be asked for again.
        (await reveals.AskAsync(id, Reason, ada, Token)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task SecondPerson_TooLate_NothingHolds()
    {
        await using var portal = await SignedInPeople.StartAsync(TwoPeople);
        var (ada, bob, id) = (await portal.SignInAsync("ada@example.com", Role.Operator), await portal.SignInAsync("bob@example.com", Role.Operator), await portal.SeedInstanceAsync());
        var reveals = portal.Get<RevealService>();
        (await reveals.AskAsync(id, Reason, ada, Token)).Succeeded.ShouldBeTrue();
        var request = (await reveals.ListAsync(bob, Token)).Value[0].Id;

        portal.Clock.Advance(RevealService.RequestLifetime);
        bob = await portal.SignInAsync(bob);
        (await reveals.DecideAsync(request, true, bob, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        (await reveals.ListAsync(bob, Token)).Value.ShouldBeEmpty();

        (await reveals.AskAsync(id, Reason, ada, Token)).Succeeded.ShouldBeTrue();
        (await reveals.DecideAsync((await reveals.ListAsync(bob, Token)).Value[0].Id, true, bob, Token)).Succeeded.ShouldBeTrue();
        portal.Clock.Advance(RevealService.ApprovalLifetime);
        (await reveals.RevealAsync(id, Reason, SignedInPeople.Password, ada, Token)).Succeeded.ShouldBeFalse();
    }

    [Fact]
    public async Task Approval_UsedTwiceAtOnce_IsGoodForOne()
    {
        await using var portal = await SignedInPeople.StartAsync(TwoPeople);
        var (ada, bob, id) = (await portal.SignInAsync("ada@example.com", Role.Operator), await portal.SignInAsync("bob@example.com", Role.Operator), await portal.SeedInstanceAsync());
        var reveals = portal.Get<RevealService>();
        (await reveals.AskAsync(id, Reason, ada, Token)).Succeeded.ShouldBeTrue();
        (await reveals.DecideAsync((await reveals.ListAsync(bob, Token)).Value[0].Id, true, bob, Token)).Succeeded.ShouldBeTrue();

        var all = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => reveals.RevealAsync(id, null, SignedInPeople.Password, ada, Token))));

        all.Count(one => one.Succeeded).ShouldBe(1);
        (await LinesAsync(portal)).Count(line => line.Action == ActivityAction.TokenRevealed).ShouldBe(1);
    }

    private static async Task<List<ActivityEntry>> LinesAsync(TestPortal portal)
    {
        await using var db = portal.OpenDatabase();
        return await db.Activity.AsNoTracking().Where(line => line.Action != ActivityAction.AccountAdded).OrderBy(line => line.Id).ToListAsync(Token);
    }
}
