using System.Text;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Activity;

public sealed class ActivityListTests : IAsyncLifetime
{
    private static readonly Guid One = Guid.Parse("0199f0a1-0000-7000-8000-0000000000a1");
    private static readonly Actor Bob = new(Guid.Parse("0199f0a1-0000-7000-8000-00000000b0b0"), "bob@example.com");

    private TestPortal _portal = null!;

    public async ValueTask InitializeAsync() => _portal = await TestPortal.StartAsync();

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    public static TheoryData<ActivityQuery, string> Queries => new()
    {
        { new ActivityQuery(), "IX_Activity_Overview" },
        { new ActivityQuery { From = new DateOnly(2026, 1, 1), To = new DateOnly(2026, 1, 2) }, "IX_Activity_Overview" },
        { new ActivityQuery { PersonId = One }, "IX_Activity_ByPerson" },
        { new ActivityQuery { WithoutPerson = true }, "IX_Activity_ByPerson" },
        { new ActivityQuery { PlatformAccountId = One }, "IX_Activity_ByAccount" },
        { new ActivityQuery { PlatformAccountId = One, PersonId = One }, "IX_Activity_ByAccount" },
        { new ActivityQuery { Action = ActivityAction.Exported }, "IX_Activity_ByAction" },
        { new ActivityQuery { Action = ActivityAction.Exported, PersonId = One, From = new DateOnly(2026, 1, 1) }, "IX_Activity_ByAction" },
        { new ActivityQuery { InstanceId = One }, "IX_Activity_ByInstance" },
        { new ActivityQuery { ProviderAppId = One }, "IX_Activity_ByApp" },
        { new ActivityQuery { AttemptId = One }, "IX_Activity_ByAttempt" },
        { new ActivityQuery { JobId = One }, "IX_Activity_ByJob" },
        { new ActivityQuery { Subject = "x" }, "IX_Activity_BySubject" },
    };

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Page_OfEachFilter_WalksItsIndexInOrder(ActivityQuery query, string index)
    {
        await using var db = _portal.OpenDatabase();
        await db.Database.OpenConnectionAsync(Token);
        foreach (var (edge, backwards) in new[] { (((long, long)?)null, false), ((1L, 1L), false), ((1L, 1L), true) })
        {
            var statement = ActivityListSql.Page(query, edge, backwards);
            statement.Text = "EXPLAIN QUERY PLAN " + statement.Text;
            await using var command = db.Command("");
            statement.CopyTo(command);
            await using var reader = await command.ExecuteReaderAsync(Token);
            List<string> plan = [];
            while (await reader.ReadAsync(Token)) plan.Add(reader.GetString(3));

            var text = string.Join("\n", plan);
            // The page's own fifty lines are put in order at the end; the walk itself sorts nothing.
            plan.Count(line => line.Contains("TEMP B-TREE", StringComparison.Ordinal)).ShouldBeLessThanOrEqualTo(1, text);
            plan.ShouldContain(line => line.Contains($"INDEX {index}", StringComparison.Ordinal), text);
            plan.ShouldNotContain(line => line == "SCAN Activity" || line == "SCAN a", text);
        }
    }

    [Fact]
    public async Task List_EachFilter_ShowsItsLines()
    {
        var (instance, account, app, attempt, job) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await using (var db = _portal.OpenDatabase())
        {
            var now = new DateTimeOffset(2026, 3, 1, 23, 59, 59, TimeSpan.Zero);
            db.Note(InstanceSeed.Ada, now, ActivityAction.InstanceRenamed, "Alpha", instanceId: instance, accountId: account);
            db.Note(Bob, now.AddSeconds(1), ActivityAction.ProviderAppChanged, "App", appId: app);
            db.Note(Bob, now.AddSeconds(2), ActivityAction.DraftChanged, "Draft", attemptId: attempt, accountId: account);
            db.Note(InstanceSeed.Ada, now.AddSeconds(3), ActivityAction.JobStarted, "Job", jobId: job);
            db.Note(InstanceSeed.Ada, now.AddSeconds(4), ActivityAction.InstanceDisabled, "Alpha", instanceId: instance, jobId: job, accountId: account);
            db.Note(Actor.Nobody with { From = "203.0.113.9" }, now.AddSeconds(5), ActivityAction.SignInRefused, "eve", succeeded: false);
            // Written down later, and done before all of them.
            db.Note(Bob, now.AddDays(-1), ActivityAction.Exported, "Late");
            _ = await db.SaveChangesAsync(Token);
        }

        (await ListAsync(new ActivityQuery())).ShouldBe(["eve", "Job", "Draft", "App", "Alpha", "Late"]);
        (await ListAsync(new ActivityQuery { PersonId = Bob.PersonId })).ShouldBe(["Draft", "App", "Late"]);
        (await ListAsync(new ActivityQuery { WithoutPerson = true })).ShouldBe(["eve"]);
        (await ListAsync(new ActivityQuery { InstanceId = instance })).ShouldBe(["Alpha", "Alpha"]);
        (await ListAsync(new ActivityQuery { PlatformAccountId = account })).ShouldBe(["Draft", "Alpha"]);
        (await ListAsync(new ActivityQuery { PlatformAccountId = account, PersonId = InstanceSeed.Ada.PersonId })).ShouldBe(["Alpha"]);
        (await ListAsync(new ActivityQuery { ProviderAppId = app })).ShouldBe(["App"]);
        (await ListAsync(new ActivityQuery { AttemptId = attempt })).ShouldBe(["Draft"]);
        (await ListAsync(new ActivityQuery { JobId = job })).ShouldBe(["Job"]);
        (await ListAsync(new ActivityQuery { Subject = "ALPHA" })).ShouldBe(["Alpha", "Alpha"]);
        (await ListAsync(new ActivityQuery { Action = ActivityAction.InstanceDisabled })).ShouldBe(["Alpha"]);
        (await ListAsync(new ActivityQuery { To = new DateOnly(2026, 3, 1) })).ShouldBe(["Alpha", "Late"]);
        (await ListAsync(new ActivityQuery { From = new DateOnly(2026, 3, 1), To = new DateOnly(2026, 3, 1) })).ShouldBe(["Alpha"]);
        (await ListAsync(new ActivityQuery { From = new DateOnly(2026, 3, 2) })).ShouldBe(["eve", "Job", "Draft", "App"]);
        // A line that is gone is no edge.
        (await ListAsync(new ActivityQuery { Before = 4711 })).Count.ShouldBe(6);
    }

