using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Tests.Activity;

public sealed class ActivityChainTests : IAsyncLifetime
{
    private const string WithoutGuards = "DROP TRIGGER IF EXISTS ActivityTied; DROP TRIGGER IF EXISTS ActivityUnchanged; DROP TRIGGER IF EXISTS ActivityKept; ";

    private static readonly Guid Something = Guid.Parse("0199f0a1-0000-7000-8000-00000000beef");

    private TestPortal _portal = null!;

    public async ValueTask InitializeAsync() => _portal = await TestPortal.StartAsync(environment: "Development");

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public void Columns_OfTheTable_AreAllUnderTheHash()
    {
        using var db = _portal.OpenDatabase();

        var columns = db.Model.FindEntityType(typeof(ActivityEntry))!.GetProperties().Select(property => property.Name);

        columns.ShouldBe(ActivityRow.Columns.Append(nameof(ActivityEntry.Hash)), ignoreOrder: true);
    }

    [Fact]
    public async Task Check_RecordAsItWasWritten_Holds()
    {
        await WriteAsync(_portal, 5);

        var result = await CheckAsync();

        (result.Break, result.Lines, result.FirstId, result.LastId, result.Unproved).ShouldBe((null, 5L, 1L, 5L, 0L));
        result.Fingerprint.ShouldBe(((string)Run("SELECT lower(hex(Hash)) FROM Activity WHERE Id = 5")!)[..16]);
    }

    [Theory]
    [InlineData("At", "At + 1")]
    [InlineData("PersonId", "NULL")]
    [InlineData("PersonName", "'eve@example.com'")]
    [InlineData("\"From\"", "'203.0.113.9'")]
    [InlineData("Action", "'InstanceRenamed'")]
    [InlineData("Succeeded", "0")]
    [InlineData("InstanceId", "NULL")]
    [InlineData("JobId", "'0199F0A1-0000-7000-8000-00000000BEE0'")]
    [InlineData("PlatformAccountId", "NULL")]
    [InlineData("ProviderAppId", "NULL")]
    [InlineData("AttemptId", "NULL")]
    [InlineData("Subject", "'Another'")]
    [InlineData("Detail", "Detail || ' '")]
    [InlineData("Changes", "replace(Changes, 'new', 'old')")]
    [InlineData("Hash", "randomblob(32)")]
    public async Task Check_OneColumnOfOneLineChanged_NamesThatLine(string column, string value)
    {
        await WriteAsync(_portal, 5);

        Tamper($"UPDATE Activity SET {column} = {value} WHERE Id = 3");

        var result = await CheckAsync();
        result.Break.ShouldNotBeNull().ShouldStartWith("Of row 3 ");
        // With another hash, the line behind it no longer fits either.
        result.Broken.ShouldBe(column == "Hash" ? 2 : 1);
    }

    [Theory]
    [InlineData("DELETE FROM Activity WHERE Id = 3", "Row 3 was removed.")]
    [InlineData("DELETE FROM Activity WHERE Id IN (2, 3)", "Rows 2 to 3 were removed.")]
    [InlineData("DELETE FROM Activity WHERE Id = 1", "Row 1 was removed.")]
    [InlineData("DELETE FROM Activity WHERE Id >= 4", "Rows 4 to 5 were removed.")]
    [InlineData("DELETE FROM Activity", "Rows 1 to 5 were removed.")]
    public async Task Check_LinesRemoved_NamesThem(string sql, string expected)
    {
        await WriteAsync(_portal, 5);

        Tamper(sql);

        (await CheckAsync()).Break.ShouldBe(expected);
    }

    [Fact]
    public async Task Check_LastLinesRemovedAndTheHeadSetBack_SaysThatTheHeadWasChanged()
    {
        await WriteAsync(_portal, 5);

        Tamper("DELETE FROM Activity WHERE Id > 3; UPDATE ActivityHead SET LastId = 3, LastHash = (SELECT Hash FROM Activity WHERE Id = 3)");

        (await CheckAsync()).Break.ShouldBe("The head of the record, which names its first and last row, was changed.");
    }

    [Fact]
    public async Task Check_FirstLinesRemovedAndTheHeadSetForward_SaysThatTheHeadWasChanged()
    {
        await WriteAsync(_portal, 5);

        Tamper("UPDATE ActivityHead SET FirstId = 3, FirstHash = (SELECT Hash FROM Activity WHERE Id = 2); DELETE FROM Activity WHERE Id < 3");

        (await CheckAsync()).Break.ShouldBe("The head of the record, which names its first and last row, was changed.");
    }

