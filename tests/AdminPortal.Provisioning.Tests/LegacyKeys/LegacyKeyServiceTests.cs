using System.Text.RegularExpressions;
using AdminPortal.Domain;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Provisioning.LegacyKeys;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using static AdminPortal.Provisioning.Tests.Support.Reauthentications;

namespace AdminPortal.Provisioning.Tests.LegacyKeys;

public sealed partial class LegacyKeyServiceTests
{
    [Fact]
    public async Task ListAsync_ManyPages_VisitsEachOnceForthAndBack()
    {
        await using var portal = await TestPortal.StartAsync();
        var account = await portal.AddAccountAsync();
        await FillAsync(portal, account, 230);
        var service = Service(portal);

        var forth = new List<Guid>();
        var page = await service.ListAsync(new LegacyKeyQuery(), Token);
        page.HasPrevious.ShouldBeFalse();
        forth.AddRange(page.Rows.Select(row => row.Id));
        while (page.HasNext)
        {
            page = await service.ListAsync(new LegacyKeyQuery(After: page.Rows[^1].Id), Token);
            page.HasPrevious.ShouldBeTrue();
            forth.AddRange(page.Rows.Select(row => row.Id));
        }

        // Every second of the rows carries a key.
        forth.Count.ShouldBe(115);
        forth.Distinct().Count().ShouldBe(115);

        var back = page.Rows.Select(row => row.Id).ToList();
        while (page.HasPrevious)
        {
            page = await service.ListAsync(new LegacyKeyQuery(Before: page.Rows[0].Id), Token);
            page.HasNext.ShouldBeTrue();
            back.InsertRange(0, page.Rows.Select(row => row.Id));
        }

        back.ShouldBe(forth);
    }

    [Fact]
    public async Task ListAsync_RowsComeAndGo_NeitherRepeatsNorHidesOthers()
    {
        await using var portal = await TestPortal.StartAsync();
        var account = await portal.AddAccountAsync();
        await FillAsync(portal, account, 200);
        var service = Service(portal);
        var first = await service.ListAsync(new LegacyKeyQuery(), Token);
        await using (var db = portal.OpenDatabase())
        {
            var gone = first.Rows.Take(10).Select(row => row.Id).ToList();
            await db.Instances.Where(row => gone.Contains(row.Id)).ExecuteDeleteAsync(Token);
        }

        await FillAsync(portal, account, 4, 1000);
        var second = await service.ListAsync(new LegacyKeyQuery(After: first.Rows[^1].Id), Token);

        second.Rows.Select(row => row.Id).Intersect(first.Rows.Select(row => row.Id)).ShouldBeEmpty();
        second.Rows[0].Name.ShouldBe("Instance 101");
    }

    [Fact]
    public async Task CountAsync_TwoAccounts_CountsEachAndListsTheChosenOne()
    {
        await using var portal = await TestPortal.StartAsync();
        var (one, other) = (await portal.AddAccountAsync("Beta"), await portal.AddAccountAsync("Alpha", "https://api.cloud-elements.com"));
        await FillAsync(portal, one, 10);
        await FillAsync(portal, other, 6, state: InstanceState.Disabled);

        (await Service(portal).CountAsync(Token)).ShouldBe([new LegacyKeyCount(other, "Alpha", 3, 3), new LegacyKeyCount(one, "Beta", 5, 0)]);
        (await Service(portal).ListAsync(new LegacyKeyQuery(other), Token)).Rows.Select(row => row.AccountName).ShouldBe(["Alpha", "Alpha", "Alpha"]);
    }

    [Fact]
    public async Task ListAsync_EdgeWasDeleted_BeginsAtTheBeginning()
    {
        await using var portal = await TestPortal.StartAsync();
        await FillAsync(portal, await portal.AddAccountAsync(), 4);

        var page = await Service(portal).ListAsync(new LegacyKeyQuery(Before: Guid.NewGuid()), Token);

        page.Rows.Count.ShouldBe(2);
        page.HasPrevious.ShouldBeFalse();
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(5L, false)]
    [InlineData(5L, true)]
    public async Task ListAsync_Query_WalksTheIndexOfTheRowsThatCarryAKey(long? edge, bool backwards)
    {
        await using var portal = await TestPortal.StartAsync();
        await using var db = portal.OpenDatabase();
        await using var connection = new SqliteConnection(PortalDatabase.ConnectionString(portal.DataDirectory));
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        var sql = LegacyKeyService.Page(db, null, edge, backwards).ToQueryString();
        command.CommandText = "EXPLAIN QUERY PLAN " + sql[sql.IndexOf("SELECT", StringComparison.Ordinal)..];
        foreach (var name in Parameter().Matches(command.CommandText).Select(match => match.Value).Distinct()) command.Parameters.AddWithValue(name, 5);

        var plan = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(Token);
        while (await reader.ReadAsync(Token)) plan.Add(reader.GetString(3));

        plan.ShouldHaveSingleItem().ShouldContain("IX_Instances_LegacyKey");
    }

