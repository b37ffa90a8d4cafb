using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Exchange;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Lapses;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Reveals;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.Extensions.Hosting;

namespace AdminPortal.Provisioning.Tests.Storage;

/// <summary>Garbage in a column is one marked row; the others, and the page around them, are not touched.</summary>
public sealed class UnreadableRowTests
{
    [Theory]
    [InlineData("Tags", "'{broken'")]
    [InlineData("Tags", "'{\"a\":1}'")]
    [InlineData("Tags", "'null'")]
    [InlineData("Tags", "X'00FF'")]
    [InlineData("State", "'Bewildered'")]
    [InlineData("State", "'7'")]
    [InlineData("CreatedAt", "-5")]
    [InlineData("CreatedAt", "9223372036854775807")]
    [InlineData("LastCheckedAt", "'yesterday'")]
    [InlineData("PlatformAccountId", "'no id'")]
    public async Task Instances_GarbageInOne_IsMarkedInTheListAndOnItsPage(string column, string value)
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(3);
        Spoil(portal, "Instances", column, value, ids[1]);
        var service = portal.Get<InstanceService>();

        foreach (var sort in Enum.GetValues<InstanceSort>())
        {
            // One that belongs to no account has no place in their order.
            if (sort == InstanceSort.Account && column == "PlatformAccountId") continue;
            var rows = (await service.ListAsync(new InstanceListQuery { Sort = sort }, Token)).Rows;
            rows.Count.ShouldBe(3, sort.ToString());
            rows.Where(row => row.IsUnreadable).ShouldHaveSingleItem().Id.ShouldBe(ids[1]);
        }