    [Fact]
    public async Task Check_LinesRenumberedAfterARemoval_NamesTheFirstOneThatMoved()
    {
        await WriteAsync(_portal, 5);

        Tamper("DELETE FROM Activity WHERE Id = 2; UPDATE Activity SET Id = Id - 1 WHERE Id > 2");

        (await CheckAsync()).Break.ShouldNotBeNull().ShouldStartWith("Of row 2 ");
    }

    [Fact]
    public async Task Check_TwoLinesInEachOthersPlace_NamesTheFirstOfThem()
    {
        await WriteAsync(_portal, 5);

        Tamper("UPDATE Activity SET Id = 100 WHERE Id = 2; UPDATE Activity SET Id = 2 WHERE Id = 4; UPDATE Activity SET Id = 4 WHERE Id = 100");

        (await CheckAsync()).Break.ShouldNotBeNull().ShouldStartWith("Of row 2 ");
    }

    [Theory]
    [InlineData("Hash")]
    [InlineData("x''")]
    public async Task Check_LinePutInBehindTheLastOne_IsFoundAndNeverTied(string hash)
    {
        await WriteAsync(_portal, 3);

        Tamper($"INSERT INTO Activity (At, Action, Succeeded, Subject, Hash) SELECT At, 'Exported', 1, 'Slipped in', {hash} FROM Activity WHERE Id = 3");
        // A start ties what was written before there was a chain, and nothing else.
        await using var restarted = _portal.Another(environment: "Development");
        await restarted.Get<ActivityKeeper>().PrepareAsync(Token);

        (await CheckAsync()).Break.ShouldNotBeNull().ShouldStartWith("Of row 4 ");
        Run("SELECT count(*) FROM Activity WHERE length(Hash) = 0").ShouldBe(hash == "Hash" ? 0L : 1L);
    }

    [Theory]
    [InlineData("UPDATE Activity SET Subject = 'x' WHERE Id = 2")]
    [InlineData("UPDATE Activity SET Hash = randomblob(32) WHERE Id = 2")]
    [InlineData("DELETE FROM Activity WHERE Id = 2")]
    [InlineData("DELETE FROM Activity")]
    [InlineData("INSERT INTO Activity (At, Action, Succeeded, Subject) VALUES (1, 'Exported', 1, 'x')")]
    [InlineData("INSERT OR REPLACE INTO Activity (Id, At, Action, Succeeded, Subject, Hash) VALUES (2, 1, 'Exported', 1, 'x', randomblob(32))")]
    public async Task Table_AnythingButANewLine_IsRefused(string sql)
    {
        await WriteAsync(_portal, 3);

        Should.Throw<SqliteException>(() => Run(sql)).Message.ShouldContain("The activity record");

        (await CheckAsync()).Break.ShouldBeNull();
    }

    [Fact]
    public async Task Save_ThatFailsWithinATransactionThatGoesOn_LeavesNoGap()
    {
        await WriteAsync(_portal, 2);
        var name = (await _portal.AddAccountAsync()).ToString();
        var lines = (long)Run("SELECT count(*) FROM Activity")!;

        await using (var db = _portal.OpenDatabase())
        {
            await using var transaction = await db.Database.BeginTransactionAsync(Token);
            db.Note(InstanceSeed.Ada, _portal.Clock.GetUtcNow(), ActivityAction.Exported, "Never done");
            _ = db.Users.Add(new PortalUser { Id = Guid.Parse(name), UserName = "a" });
            _ = await db.SaveChangesAsync(Token);
            db.ChangeTracker.Clear();
            db.Note(InstanceSeed.Ada, _portal.Clock.GetUtcNow(), ActivityAction.Exported, "Refused");
            _ = db.Users.Add(new PortalUser { Id = Guid.Parse(name), UserName = "b" });
            _ = await Should.ThrowAsync<DbUpdateException>(() => db.SaveChangesAsync(Token));
            db.ChangeTracker.Clear();
            db.Note(InstanceSeed.Ada, _portal.Clock.GetUtcNow(), ActivityAction.Exported, "Done");
            _ = await db.SaveChangesAsync(Token);
            await transaction.CommitAsync(Token);
        }

        var result = await CheckAsync();
        (result.Break, result.Lines).ShouldBe((null, lines + 2));
    }

