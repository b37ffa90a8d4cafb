using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using AdminPortal.Domain.Activity;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Activity;

public sealed class ActivityRetentionTests : IAsyncLifetime
{
    private readonly TemporaryFolder _backups = new();
    private TestPortal _portal = null!;

    public async ValueTask InitializeAsync() => _portal = await TestPortal.StartAsync(settings: Settings);

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        _backups.Dispose();
    }

    [Fact]
    public async Task Run_OldLines_AreExportedThenRemovedAndTheChainHolds()
    {
        await WriteAsync(1200, "Old");
        _portal.Clock.Advance(TimeSpan.FromDays(31));
        await WriteAsync(3, "New");

        var next = await _portal.Get<ActivityRetention>().RunAsync(Token);

        next.ShouldBe(_portal.Clock.GetUtcNow() + TimeSpan.FromDays(1));
        var file = Path.Combine(_backups.Path, "activity-1-1200.jsonl");
        var bytes = await File.ReadAllBytesAsync(file, Token);
        var sum = Convert.ToHexStringLower(SHA256.HashData(bytes));
        (await File.ReadAllTextAsync(file + ".sha256", Token)).ShouldBe($"{sum}  activity-1-1200.jsonl\n");
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(_backups.Path).Length.ShouldBe(2);
        var lines = (await File.ReadAllLinesAsync(file, Token)).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        lines.Select(line => line.GetProperty("Id").GetInt64()).ShouldBe(Enumerable.Range(1, 1200).Select(id => (long)id));
        lines[^1].GetProperty("Subject").GetString().ShouldBe("Old");

        await using var db = _portal.OpenDatabase();
        var kept = await db.Activity.AsNoTracking().OrderBy(line => line.Id).ToListAsync(Token);
        kept.Select(line => line.Action).ShouldBe([ActivityAction.Exported, ActivityAction.Exported, ActivityAction.Exported, ActivityAction.RecordRemoved]);
        kept[^1].Detail.ShouldNotBeNull().ShouldContain(sum);
        var check = await CheckAsync();
        (check.Break, check.FirstId, check.Lines, check.Unproved).ShouldBe((null, 1201, 4, 0));
        // And goes on to hold a line that goes missing against whoever took it.
        _ = Run("DROP TRIGGER ActivityKept; DELETE FROM Activity WHERE Id = 1201");
        (await CheckAsync()).Break.ShouldBe("Row 1201 was removed.");
    }

    [Fact]
    public async Task Run_HeadSaysThatAllMayGo_RemovesNothing()
    {
        await WriteAsync(3, "New");
        _ = Run("UPDATE ActivityHead SET RemovedId = 3");

        _ = await _portal.Get<ActivityRetention>().RunAsync(Token);

        Run("SELECT count(*) FROM Activity").ShouldBe(3L);
    }

    [Fact]
    public async Task Run_OldLinesRemoved_AreNothingToReportAgainstAnOlderAnchor()
    {
        await WriteAsync(20, "Old");
        await _portal.Get<AnchorWriter>().WriteAsync(AnchorReason.Backup, Token);
        _portal.Clock.Advance(TimeSpan.FromDays(31));
        await WriteAsync(3, "New");

        _ = await _portal.Get<ActivityRetention>().RunAsync(Token);

        (await RecordRows.ProblemsAsync(_portal)).ShouldBeEmpty();
        await _portal.Get<AnchorWriter>().WriteAsync(AnchorReason.Backup, Token);
        (await RecordRows.ProblemsAsync(_portal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_NoDirectoryForTemporaryFiles_WritesNoUnfinishedFileElsewhere()
    {
        await WriteAsync(3, "Old");
        _portal.Clock.Advance(TimeSpan.FromDays(31));
        var temporary = Path.Combine(_portal.DataDirectory, "tmp");
        if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        await File.WriteAllTextAsync(temporary, "", Token);

        (await _portal.Get<ActivityRetention>().RunAsync(Token)).ShouldBe(_portal.Clock.GetUtcNow() + ActivityRetention.RetryAfter);

        Directory.GetFiles(_backups.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_NothingOld_DoesNothing()
    {
        await WriteAsync(3, "New");

        _ = await _portal.Get<ActivityRetention>().RunAsync(Token);

        Directory.GetFiles(_backups.Path).ShouldBeEmpty();
        (await CheckAsync()).Lines.ShouldBe(3);
    }

    [Fact]
    public async Task Run_EverythingOld_LeavesTheLineThatSaysSo()
    {
        await WriteAsync(3, "Old");
        _portal.Clock.Advance(TimeSpan.FromDays(31));

        _ = await _portal.Get<ActivityRetention>().RunAsync(Token);
        _ = await _portal.Get<ActivityRetention>().RunAsync(Token);
        await WriteAsync(1, "New");

        var check = await CheckAsync();
        (check.Break, check.FirstId, check.Lines).ShouldBe((null, 4, 2));
    }

    [Fact]
    public async Task Run_WithoutASetting_KeepsEverything()
    {
        await using var portal = await TestPortal.StartAsync();

        (await portal.Get<ActivityRetention>().RunAsync(Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Run_RecordThatWasAltered_RemovesNothing()
    {
        await WriteAsync(3, "Old");
        _portal.Clock.Advance(TimeSpan.FromDays(31));
        _ = Run("DROP TRIGGER ActivityUnchanged; UPDATE Activity SET Subject = 'x' WHERE Id = 2");

        _ = await _portal.Get<ActivityRetention>().RunAsync(Token);

        Directory.GetFiles(_backups.Path).ShouldBeEmpty();
        (await CheckAsync()).Lines.ShouldBe(3);
    }

    [Fact]
    public async Task Run_NoRoomForTheFile_RemovesNothingAndTriesAgain()
    {
        await WriteAsync(3, "Old");
        _portal.Clock.Advance(TimeSpan.FromDays(31));
        _ = Directory.CreateDirectory(Path.Combine(_backups.Path, "activity-1-3.jsonl"));

        (await _portal.Get<ActivityRetention>().RunAsync(Token)).ShouldBe(_portal.Clock.GetUtcNow() + ActivityRetention.RetryAfter);

        (await CheckAsync()).Lines.ShouldBe(3);
        Directory.GetFiles(_backups.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_InterruptedBeforeTheLinesWent_RemovesThemTheNextTime()
    {
        await WriteAsync(3, "Old");
        _portal.Clock.Advance(TimeSpan.FromDays(31));
        await WriteAsync(1, "New");
        // What a process leaves that ends between the two: the beginning has moved, and the lines are still there.
        var saved = Run("SELECT group_concat(hex(Hash)) FROM Activity WHERE Id <= 3");
        _ = saved.ShouldNotBeNull();
        _ = Run("CREATE TABLE Kept AS SELECT * FROM Activity WHERE Id <= 3");
        _ = await _portal.Get<ActivityRetention>().RunAsync(Token);
        _ = Run("INSERT INTO Activity SELECT * FROM Kept; DROP TABLE Kept");
        (await CheckAsync()).Unproved.ShouldBe(0);

        _ = await _portal.Get<ActivityRetention>().RunAsync(Token);

        ((long)Run("SELECT min(Id) FROM Activity")!).ShouldBe(4);
        (await CheckAsync()).Break.ShouldBeNull();
    }

    [Fact]
    public async Task Run_TwoProcessesAtOnce_OneMovesTheBeginning()
    {
        await WriteAsync(600, "Old");
        _portal.Clock.Advance(TimeSpan.FromDays(31));
        await using var other = _portal.Another(settings: Settings);

        await Task.WhenAll(new[] { _portal, other }.Select(portal => Task.Run(() => portal.Get<ActivityRetention>().RunAsync(Token), Token)));

        await using var db = _portal.OpenDatabase();
        (await db.Activity.CountAsync(line => line.Action == ActivityAction.RecordRemoved, Token)).ShouldBe(1);
        (await CheckAsync()).Break.ShouldBeNull();
        File.Exists(Path.Combine(_backups.Path, "activity-1-600.jsonl")).ShouldBeTrue();
    }

    private Dictionary<string, string?> Settings => new()
    {
        ["Portal:Activity:KeepDays"] = 30.ToString(CultureInfo.InvariantCulture),
        ["Portal:Backup:Directory"] = _backups.Path,
    };

    private async Task WriteAsync(int lines, string subject)
    {
        await using var db = _portal.OpenDatabase();
        for (var i = 0; i < lines; i++) db.Note(InstanceSeed.Ada, _portal.Clock.GetUtcNow(), ActivityAction.Exported, subject);
        _ = await db.SaveChangesAsync(Token);
    }

    private async Task<ActivityCheckResult> CheckAsync()
    {
        await using var db = _portal.OpenDatabase();
        var keys = _portal.Get<ActivityKey>();
        return (await ActivityCheck.RunAsync(db, keys.Open, Token)).ShouldNotBeNull();
    }

    private object? Run(string sql) => RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), sql);
}