        (await service.CountAsync(new InstanceListQuery(), Token)).Total.ShouldBe(3);
        _ = await service.CountByStateAsync(Token);
        (await service.FindAsync(ids[1], Token)).ShouldNotBeNull().IsUnreadable.ShouldBeTrue();
        (await service.FindAsync(ids[0], Token)).ShouldNotBeNull().IsUnreadable.ShouldBeFalse();
        _ = await portal.Get<LapseService>().GetMonthAsync(new DateOnly(2026, 3, 1), TimeZoneInfo.Utc, Token);
        _ = await portal.Get<LapseService>().ListOverdueAsync(Token);
    }

    [Theory]
    [InlineData("AttentionMessage", "'x'", false)]
    [InlineData("Attention", "'Bewildered'", true)]
    [InlineData("ProviderAppId", "'no id'", true)]
    [InlineData("AttemptId", "X'00FF'", true)]
    [InlineData("RefreshedAt", "-1", true)]
    [InlineData("CheckDueAt", "-1", true)]
    [InlineData("TraceUntil", "-1", true)]
    [InlineData("Token", "'not sealed'", false)]
    public async Task Instance_GarbageThatTheListDoesNotRead_IsMarkedOnItsPage(string column, string value, bool isMarked)
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(2);
        Spoil(portal, "Instances", column, value, ids[1]);

        (await portal.Get<InstanceService>().ListAsync(new InstanceListQuery(), Token)).Rows.Count.ShouldBe(2);
        (await portal.Get<InstanceService>().FindAsync(ids[1], Token)).ShouldNotBeNull().IsUnreadable.ShouldBe(isMarked);
        _ = await portal.Get<LapseService>().ListOverdueAsync(Token);
        if (column == "Token") (await portal.Get<RevealService>().RevealAsync(ids[1], Token)).Problems.ShouldHaveSingleItem().Message.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Instances_TwoStatesThatAreNone_AreStillCounted()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(3);
        Spoil(portal, "Instances", "State", "'One'", ids[0]);
        Spoil(portal, "Instances", "State", "'Two'", ids[1]);

        (await portal.Get<InstanceService>().CountByStateAsync(Token)).ShouldBe(new Dictionary<InstanceState, int> { [InstanceState.Active] = 1 });
    }

    [Fact]
    public async Task Instance_WithDamagedTags_IsLeftAsItIsBySavingOtherThingsAndCanBeDeleted()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(2);
        Spoil(portal, "Instances", "Tags", "'{broken'", ids[1]);

        await portal.ChangeInstanceAsync(ids[1], row => row.State = InstanceState.Disabled);

        RawDatabase.Run(RawDatabase.FileOf(portal.DataDirectory), "SELECT Tags FROM Instances WHERE State = 'Disabled'").ShouldBe("{broken");
        (await portal.Get<InstanceService>().DeleteAsync(ids[1], "Number 1", await portal.SignInAsync(InstanceSeed.Ada), Token)).Succeeded.ShouldBeTrue();
        (await portal.Get<InstanceService>().ListAsync(new InstanceListQuery(), Token)).Rows.ShouldHaveSingleItem().Id.ShouldBe(ids[0]);
    }

    [Theory]
    [InlineData("Tags", "'['")]
    [InlineData("Configuration", "'garbage'")]
    [InlineData("SealedConfiguration", "'garbage'")]
    [InlineData("Events", "'garbage'")]
    [InlineData("Ending", "'{\"Reason\":\"Bewildered\"}'")]
    [InlineData("State", "'Bewildered'")]
    [InlineData("UpdatedAt", "-1")]
    public async Task Attempts_GarbageInOne_IsMarkedInTheListAndOnItsPage(string column, string value)
    {
        await using var portal = await TestPortal.StartAsync();
        var good = await portal.AddDraftAsync(name: "Good");
        var bad = await portal.AddDraftAsync(name: "Bad");
        Spoil(portal, "Attempts", column, value, bad);

        var rows = await portal.Get<AttemptService>().ListRecentAsync(10, Token);
        rows.Count.ShouldBe(2);
        rows.Where(row => row.IsUnreadable).ShouldHaveSingleItem().Id.ShouldBe(bad);
        (await portal.Get<AttemptService>().FindAsync(bad, Token)).ShouldNotBeNull().IsUnreadable.ShouldBeTrue();
        (await portal.Get<AttemptService>().FindAsync(good, Token)).ShouldNotBeNull().IsUnreadable.ShouldBeFalse();
        _ = await portal.Provisioner.FindDueAsync(Token);
        await portal.SweepAsync(Token);
    }

    [Theory]
    [InlineData("PlatformAccountId", "'no id'")]
    [InlineData("ProviderAppId", "'no id'")]
    [InlineData("CreatedBy", "'no id'")]
    [InlineData("TargetInstanceId", "X'00FF'")]
    [InlineData("ReplacesInstanceId", "'no id'")]
    [InlineData("PreviousAttemptId", "'no id'")]
    public async Task Attempt_AnIdThatIsNone_IsMarkedOnItsPageAndTheListsGoOn(string column, string value)
    {
        await using var portal = await TestPortal.StartAsync();
        var good = await portal.AddDraftAsync(name: "Good");
        var bad = await portal.AddDraftAsync(name: "Bad");
        Spoil(portal, "Attempts", column, value, bad);

        (await portal.Get<AttemptService>().ListRecentAsync(10, Token)).Count.ShouldBe(2);
        (await portal.Get<AttemptListService>().ListAsync(new AttemptListQuery(), Token)).Lines.Select(line => line.Id).ShouldBe([good, bad], ignoreOrder: true);
        (await portal.Get<AttemptService>().FindAsync(bad, Token)).ShouldNotBeNull().IsUnreadable.ShouldBeTrue();
        (await portal.Get<AttemptService>().FindAsync(good, Token)).ShouldNotBeNull().IsUnreadable.ShouldBeFalse();
    }

    [Fact]
    public async Task Worker_OneThatRanOutCannotBeWritten_TheOthersGoOn()
    {
        await using var portal = await TestPortal.StartAsync();
        var damaged = await portal.AddDraftAsync(name: "Damaged");
        _ = await portal.SendAwayAsync(damaged);
        var late = await portal.AddDraftAsync(name: "Late");
        _ = await portal.SendAwayAsync(late);
        _ = RawDatabase.Run(
            RawDatabase.FileOf(portal.DataDirectory),
            $"CREATE TRIGGER Refused BEFORE UPDATE ON Attempts WHEN NEW.Id = '{damaged.ToString().ToUpperInvariant()}' BEGIN SELECT RAISE(ABORT, 'refused'); END");
        portal.Clock.Advance(TimeSpan.FromMinutes(16));
        var received = await portal.AddReceivedAsync(name: "Received");
        var worker = portal.Get<IEnumerable<IHostedService>>().OfType<DueWorker<Provisioner>>().Single();

        await worker.StartAsync(Token);
        while ((await portal.ReadAttemptAsync(received)).State != AttemptState.Active || (await portal.ReadAttemptAsync(late)).State != AttemptState.Expired)
        {
            portal.Get<ChangeFeed>().Worker(ChangeTopic.Attempts).Wake();
            await Task.Yield();
            Token.ThrowIfCancellationRequested();
        }

        await worker.StopAsync(Token);
        _ = portal.Platform.Created.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("Event")]
    [InlineData("State")]
    public async Task Attempt_GarbageInItsHistory_IsStillShown(string column)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        _ = RawDatabase.Run(RawDatabase.FileOf(portal.DataDirectory), $"UPDATE AttemptHistory SET {column} = 'Bewildered'");

        (await portal.Get<AttemptService>().FindAsync(id, Token)).ShouldNotBeNull().History.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Attempt_DamagedAfterTheConsent_IsNotSentWithoutWhatItHasLost()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync(ElementKey.Crm);
        Spoil(portal, "Attempts", "Configuration", "'garbage'", id);

        await portal.Provisioner.ExchangeAsync(id);

        portal.Platform.Created.ShouldBeEmpty();
        var attempt = await portal.ReadAttemptAsync(id);
        (attempt.State, attempt.Ending!.Reason).ShouldBe((AttemptState.Failed, EndingReason.SettingsGone));
    }

    [Theory]
    [InlineData("SignInHosts", "'garbage'", true)]
    [InlineData("CreatedAt", "-1", true)]
    [InlineData("UserSecret", "'garbage'", false)]
    public async Task Accounts_GarbageInOne_IsMarkedInTheList(string column, string value, bool isMarked)
    {
        await using var portal = await TestPortal.StartAsync();
        _ = await portal.AddAccountAsync("Good");
        var bad = await portal.AddAccountAsync("Bad", "https://api.cloud-elements.com");
        Spoil(portal, "Accounts", column, value, bad);

        var rows = await portal.Accounts.ListAsync(Token);

        rows.Count.ShouldBe(2);
        rows.Single(row => row.Id == bad).IsUnreadable.ShouldBe(isMarked);
        rows.Single(row => row.Id != bad).IsUnreadable.ShouldBeFalse();
        (await portal.Accounts.FindAsync(bad, Token)).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("CreatedAt", "-1", true)]
    [InlineData("ClientSecret", "'garbage'", false)]
    public async Task ProviderApps_GarbageInOne_IsMarkedInTheList(string column, string value, bool isMarked)
    {
        await using var portal = await TestPortal.StartAsync();
        _ = await portal.AddAppAsync("Good");
        var bad = await portal.AddAppAsync("Bad");
        Spoil(portal, "ProviderApps", column, value, bad);

        var rows = await portal.Apps.ListAsync(Token);

        rows.Count.ShouldBe(2);
        rows.Single(row => row.Id == bad).IsUnreadable.ShouldBe(isMarked);
    }

    [Theory]
    [InlineData("Action", "'Bewildered'")]
    [InlineData("At", "-1")]
    public async Task Activity_GarbageInOneLine_IsMarked(string column, string value)
    {
        await using var portal = await TestPortal.StartAsync();
        await using (var db = portal.OpenDatabase())
        {
            db.Note(InstanceSeed.Ada, portal.Clock.GetUtcNow(), ActivityAction.Exported, "One");
            db.Note(InstanceSeed.Ada, portal.Clock.GetUtcNow(), ActivityAction.Exported, "Two");
            _ = await db.SaveChangesAsync(Token);
        }

        _ = RawDatabase.Run(RawDatabase.FileOf(portal.DataDirectory), $"DROP TRIGGER ActivityUnchanged; UPDATE Activity SET {column} = {value} WHERE Subject = 'Two'");

        var lines = (await portal.Get<ActivityService>().ListAsync(new ActivityQuery(), Token)).Lines;
        lines.Count.ShouldBe(2);
        lines.Where(line => line.IsUnreadable).ShouldHaveSingleItem().Subject.ShouldBe("Two");
    }

    private static void Spoil(TestPortal portal, string table, string column, string value, Guid id)
    {
        using var connection = RawDatabase.Open(RawDatabase.FileOf(portal.DataDirectory));
        // Whoever damages a file does not ask what refers to what.
        _ = connection.Run("PRAGMA foreign_keys = OFF");
        connection.Run($"UPDATE {table} SET {column} = {value} WHERE Id = '{id.ToString().ToUpperInvariant()}'; SELECT changes()").ShouldBe(1L);
    }
}