    [Fact]
    public async Task List_ManyLinesOfOneMoment_EveryLineOnceForthAndBack()
    {
        await using (var db = _portal.OpenDatabase())
        {
            for (var i = 0; i < 25; i++) db.Note(Bob, DateTimeOffset.UnixEpoch.AddSeconds(i / 10), ActivityAction.Exported, $"{i}");
            _ = await db.SaveChangesAsync(Token);
        }

        var record = _portal.Get<ActivityService>();
        var query = new ActivityQuery { PageSize = 4, PersonId = Bob.PersonId };
        var forth = new List<ActivityPage> { await record.ListAsync(query, Token) };
        while (forth[^1].HasOlder) forth.Add(await record.ListAsync(query with { Before = forth[^1].Lines[^1].Id }, Token));
        var back = new List<ActivityPage> { forth[^1] };
        while (back[^1].HasNewer) back.Add(await record.ListAsync(query with { After = back[^1].Lines[0].Id }, Token));

        var all = Enumerable.Range(0, 25).Reverse().Select(i => $"{i}").ToList();
        forth.SelectMany(page => page.Lines).Select(line => line.Subject).ShouldBe(all);
        back.AsEnumerable().Reverse().SelectMany(page => page.Lines).Select(line => line.Subject).ShouldBe(all);
    }

    [Fact]
    public async Task Export_Lines_AreCsvWithoutFormulasAndTheDownloadIsWrittenDown()
    {
        await using (var db = _portal.OpenDatabase())
        {
            for (var i = 0; i < 1100; i++) db.Note(Bob, DateTimeOffset.UnixEpoch.AddSeconds(i), ActivityAction.ProviderAppChanged, "=1+1", detail: "a \"quoted\", cell", changes: new FieldChanges().Add("Name", "x", "y").Secret("ClientSecret", true));
            db.Note(InstanceSeed.Ada, DateTimeOffset.UnixEpoch, ActivityAction.Exported, "Another's");
            _ = await db.SaveChangesAsync(Token);
        }

        var export = _portal.Get<ActivityExport>();
        using var output = new MemoryStream();
        var file = (await export.BeginAsync(InstanceSeed.Ada, "person=bob", Token)).Value;
        await export.WriteAsync(new ActivityQuery { PersonId = Bob.PersonId }, output, Token);

        file.ContentType.ShouldBe("text/csv; charset=utf-8");
        var lines = Encoding.UTF8.GetString(output.ToArray()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(1101);
        lines[0].ShouldStartWith("line,at,person,from,action,");
        lines[1].ShouldContain("'=1+1");
        lines[1].ShouldNotContain(",=1+1");
        lines[1].ShouldContain("\"a \"\"quoted\"\", cell\"");
        lines[1].ShouldContain("Name: x → y; ClientSecret: changed");
        lines.ShouldNotContain(line => line.Contains("Another's", StringComparison.Ordinal));
        await using var after = _portal.OpenDatabase();
        var noted = await after.Activity.SingleAsync(line => line.Action == ActivityAction.RecordExported, Token);
        (noted.PersonId, noted.Detail).ShouldBe((InstanceSeed.Ada.PersonId, "person=bob"));
    }

    private async Task<List<string>> ListAsync(ActivityQuery query) =>
        [.. (await _portal.Get<ActivityService>().ListAsync(query, Token)).Lines.Select(line => line.Subject)];
}