    [Fact]
    public async Task Save_ByTwoProcessesAtOnce_MakesOneChain()
    {
        await using var other = _portal.Another(environment: "Development");
        const int each = 40;

        await Task.WhenAll(new[] { _portal, other, _portal, other }.Select(portal => Task.Run(
            async () =>
            {
                for (var i = 0; i < each; i++) await WriteAsync(portal, 1 + (i % 3));
            },
            Token)));

        var result = await CheckAsync();
        result.Break.ShouldBeNull();
        result.Lines.ShouldBe(4 * Enumerable.Range(0, each).Sum(i => 1 + (i % 3)));
        result.LastId.ShouldBe(result.Lines);
    }

    [Fact]
    public async Task Prepare_LinesFromBeforeTheChain_AreTiedAsTheyAre()
    {
        using var folder = new TemporaryFolder();
        var connectionString = PortalDatabase.ConnectionString(folder.Path);
        await using (var db = PortalDatabase.Open(connectionString))
        {
            await db.GetService<IMigrator>().MigrateAsync("AttemptList", Token);
            // A line that was lost to damage in the former life of the record is nobody's fault now.
            await db.Database.ExecuteSqlRawAsync(
                """
                INSERT INTO "Activity" ("Id", "At", "PersonId", "PersonName", "Action", "Succeeded", "Subject", "Detail")
                VALUES (3, 100, '0199F0A1-0000-7000-8000-00000000ADA0', 'ada', 'Exported', 1, 'Büro', NULL), (4, 101, NULL, NULL, 'NoWord', 0, 'x', 'y'), (6, -1, NULL, NULL, 'Exported', 1, '', NULL);
                """,
                Token);
            await PortalDatabase.PrepareAsync(new Factory(connectionString), folder.Path, Token);
        }

        await using (var services = TestPortal.BuildServices(folder.Path))
        {
            var app = Guid.CreateVersion7();
            var sealedThen = services.GetRequiredService<IDataProtectionProvider>().CreateProtector("AdminPortal.Secrets.v1", "ClientSecret").CreateProtector(app.ToString("N")).Protect("s3cret");
            _ = RawDatabase.Run(
                RawDatabase.FileOf(folder.Path),
                $"INSERT INTO ProviderApps (Id, Name, ClientId, ClientSecret, CreatedAt, Version) VALUES ('{app.ToString().ToUpperInvariant()}', 'Keap', 'client', '{sealedThen}', 1, 1)");
            await services.GetRequiredService<ActivityKeeper>().PrepareAsync(Token);
            await using var db = await services.GetRequiredService<IDbContextFactory<PortalDb>>().CreateDbContextAsync(Token);
            db.Note(InstanceSeed.Ada, DateTimeOffset.UnixEpoch, ActivityAction.Exported, "New");
            _ = await db.SaveChangesAsync(Token);
            (await db.Activity.MaxAsync(line => line.Id, Token)).ShouldBe(8);
            await services.GetRequiredService<ActivityKeeper>().PrepareAsync(Token);
            var keys = services.GetRequiredService<ActivityKey>();
            var result = (await ActivityCheck.RunAsync(db, keys.Open, Token))!;
            (result.Lines, result.FirstId, result.LastId).ShouldBe((5L, 3L, 8L));
            (await db.Activity.SingleAsync(line => line.Action == ActivityAction.RecordMarked, Token)).Id.ShouldBe(7);
            // What was missing when the chain began accuses nobody; what goes missing later does.
            result.Break.ShouldBeNull();
            _ = RawDatabase.Run(RawDatabase.FileOf(folder.Path), WithoutGuards + "DELETE FROM Activity WHERE Id = 4");
            (await ActivityCheck.RunAsync(db, keys.Open, Token))!.Break.ShouldBe("Rows 4 to 5 were removed.");
        }

        RawDatabase.Release(folder.Path);
    }

    [Fact]
    public async Task Prepare_KeyThatDoesNotOpen_BeginsAnewAndVouchesForNothingBefore()
    {
        await WriteAsync(_portal, 3);
        _ = Run("UPDATE ActivityHead SET Key = 'garbage'; UPDATE ActivityMark SET Key = 'garbage'");
        await using var restarted = _portal.Another(environment: "Development");

        await restarted.Get<ActivityKeeper>().PrepareAsync(Token);
        await WriteAsync(restarted, 2);

        var result = await CheckAsync(restarted);
        (result.Break, result.Lines, result.FirstId, result.Unproved).ShouldBe((null, 4L, 4L, 3L));
        await using var db = restarted.OpenDatabase();
        var told = await db.Activity.SingleAsync(line => line.Id == 4, Token);
        (told.Action, told.Succeeded, told.PersonId).ShouldBe((ActivityAction.RecordKeyLost, false, null));
        told.Detail.ShouldNotBeNull().ShouldContain("1 to 3");
    }