    [Fact]
    public async Task StartAsync_LegacyInstance_BeginsADraftOfTheOtherElement()
    {
        await using var portal = await TestPortal.StartAsync();
        var oldId = await portal.ConnectAsync();
        var old = await portal.ReadInstanceAsync(oldId);
        old.HasLegacyKey.ShouldBeTrue();

        var id = (await Service(portal).StartAsync(oldId, Ada, Token)).Value;

        var draft = await portal.ReadAttemptAsync(id);
        draft.ElementKey.ShouldBe(ElementKey.Rest);
        draft.ReplacesInstanceId.ShouldBe(oldId);
        draft.TargetInstanceId.ShouldBeNull();
        draft.Name.ShouldBe("API instance");
        draft.Tags.ShouldBe(["docs"]);
        draft.ProviderAppId.ShouldBe(old.ProviderAppId);
        draft.Configuration.ShouldBeEmpty();
        draft.SealedConfiguration.ShouldBeEmpty();
        draft.Events.ShouldBeNull();
        draft.Step.ShouldBe(WizardStep.Options);
        (await portal.ListActivityAsync(ActivityAction.MoveStarted)).ShouldHaveSingleItem().InstanceId.ShouldBe(oldId);
    }

    [Fact]
    public async Task StartAsync_ElementWithEventsThatCarriesAKey_TakesTheResourcesThatBothKnow()
    {
        await using var portal = await TestPortal.StartAsync();
        var oldId = await portal.ConnectAsync(ElementKey.Ecommerce);
        await portal.ChangeInstanceAsync(oldId, row => row.HasLegacyKey = true);
        portal.Platform.OnGet = id => Tell(id, Attempts.CloneServiceTests.Events("""{"orders":{"url":"/hubs/ecommerce/orders"},"carts":{"url":"/x"}}"""), ElementKey.Ecommerce);

        var draft = await portal.ReadAttemptAsync((await Service(portal).StartAsync(oldId, Ada, Token)).Value);

        draft.Events!.Resources.ShouldBe(["orders"]);
        draft.Events.CallbackUrl.ShouldBe("https://hooks.example.com/keap");
        draft.Events.PollerConfiguration.ShouldBeEmpty();
    }

