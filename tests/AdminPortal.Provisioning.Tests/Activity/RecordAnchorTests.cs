using AdminPortal.Domain.Activity;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Activity;

/// <summary>A database that was replaced by another state of itself has a record that verifies: anchors tell.</summary>
public sealed partial class RecordAnchorTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private Dictionary<string, string?> _settings = null!;
    private TestPortal _portal = null!;

    private string Anchors => Path.Combine(_folder.Path, "anchors");

    private string Kept => Path.Combine(_folder.Path, "kept.db");

    private string Database => RawDatabase.FileOf(_portal.DataDirectory);

    public async ValueTask InitializeAsync()
    {
        _settings = new(TestCertificate.Settings(TestCertificate.Write(_folder.Path, "certificate"))) { ["Portal:Activity:AnchorDirectory"] = Anchors };
        PortalDatabase.MakeDirectory(Anchors);
        _portal = await TestPortal.StartAsync(RecordRows.AddCommands, _settings);
        await RecordRows.WriteAsync(_portal, 3);
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Write_NewRows_NamesTheLastOneBesideTheDatabaseAndOnceAnHourInTheDirectory()
    {
        var writer = _portal.Get<AnchorWriter>();

        await writer.WriteAsync(AnchorReason.Started, Token);
        await RecordRows.WriteAsync(_portal, 2);
        await writer.WriteAsync(null, Token);

        var beside = AnchorFiles.Read(AnchorFiles.BesideDatabase(_portal.DataDirectory)).ShouldHaveSingleItem().Anchor.ShouldNotBeNull();
        (beside.Sequence, beside.Hash).ShouldBe((5L, ((string)RawDatabase.Run(Database, "SELECT lower(hex(Hash)) FROM Activity WHERE Id = 5")!)));
        AnchorFiles.Read(Anchors).ShouldHaveSingleItem().Anchor!.Sequence.ShouldBe(3);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Directory.GetFiles(Anchors).ShouldHaveSingleItem()).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.GetUnixFileMode(AnchorFiles.BesideDatabase(_portal.DataDirectory)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        _portal.Clock.Advance(AnchorWriter.PublishEvery);
        await writer.WriteAsync(null, Token);
        await writer.WriteAsync(null, Token);
        AnchorFiles.Read(Anchors).Select(line => line.Anchor!.Sequence).ShouldBe([3, 5]);
        AnchorFiles.Read(Anchors).Select(line => line.Anchor!.Serial).ShouldBe([1, 2]);
        (await RecordRows.ProblemsAsync(_portal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Database_SyncsEachCommit_SoThatNoAnchorIsAheadAfterAPowerLoss()
    {
        await using var db = _portal.OpenDatabase();

        // FULL: the write-ahead log is on the disk before a commit is visible.
        db.Rows("PRAGMA synchronous", row => row.GetInt64(0)).ShouldBe([2L]);
    }

    [Fact]
    public async Task Start_OlderFileCopiedByHand_IsReportedAndStaysReported()
    {
        KeepCopy();
        await WriteAndAnchorAsync(4);

        PutBack();

        var expected = "The record was replaced by an older one";
        (await RecordRows.ProblemsAsync(_portal)).ShouldContain(text => text.StartsWith(expected, StringComparison.Ordinal));
        await using var started = await StartAsync();
        started.Get<RecordStatus>().Current.Problems.ShouldContain(text => text.StartsWith(expected, StringComparison.Ordinal) && text.Contains("names row 7", StringComparison.Ordinal));
        // The next anchors agree with the record again; the row that states the finding stays.
        await RecordRows.WriteAsync(started, 9);
        await started.Get<AnchorWriter>().WriteAsync(AnchorReason.Stopped, Token);
        await using var again = await StartAsync();
        (await RecordRows.ProblemsAsync(again)).ShouldContain(text => text.Contains("states an earlier finding", StringComparison.Ordinal) && text.Contains(expected, StringComparison.Ordinal));
        // And what was kept elsewhere says so too.
        (await RecordRows.ProblemsAsync(again, Copy(Anchors, until: 7))).ShouldContain(text => text.StartsWith("The record was replaced by another one", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_AnotherRecordUnderTheSameNumbers_IsReported()
    {
        KeepCopy();
        await WriteAndAnchorAsync(2);
        PutBack();
        await using (var elsewhere = _portal.Another(settings: new Dictionary<string, string?>(_settings) { ["Portal:Activity:AnchorDirectory"] = "" }))
        {
            elsewhere.Clock.Advance(TimeSpan.FromMinutes(1));
            await RecordRows.WriteAsync(elsewhere, 6);
        }

        await using var started = await StartAsync();

        started.Get<RecordStatus>().Current.Problems.ShouldContain(text => text.StartsWith("The record was replaced by another one", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Start_KilledAndItsLogDeleted_IsReportedUnlessTheLogIsThere(bool keepsLog)
    {
        // A part of the record is in the file; the rest is in the write-ahead log of a process that was killed.
        RawDatabase.Release(_portal.DataDirectory);
        await WriteAndAnchorAsync(5);
        using var killed = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(_portal.DataDirectory).Where(file => keepsLog || !(file.EndsWith("-wal", StringComparison.Ordinal) || file.EndsWith("-shm", StringComparison.Ordinal))))
            File.Copy(file, Path.Combine(killed.Path, Path.GetFileName(file)));

        var settings = new Dictionary<string, string?>(_settings) { ["Portal:Activity:AnchorDirectory"] = "" };
        await using (var started = TestPortal.On(killed.Path, _portal.Clock, settings))
        {
            (await RecordRows.ProblemsAsync(started)).Any(IsReplaced).ShouldBe(!keepsLog);
            (await started.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
            await started.Get<ActivityKeeper>().PrepareAsync(Token);
            started.Get<RecordStatus>().Current.Problems.Any(IsReplaced).ShouldBe(!keepsLog);
            started.Get<RecordStatus>().Current.Problems.Count.ShouldBe(keepsLog ? 0 : 1);
        }

        RawDatabase.Release(killed.Path);

        static bool IsReplaced(string text) => text.StartsWith("The record was replaced by an older one", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_LogDeletedBeforeAnythingWasInTheFile_IsReported()
    {
        await WriteAndAnchorAsync(5);
        using var killed = new TemporaryFolder();
        await TemplateDatabase.CopyToAsync(killed.Path);
        File.Copy(AnchorFiles.BesideDatabase(_portal.DataDirectory), AnchorFiles.BesideDatabase(killed.Path));

        await using (var started = TestPortal.On(killed.Path, _portal.Clock, new Dictionary<string, string?>(_settings) { ["Portal:Activity:AnchorDirectory"] = "" }))
        {
            (await RecordRows.ProblemsAsync(started)).ShouldNotBeEmpty();
            await started.Get<ActivityKeeper>().PrepareAsync(Token);
            started.Get<RecordStatus>().Current.Problems.ShouldHaveSingleItem().ShouldStartWith("The database was replaced by another one");
        }

        RawDatabase.Release(killed.Path);
    }

    [Fact]
    public async Task Start_LogDeletedWithChangesThatAreNoRows_IsReported()
    {
        await _portal.Get<AnchorWriter>().WriteAsync(AnchorReason.Stopped, Token);
        KeepCopy();
        // Nothing of this is a row of the record, and all of it is in the log alone.
        _ = RawDatabase.Run(Database, "INSERT INTO StartSteps (Name, StartedAt, Done, Unreadable) VALUES ('another', 1, 0, 0)");
        await _portal.Get<AnchorWriter>().WriteAsync(null, Token);
        (await RecordRows.ProblemsAsync(_portal)).ShouldBeEmpty();
        RawDatabase.Release(_portal.DataDirectory);
        PutBack();

        (await RecordRows.ProblemsAsync(_portal)).ShouldHaveSingleItem().ShouldStartWith("The database is in an older state than at the anchor");
        await using var started = await StartAsync();
        started.Get<RecordStatus>().Current.Problems.ShouldHaveSingleItem().ShouldStartWith("The database is in an older state");
    }

    [Fact]
    public async Task Write_NothingChanged_WritesNothing()
    {
        var writer = _portal.Get<AnchorWriter>();
        await writer.WriteAsync(null, Token);
        var before = (Anchor(), Generation());

        await writer.WriteAsync(null, Token);
        (Anchor(), Generation()).ShouldBe(before);

        await RecordRows.WriteAsync(_portal, 1);
        await writer.WriteAsync(null, Token);
        Generation().ShouldBeGreaterThan(before.Item2);
        Anchor().ShouldNotBe(before.Item1);

        string Anchor() => File.ReadAllText(AnchorFiles.BesideDatabase(_portal.DataDirectory));

        long Generation()
        {
            using var db = _portal.OpenDatabase();
            return PortalDatabase.ReadGeneration(db).ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task Start_DirectoryForAnchorsIsAway_IsRefusedAndNotMade()
    {
        await WriteAndAnchorAsync(1);
        Directory.Move(Anchors, Anchors + ".away");

        (await Should.ThrowAsync<AnchorsAwayException>(() => _portal.Get<ActivityKeeper>().PrepareAsync(Token))).Message.ShouldContain("does not exist");
        (await RecordRows.ProblemsAsync(_portal)).ShouldHaveSingleItem().ShouldContain("Portal:Activity:AnchorDirectory does not exist");
        await RecordRows.WriteAsync(_portal, 1);
        await _portal.Get<AnchorWriter>().WriteAsync(AnchorReason.Regular, Token);
        Directory.Exists(Anchors).ShouldBeFalse();
        // The anchor beside the database is written all the same.
        AnchorFiles.Read(AnchorFiles.BesideDatabase(_portal.DataDirectory)).Single().Anchor!.Sequence.ShouldBe(5);

        // The mount point of a mount that is away is an empty directory.
        _ = Directory.CreateDirectory(Anchors);
        await using var started = await StartAsync();
        started.Get<RecordStatus>().Current.Problems.ShouldHaveSingleItem().ShouldContain("has no anchors of this portal");
        RawDatabase.Run(Database, "SELECT count(*) FROM Activity WHERE Action = 'RecordAltered'").ShouldBe(0L);
    }

    [Fact]
    public async Task Write_ForgedSerialNumber_DoesNotHoldUpTheNextOnes()
    {
        await WriteAndAnchorAsync(1);
        var genuine = AnchorFiles.Read(Anchors).Last().Anchor!;
        await File.AppendAllTextAsync(Directory.GetFiles(Anchors).ShouldHaveSingleItem(), (genuine with { Serial = long.MaxValue }).ToJson() + "\n", Token);

        await WriteAndAnchorAsync(1);

        AnchorFiles.Read(Anchors).Last().Anchor!.Serial.ShouldBe(genuine.Serial + 1);
    }

    [Fact]
    public async Task Backup_RowsWrittenMeanwhile_AnchorIsNotNewerThanTheBackup()
    {
        var (_, anchor) = await _portal.Get<RecordAnchorCommand>().WriteAroundAsync(
            Kept,
            async () =>
            {
                var made = await _portal.Get<BackupService>().WriteAsync(Kept, overwrite: false, Token);
                await RecordRows.WriteAsync(_portal, 2);
                return made;
            },
            Token);
        RawDatabase.Release(_portal.DataDirectory);
        _ = await _portal.Get<RestoreService>().RestoreAsync(Kept, _ => Task.FromResult(true), Token);

        (await RecordRows.ProblemsAsync(_portal, anchor.Value)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Stop_Clean_LeavesNothingToReport()
    {
        var writer = _portal.Get<AnchorWriter>();
        await writer.StartAsync(Token);
        await RecordRows.WriteAsync(_portal, 3);
        await writer.StopAsync(Token);
        RawDatabase.Release(_portal.DataDirectory);

        AnchorFiles.Read(Anchors).Last().Anchor!.ShouldSatisfyAllConditions(anchor => anchor.Reason.ShouldBe(AnchorReason.Stopped), anchor => anchor.Sequence.ShouldBe(6));
        await using var started = await StartAsync();
        started.Get<RecordStatus>().Current.Problems.ShouldBeEmpty();
        (await RecordRows.ProblemsAsync(started)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Stop_TwiceAtOnce_WritesOneLastAnchorAndBothWaitForIt()
    {
        var writer = _portal.Get<AnchorWriter>();
        await writer.StartAsync(Token);

        await Task.WhenAll(Task.Run(() => writer.StopAsync(Token), Token), Task.Run(() => writer.StopAsync(Token), Token));

        AnchorFiles.Read(Anchors).Count(line => line.Anchor!.Reason == AnchorReason.Stopped).ShouldBe(1);
    }

    [Fact]
    public async Task Write_RecordChangedWhileThePortalRuns_DoesNotCoverIt()
    {
        await WriteAndAnchorAsync(2);
        _ = RawDatabase.Run(Database, "DROP TRIGGER ActivityKept; DELETE FROM Activity WHERE Id > 2; UPDATE ActivityHead SET LastId = 2, LastHash = (SELECT Hash FROM Activity WHERE Id = 2)");

        await _portal.Get<AnchorWriter>().WriteAsync(AnchorReason.Regular, Token);

        AnchorFiles.Read(AnchorFiles.BesideDatabase(_portal.DataDirectory)).Single().Anchor!.Sequence.ShouldBe(5);
        _portal.Get<RecordStatus>().Current.Problems.ShouldHaveSingleItem().ShouldStartWith("The head of the record, which names its first and last row, was changed");
        // The next row states it, and the portal goes on.
        await RecordRows.WriteAsync(_portal, 1);
        await using var db = _portal.OpenDatabase();
        (await db.Activity.OrderBy(row => row.Id).Select(row => row.Action).ToListAsync(Token)).ShouldBe(
            [ActivityAction.InstanceDeleted, ActivityAction.InstanceDeleted, ActivityAction.RecordAltered, ActivityAction.InstanceDeleted]);
    }

    private async Task WriteAndAnchorAsync(int rows)
    {
        await RecordRows.WriteAsync(_portal, rows);
        await _portal.Get<AnchorWriter>().WriteAsync(AnchorReason.Backup, Token);
    }

    private void KeepCopy()
    {
        RawDatabase.Release(_portal.DataDirectory);
        File.Copy(Database, Kept);
    }

    private void PutBack()
    {
        RawDatabase.Release(_portal.DataDirectory);
        foreach (var suffix in new[] { "-wal", "-shm" }) File.Delete(Database + suffix);
        File.Copy(Kept, Database, overwrite: true);
    }

    // As it was kept elsewhere, up to a row.
    private string Copy(string directory, long until)
    {
        var copy = Directory.CreateDirectory(Path.Combine(_folder.Path, $"copy-{until}")).FullName;
        foreach (var line in AnchorFiles.Read(directory).Where(line => line.Anchor!.Sequence <= until)) _ = AnchorFiles.Append(copy, line.Anchor!);
        return copy;
    }

    private async Task<TestPortal> StartAsync()
    {
        var started = _portal.Another(RecordRows.AddCommands, _settings);
        (await started.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        await started.Get<ActivityKeeper>().PrepareAsync(Token);
        return started;
    }
}
