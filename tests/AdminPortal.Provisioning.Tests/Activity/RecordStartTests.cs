using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Keys;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Keys;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Provisioning.Tests.Upgrade;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging.Abstractions;

namespace AdminPortal.Provisioning.Tests.Activity;

/// <summary>Which databases may begin a chain, what a start does with the others, and what an own key ring entry is good for.</summary>
public sealed class RecordStartTests : IAsyncLifetime
{
    private const string WithoutGuards = "DROP TRIGGER IF EXISTS ActivityTied; DROP TRIGGER IF EXISTS ActivityUnchanged; DROP TRIGGER IF EXISTS ActivityKept; ";

    private readonly TemporaryFolder _folder = new();
    private Dictionary<string, string?> _settings = null!;
    private TestPortal _portal = null!;

    private string Database => RawDatabase.FileOf(_portal.DataDirectory);

    public async ValueTask InitializeAsync()
    {
        _settings = TestCertificate.Settings(TestCertificate.Write(_folder.Path, "certificate"));
        _portal = await TestPortal.StartAsync(RecordRows.AddCommands, _settings);
        _ = await _portal.AddAccountAsync();
        await RecordRows.WriteAsync(_portal, 5);
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void Guards_Expected_AreThoseOfTheMigrations()
    {
        using var db = _portal.OpenDatabase();

        RecordGuards.Find(db).ShouldBeEmpty();
        RecordGuards.Expected.Keys.Order().ShouldBe(db.Rows("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name LIKE 'Activity%'", row => row.GetString(0)).Order());
    }

    [Fact]
    public void Findings_EveryKind_HasASentence()
    {
        var texts = _portal.Get<IStringLocalizer<ProvisioningText>>();
        foreach (var kind in Enum.GetValues<RecordFindingKind>())
        {
            texts[$"Record.{kind}"].ResourceNotFound.ShouldBeFalse(kind.ToString());
            new RecordFinding(kind, "a", "b", "c", "d").Text(texts).ShouldEndWith(".");
        }

        foreach (var origin in new[] { RecordOrigin.BeforeChain, RecordOrigin.FirstRelease }) texts[$"Activity.Marked.{origin}"].ResourceNotFound.ShouldBeFalse();
    }

    [Fact]
    public async Task Start_TheAttackOfTheIssue_ChainsNothingAgainAndKeepsTheEvidence()
    {
        _ = RawDatabase.Run(Database, WithoutGuards + "UPDATE Activity SET Subject = 'Another' WHERE Id = 2; DELETE FROM Activity WHERE Id > 4; UPDATE Activity SET Hash = x''; DELETE FROM ActivityHead");

        await using var started = await StartAsync();
        await RecordRows.WriteAsync(started, 2);

        RawDatabase.Run(Database, "SELECT count(*) FROM Activity WHERE Id <= 4 AND length(Hash) = 0").ShouldBe(4L);
        var status = started.Get<RecordStatus>().Current.Problems;
        status.ShouldContain(text => text.Contains("row, was deleted", StringComparison.Ordinal));
        status.ShouldContain(text => text.Contains("The guard ActivityKept", StringComparison.Ordinal));
        await using var db = started.OpenDatabase();
        var noted = await db.Activity.Where(row => row.Action == ActivityAction.RecordAltered).ToListAsync(Token);
        noted.Select(row => row.Detail).ShouldBe(status, ignoreOrder: true);
        noted.ShouldAllBe(row => row.Hash.Length == 32 && !row.Succeeded);
        // A further start reports what is still wrong, and writes no row twice.
        await using var again = await StartAsync();
        (await db.Activity.CountAsync(row => row.Action == ActivityAction.RecordAltered, Token)).ShouldBe(noted.Count);
        (await RecordRows.ProblemsAsync(again)).Count.ShouldBeGreaterThan(noted.Count);
    }

    [Fact]
    public async Task Start_GuardRemovedAgainAfterTheRecordWasAccepted_IsEvidenceAgain()
    {
        _ = RawDatabase.Run(Database, "DROP TRIGGER ActivityKept");
        await using (await StartAsync()) { }
        RawDatabase.Release(_portal.DataDirectory);
        (await _portal.Get<RecordAcceptance>().RunAsync(_ => Task.FromResult(true), Token)).Problems.ShouldBeEmpty();
        (await RecordRows.ProblemsAsync(_portal)).ShouldBeEmpty();

        _ = RawDatabase.Run(Database, "DROP TRIGGER ActivityKept");
        await using var started = await StartAsync();

        (await RecordRows.ProblemsAsync(started)).ShouldHaveSingleItem().ShouldContain("It states an earlier finding");
    }

    [Fact]
    public async Task Start_RowThatStatesTheFindingWasPutBeforeTheChain_IsStatedByTheChainAsWell()
    {
        var text = new RecordFinding(RecordFindingKind.GuardMissing, "ActivityKept").Text(_portal.Get<IStringLocalizer<ProvisioningText>>());
        _ = RawDatabase.Run(
            Database, $"DROP TRIGGER ActivityKept; INSERT INTO Activity (Id, At, Action, Succeeded, Subject, Detail, Hash) VALUES (0, 1, 'RecordAltered', 0, 'x', '{text}', randomblob(32))");

        await using var started = await StartAsync();

        RawDatabase.Run(Database, $"SELECT count(*) FROM Activity WHERE Id > 0 AND Detail = '{text}'").ShouldBe(1L);
    }

    [Fact]
    public async Task Start_MarkDeleted_IsReportedAtEveryStartAndNoMarkIsMade()
    {
        _ = RawDatabase.Run(Database, "DELETE FROM ActivityMark; DELETE FROM KeyRingCanary");
        for (var i = 0; i < 3; i++)
        {
            await using var started = await StartAsync();
            started.Get<RecordStatus>().Current.Problems.ShouldContain(text => text.StartsWith("The mark of the record is missing", StringComparison.Ordinal));
            await RecordRows.WriteAsync(started, 1);
        }

        RawDatabase.Run(Database, "SELECT count(*) FROM ActivityMark").ShouldBe(0L);
        RawDatabase.Run(Database, "SELECT count(*) FROM KeyRingCanary").ShouldBe(0L);
    }

    [Fact]
    public async Task Verify_RowChangedWhileThePortalRuns_IsShownLoggedAndNoted()
    {
        var watch = _portal.Get<IEnumerable<Microsoft.Extensions.Hosting.IHostedService>>().OfType<RecordWatch>().Single();
        await watch.VerifyAsync(Token);
        _portal.Get<RecordStatus>().Current.Last.ShouldNotBeNull().ShouldSatisfyAllConditions(last => last.IsComplete.ShouldBeTrue(), last => last.Rows.ShouldBe(6));

        _ = RawDatabase.Run(Database, WithoutGuards + "UPDATE Activity SET Subject = 'Another' WHERE Id = 2");
        await watch.VerifyAsync(Token);
        await watch.VerifyAsync(Token);

        _portal.Get<RecordStatus>().Current.Last!.IsComplete.ShouldBeFalse();
        _portal.Get<RecordStatus>().Current.Problems.ShouldHaveSingleItem().ShouldStartWith("Of row 2 ");
        RawDatabase.Run(Database, "SELECT count(*) FROM Activity WHERE Action = 'RecordAltered'").ShouldBe(1L);
    }

    [Fact]
    public async Task Write_RowPutBehindWhileThePortalRuns_StatesItAndGoesOn()
    {
        _ = RawDatabase.Run(Database, "INSERT INTO Activity (At, Action, Succeeded, Subject, Hash) VALUES (1, 'Exported', 1, 'x', randomblob(32))");

        await RecordRows.WriteAsync(_portal, 2);

        await using var db = _portal.OpenDatabase();
        (await db.Activity.Where(row => row.Id > 7).OrderBy(row => row.Id).Select(row => row.Action).ToListAsync(Token)).ShouldBe(
            [ActivityAction.RecordAltered, ActivityAction.InstanceDeleted, ActivityAction.InstanceDeleted]);
        (await RecordRows.ProblemsAsync(_portal)).ShouldContain(text => text.Contains("Of row 7 ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("DROP TRIGGER ActivityTied; DROP TRIGGER ActivityUnchanged; DROP TRIGGER ActivityKept; UPDATE Activity SET Hash = x'', Subject = 'x'; DELETE FROM ActivityHead")]
    [InlineData("DROP TRIGGER ActivityTied; DROP TRIGGER ActivityUnchanged; DROP TRIGGER ActivityKept; UPDATE Activity SET Hash = x'', Subject = 'x'; DELETE FROM ActivityHead; DELETE FROM KeyRingCanary")]
    [InlineData("DELETE FROM ActivityHead")]
    [InlineData("UPDATE ActivityHead SET OlderId = 1000, LastId = 0")]
    [InlineData("DROP TRIGGER ActivityUnchanged; UPDATE Activity SET Subject = 'x' WHERE Id = 3")]
    public async Task Upgrade_FirstReleaseThatWasManipulatedBefore_IsReportedAndNotChained(string sql)
    {
        using var release = new FirstRelease();
        _ = RawDatabase.Run(RawDatabase.FileOf(release.DataDirectory), sql);
        await using var portal = release.Open();

        await FirstRelease.UpgradeAsync(portal);

        portal.Get<RecordStatus>().Current.Problems.ShouldNotBeEmpty();
        (await RecordRows.ProblemsAsync(portal)).ShouldNotBeEmpty();
        var blank = RawDatabase.Run(RawDatabase.FileOf(release.DataDirectory), "SELECT count(*) FROM Activity WHERE length(Hash) = 0");
        ((long)blank! > 0).ShouldBe(sql.Contains("Hash = x''", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Upgrade_FirstRelease_IsMarkedOnceAndSigned()
    {
        using var release = new FirstRelease();
        await using var portal = release.Open();

        await FirstRelease.UpgradeAsync(portal);

        portal.Get<RecordStatus>().Current.Problems.ShouldBeEmpty();
        (await RecordRows.ProblemsAsync(portal)).ShouldBeEmpty();
        await using var db = portal.OpenDatabase();
        var mark = RecordMarks.Read(db).ShouldNotBeNull();
        (mark.Origin, mark.Signature is null).ShouldBe((RecordOrigin.FirstRelease, false));
        RecordMarks.ReadEntries(db).ShouldAllBe(entry => entry.Signature != null);
        (await db.Activity.CountAsync(row => row.Action == ActivityAction.RecordMarked, Token)).ShouldBe(1);
        // From now on it is no database of the first release any more, whatever is deleted.
        _ = RawDatabase.Run(RawDatabase.FileOf(release.DataDirectory), "DELETE FROM ActivityMark");
        await using var again = portal.Another(settings: release.Settings);
        await FirstRelease.UpgradeAsync(again);
        again.Get<RecordStatus>().Current.Problems.ShouldContain(text => text.StartsWith("The mark of the record is missing", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task KeyRing_EntryThatThePortalDidNotWrite_IsReported(bool isWrapped)
    {
        AddKey(isWrapped);

        (await RecordRows.ProblemsAsync(_portal)).ShouldContain(text => text.Contains(isWrapped ? "certificate did not sign" : "no certificate wraps", StringComparison.Ordinal));
        await using var started = await StartAsync();
        started.Get<RecordStatus>().Current.Problems.ShouldHaveSingleItem().ShouldContain("The portal did not write them");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task KeyRing_RecordRewrittenWithAnOwnKey_IsReported(bool looksLikeTheFirstRelease)
    {
        await _portal.Get<AnchorWriter>().WriteAsync(AnchorReason.Started, Token);
        AddKey(isWrapped: true);
        await RewriteAsync(looksLikeTheFirstRelease);

        (await RecordRows.ProblemsAsync(_portal)).ShouldContain(text => text.StartsWith(looksLikeTheFirstRelease ? "The mark of the record is missing" : "The mark of the record was changed", StringComparison.Ordinal));
        await using var started = await StartAsync();
        started.Get<RecordStatus>().Current.Problems.ShouldNotBeEmpty();
        await RecordRows.WriteAsync(started, 1);
        (await RecordRows.ProblemsAsync(started)).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Certificate_ConfiguredLater_IsReportedUntilTheRingIsWrapped()
    {
        await using var open = await TestPortal.StartAsync();
        await RecordRows.WriteAsync(open, 2);
        (await RecordRows.ExamineAsync(open)).ShouldContain(finding => finding.Level == FindingLevel.Warning && finding.Text.Contains("nothing is guaranteed", StringComparison.Ordinal));

        await using var configured = open.Another(settings: _settings);
        await configured.Get<ActivityKeeper>().PrepareAsync(Token);
        (await RecordRows.ProblemsAsync(configured)).ShouldHaveSingleItem().ShouldStartWith("The mark of the record is not signed by the configured certificate");
        (await configured.Get<KeyWrapping>().RunAsync(InstanceSeed.SureAda, Token)).Value.ShouldBe(1);

        (await RecordRows.ProblemsAsync(configured)).ShouldBeEmpty();
        (await RecordRows.ExamineAsync(configured)).ShouldNotContain(finding => finding.Text.Contains("nothing is guaranteed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Accept_ManipulatedRecord_BeginsAChainBehindItAndSaysSo()
    {
        _ = RawDatabase.Run(Database, WithoutGuards + "UPDATE Activity SET Subject = 'Another' WHERE Id = 2; DELETE FROM ActivityMark");
        RawDatabase.Release(_portal.DataDirectory);
        var shown = new List<string>();

        var kept = (await _portal.Get<RecordAcceptance>().RunAsync(
            problems =>
            {
                shown.AddRange(problems);
                return Task.FromResult(true);
            },
            Token)).Value;

        shown.ShouldContain(text => text.StartsWith("The mark of the record is missing", StringComparison.Ordinal));
        File.Exists(kept).ShouldBeTrue();
        await using var started = await StartAsync();
        started.Get<RecordStatus>().Current.Problems.ShouldBeEmpty();
        (await RecordRows.ProblemsAsync(started)).ShouldBeEmpty();
        (await RecordRows.ExamineAsync(started)).ShouldContain(finding => finding.Level == FindingLevel.Warning && finding.Text.StartsWith("6 rows before row 7 cannot be verified", StringComparison.Ordinal));
        await using var db = started.OpenDatabase();
        (await db.Activity.SingleAsync(row => row.Action == ActivityAction.RecordAccepted, Token)).Id.ShouldBe(7);
        (await _portal.Get<RecordAcceptance>().RunAsync(_ => Task.FromResult(true), Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("nothing to accept");
    }

    // What somebody can do who has the file: the certificate's public half is in every wrapped entry.
    private void AddKey(bool isWrapped)
    {
        using var db = _portal.OpenDatabase();
        using var own = new TemporaryFolder();
        using var services = TestPortal.BuildServices(CopyTemplate(own.Path));
        _ = services.GetRequiredService<PortalKeyRing>().FindDefaultKey();
        var plain = RawDatabase.Run(RawDatabase.FileOf(own.Path), "SELECT Xml FROM KeyRing ORDER BY Id DESC LIMIT 1") as string;
        RawDatabase.Release(own.Path);
        var xml = KeyXml.Read(plain!)!;
        var known = KeyXml.FindWrap(KeyXml.Read(db.ReadKeyRing()[0])!)!;
        if (isWrapped) xml = KeyXml.Wrap(xml, known, NullLoggerFactory.Instance);
        using var connection = RawDatabase.Open(Database);
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO KeyRing (FriendlyName, Xml) VALUES ('own', $xml)";
        _ = command.Parameters.AddWithValue("$xml", xml.ToString(System.Xml.Linq.SaveOptions.DisableFormatting));
        _ = command.ExecuteNonQuery();
    }

    // Everything computed again with a key of one's own, sealed with the own entry of the ring.
    private async Task RewriteAsync(bool looksLikeTheFirstRelease)
    {
        await using var forger = _portal.Another(settings: _settings);
        _ = forger.Get<PortalKeyRing>().RefreshIfChanged();
        var keys = forger.Get<ActivityKey>();
        var key = new byte[32];
        var mark = RecordMarks.Make(Guid.NewGuid(), key, keys.Seal(key), RecordOrigin.NewDatabase, _portal.Clock.GetUtcNow(), null);
        _ = RawDatabase.Run(Database, WithoutGuards + "UPDATE Activity SET Hash = x''; DELETE FROM ActivityHead; DELETE FROM ActivityMark; DELETE FROM KeyRingCanary");
        await using var db = forger.OpenDatabase();
        await db.Database.OpenConnectionAsync(Token);
        var head = new ActivityHead { Key = keys.Seal(key), FirstId = 1, FirstHash = ActivityChain.Beginning, LastId = 0, LastHash = ActivityChain.Beginning, Mac = [] };
        List<(long Id, byte[] Hash)> hashes = [];
        await using (var command = db.Command($"SELECT {ActivityRow.Select} FROM \"Activity\" ORDER BY \"Id\""))
        {
            await using var reader = await command.ExecuteReaderAsync(Token);
            while (await reader.ReadAsync(Token))
            {
                var (row, _) = ActivityRow.Read(reader);
                (head.LastId, head.LastHash) = (row.Id, ActivityChain.Next(key, head.LastHash, row));
                hashes.Add((row.Id, head.LastHash));
            }
        }

        foreach (var (id, hash) in hashes) _ = await db.RunAsync("UPDATE \"Activity\" SET \"Hash\" = $hash WHERE \"Id\" = $id", Token, ("$hash", hash), ("$id", id));
        head.Mac = ActivityChain.Mac(key, head);
        db.ActivityHeads.Add(head);
        if (!looksLikeTheFirstRelease)
        {
            // A signature of anybody else.
            mark.Certificate = "00";
            mark.Signature = new byte[256];
            db.ActivityMarks.Add(mark);
        }

        db.KeyRingCanaries.Add(new KeyRingCanary
        {
            Value = KeyRingProbe.Seal(forger.Get<PortalKeyRing>(), looksLikeTheFirstRelease ? KeyRingProbe.CanaryText : RecordMarks.CanaryText(mark.KeyFingerprint)),
            WrittenAt = _portal.Clock.GetUtcNow(),
        });
        _ = await db.SaveChangesAsync(Token);
        foreach (var sql in RecordGuards.Expected.Values) _ = await db.RunAsync(sql, Token);
        await db.Database.CloseConnectionAsync();
    }

    private static string CopyTemplate(string folder)
    {
        TemplateDatabase.CopyToAsync(folder).GetAwaiter().GetResult();
        return folder;
    }

    private async Task<TestPortal> StartAsync()
    {
        var started = _portal.Another(RecordRows.AddCommands, _settings);
        (await started.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        await started.Get<ActivityKeeper>().PrepareAsync(Token);
        return started;
    }
}