    [Fact]
    public async Task StartAsync_ManyClicks_LeadToTheSameDraft()
    {
        await using var portal = await TestPortal.StartAsync();
        var oldId = await portal.ConnectAsync();

        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () => (await Service(portal).StartAsync(oldId, Ada, Token)).Value, Token)));

        ids.Distinct().ShouldHaveSingleItem();
        await using var db = portal.OpenDatabase();
        (await db.Attempts.CountAsync(attempt => attempt.ReplacesInstanceId == oldId, Token)).ShouldBe(1);
    }

    [Fact]
    public async Task StartAsync_NoKeyOrNoInstance_IsAProblem()
    {
        await using var portal = await TestPortal.StartAsync();
        var restId = await portal.ConnectAsync(ElementKey.Rest);

        (await Service(portal).StartAsync(restId, Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        (await Service(portal).StartAsync(Guid.NewGuid(), Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
        (await Service(portal).FindAsync(Guid.NewGuid(), Token)).ShouldBeNull();
    }

    [Fact]
    public async Task FindAsync_AllTheWay_TellsEachState()
    {
        await using var portal = await TestPortal.StartAsync();
        var oldId = await portal.ConnectAsync();
        await StateIsAsync(MoveState.NotBegun);
        var id = (await Service(portal).StartAsync(oldId, Ada, Token)).Value;
        await StateIsAsync(MoveState.Draft);
        var state = await portal.SendAwayAsync(id);
        await StateIsAsync(MoveState.AwaitingConsent);
        _ = await portal.Consents.ReceiveAsync(portal.Return(state, null) with { Error = "access_denied" }, Token);
        await StateIsAsync(MoveState.Stopped);

        id = (await portal.Drafts.TryAgainAsync(id, Ada.PersonId, Token)).Value;
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        await StateIsAsync(MoveState.Draft);
        state = await portal.SendAwayAsync(id);
        _ = await portal.Consents.ReceiveAsync(portal.Return(state), Token);
        await StateIsAsync(MoveState.UnderWay);
        await portal.Provisioner.ExchangeAsync(id);
        var created = await StateIsAsync(MoveState.Created);
        created.NewInstanceId.ShouldNotBeNull().ShouldNotBe(oldId);
        created.NewName.ShouldBe("API instance");
        (await Service(portal).StartAsync(oldId, Ada, Token)).Value.ShouldBe(id);

        (await Service(portal).FinishAsync(oldId, Ada, Token)).Succeeded.ShouldBeTrue();
        var done = await StateIsAsync(MoveState.Done);
        done.LastCheck!.Outcome.ShouldBe(CheckOutcome.Alive);
        portal.Platform.Deleted.ShouldBeEmpty();
        (await portal.ReadInstanceAsync(oldId)).State.ShouldBe(InstanceState.Disabled);

        async Task<LegacyMove> StateIsAsync(MoveState expected)
        {
            // An attempt that was begun later is later.
            portal.Clock.Advance(TimeSpan.FromSeconds(1));
            (await Service(portal).ListAsync(new LegacyKeyQuery(), Token)).Rows.Single(row => row.Id == oldId).Move.ShouldBe(expected);
            var move = (await Service(portal).FindAsync(oldId, Token)).ShouldNotBeNull();
            move.State.ShouldBe(expected);
            return move;
        }
    }

    [Fact]
    public async Task FinishAsync_NewOneDoesNotAnswer_LeavesTheOldOneAsItIs()
    {
        await using var portal = await TestPortal.StartAsync();
        var oldId = await portal.ConnectAsync();
        await MoveAsync(portal, oldId);
        portal.Platform.OnPing = () => new PlatformOutcome<PlatformPong>.Refused(401, "no", "Invalid Refresh Token", null, null);

        var finished = await Service(portal).FinishAsync(oldId, Ada, Token);

        finished.Problems.ShouldHaveSingleItem().Message.ShouldBe("The new instance did not answer the check, so the old one was left as it is. The check said: Invalid Refresh Token");
        portal.Platform.Switched.ShouldBeEmpty();
        (await portal.ReadInstanceAsync(oldId)).State.ShouldBe(InstanceState.Active);
    }

    [Fact]
    public async Task FinishAsync_NotCreatedYet_IsRefused()
    {
        await using var portal = await TestPortal.StartAsync();
        var oldId = await portal.ConnectAsync();
        _ = await Service(portal).StartAsync(oldId, Ada, Token);

        (await Service(portal).FinishAsync(oldId, Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        portal.Platform.Switched.ShouldBeEmpty();
    }

    [Fact]
    public async Task FinishAsync_Twice_DisablesOnceAndTouchesTheOldOneAlone()
    {
        await using var portal = await TestPortal.StartAsync();
        var oldId = await portal.ConnectAsync();
        await MoveAsync(portal, oldId);

        (await Service(portal).FinishAsync(oldId, Ada, Token)).Succeeded.ShouldBeTrue();
        (await Service(portal).FinishAsync(oldId, Ada, Token)).Succeeded.ShouldBeTrue();

        portal.Platform.Switched.ShouldBe([((await portal.ReadInstanceAsync(oldId)).PlatformId, false)]);
    }

    [Fact]
    public async Task FindAsync_NewOneWasDeleted_BeginsAnew()
    {
        await using var portal = await TestPortal.StartAsync();
        var oldId = await portal.ConnectAsync();
        var newId = await MoveAsync(portal, oldId);
        await using (var db = portal.OpenDatabase()) await db.Instances.Where(row => row.Id == newId).ExecuteDeleteAsync(Token);

        (await Service(portal).FindAsync(oldId, Token))!.State.ShouldBe(MoveState.NotBegun);
        var id = (await Service(portal).StartAsync(oldId, Ada, Token)).Value;
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Draft);
    }

    [GeneratedRegex(@"@\w+")]
    private static partial Regex Parameter();

    private static LegacyKeyService Service(TestPortal portal) => portal.Get<LegacyKeyService>();

    private static async Task<Guid> MoveAsync(TestPortal portal, Guid oldId)
    {
        var id = (await Service(portal).StartAsync(oldId, Ada, Token)).Value;
        var state = await portal.SendAwayAsync(id);
        _ = await portal.Consents.ReceiveAsync(portal.Return(state), Token);
        await portal.Provisioner.ExchangeAsync(id);
        return (await portal.ReadAttemptAsync(id)).InstanceId.ShouldNotBeNull();
    }

    // Rows with a key and rows without, in turn.
    private static async Task FillAsync(TestPortal portal, Guid account, int count, int from = 1, InstanceState state = InstanceState.Active)
    {
        await using var db = portal.OpenDatabase();
        var now = portal.Clock.GetUtcNow();
        for (var i = from; i < from + count; i++)
        {
            var id = Guid.NewGuid();
            db.Instances.Add(new ElementInstance
            {
                Id = id,
                PlatformAccountId = account,
                PlatformId = i,
                ElementKey = i % 2 == 1 ? ElementKey.Crm : ElementKey.Rest,
                Name = $"Instance {i}",
                Tags = [],
                Token = new Sealed("token"),
                State = state,
                HasLegacyKey = i % 2 == 1,
                CreatedAt = now,
                LastCheckedAt = now,
            });
        }

        await db.SaveChangesAsync(Token);
    }
}