    [Fact]
    public async Task Save_WithoutAChain_IsRefused()
    {
        await using var portal = await TestPortal.StartAsync(prepare: false);

        _ = await Should.ThrowAsync<InvalidOperationException>(() => WriteAsync(portal, 1));

        await using var db = portal.OpenDatabase();
        (await db.Activity.AnyAsync(Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Key_InTheFile_IsSealed()
    {
        await WriteAsync(_portal, 1);
        await using var db = _portal.OpenDatabase();
        var head = await db.ActivityHeads.SingleAsync(Token);

        Convert.FromBase64String(_portal.Secrets.Open(head.KeyOf)).Length.ShouldBe(32);
        _ = Should.Throw<SecretUnreadableException>(() => _portal.Secrets.Open(head.KeyOf with { Kind = SecretKind.ClientSecret }));
    }

    [Fact]
    public async Task Doctor_RecordThatHolds_PrintsWhereItEnds()
    {
        await WriteAsync(_portal, 4);

        var finding = await DoctorAsync();

        (finding.Level, finding.Text).ShouldBe((FindingLevel.Ok, $"All 4 rows are as they were written, 1 to 4; it ends with {(await CheckAsync()).Fingerprint}."));
    }

    [Fact]
    public async Task Doctor_RecordThatWasAltered_IsAProblemAndNamesTheFirstLine()
    {
        await WriteAsync(_portal, 5);
        Tamper("UPDATE Activity SET Subject = 'Nothing at all' WHERE Id IN (3, 5)");

        var finding = await DoctorAsync();

        finding.Level.ShouldBe(FindingLevel.Problem);
        finding.Text.ShouldContain("Of row 3 (");
        finding.Text.ShouldContain("first of 2 such places");
        finding.Remedy.ShouldNotBeNull();
    }

    [Fact]
    public async Task Doctor_KeyThatDoesNotOpen_IsAProblem()
    {
        await WriteAsync(_portal, 1);
        // From here on the ring is known to open, whatever becomes of the one key.
        (await _portal.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        _ = Run("UPDATE ActivityHead SET Key = 'garbage'");

        (await DoctorAsync()).Level.ShouldBe(FindingLevel.Problem);
    }

    private static async Task WriteAsync(TestPortal portal, int lines)
    {
        await using var db = portal.OpenDatabase();
        for (var i = 0; i < lines; i++)
        {
            db.Note(
                InstanceSeed.Ada with { From = "198.51.100.7" }, portal.Clock.GetUtcNow(), ActivityAction.InstanceDeleted, $"Büro {i}", succeeded: true, "Détail",
                Something, null, Something, Something, Something, new FieldChanges().Add("Name", "old", "new"));
        }

        _ = await db.SaveChangesAsync(Token);
    }

    private Task<ActivityCheckResult> CheckAsync() => CheckAsync(_portal);

    private static async Task<ActivityCheckResult> CheckAsync(TestPortal portal)
    {
        await using var db = portal.OpenDatabase();
        var keys = portal.Get<ActivityKey>();
        return (await ActivityCheck.RunAsync(db, keys.Open, Token)).ShouldNotBeNull();
    }

    private async Task<Finding> DoctorAsync()
    {
        (await _portal.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        _portal.Clock.Advance(TimeProvider.System.GetUtcNow() - _portal.Clock.GetUtcNow());
        var doctor = ActivatorUtilities.CreateInstance<Doctor>(_portal.Get<IServiceProvider>());
        List<Finding> findings = [];
        await foreach (var finding in doctor.ExamineAsync(offline: true, Token)) findings.Add(finding);
        var ofRecord = findings.Where(finding => finding.Topic == "activity record").ToList();
        return ofRecord.Find(finding => finding.Text.StartsWith("Rows were changed", StringComparison.Ordinal)) ?? ofRecord.Find(finding => finding.Level == FindingLevel.Problem)
            ?? ofRecord.Single(finding => finding.Text.StartsWith("All ", StringComparison.Ordinal));
    }

    private void Tamper(string sql) => Run(WithoutGuards + sql);

    private object? Run(string sql) => RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), sql);

    private sealed class Factory(string connectionString) : IDbContextFactory<PortalDb>
    {
        public PortalDb CreateDbContext() => PortalDatabase.Open(connectionString);
    }
}
