using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Keys;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Tests.Keys;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Activity;

/// <content>Comparison of the record with its anchors.</content>
public sealed partial class RecordAnchorTests
{
    [Fact]
    public async Task Restore_ByCommand_IsARowAndNothingToReport()
    {
        var (backup, anchor) = await _portal.Get<RecordAnchorCommand>().WriteAroundAsync(Kept, () => _portal.Get<BackupService>().WriteAsync(Kept, overwrite: false, Token), Token);
        backup.Problems.ShouldBeEmpty();
        anchor.Value.ShouldBe(Kept + ".anchor");
        await WriteAndAnchorAsync(4);
        RawDatabase.Release(_portal.DataDirectory);

        (await _portal.Get<RestoreService>().RestoreAsync(Kept, _ => Task.FromResult(true), Token)).Value.NotNoted.ShouldBeNull();

        (await RecordRows.ProblemsAsync(_portal)).ShouldBeEmpty();
        await using var started = await StartAsync();
        started.Get<RecordStatus>().Current.Problems.ShouldBeEmpty();
        await started.Get<AnchorWriter>().WriteAsync(AnchorReason.Started, Token);
        await using var db = started.OpenDatabase();
        var row = await db.Activity.SingleAsync(line => line.Action == ActivityAction.DatabaseRestored, Token);
        row.Detail.ShouldNotBeNull().ShouldContain("kept.db");
        row.Id.ShouldBe(4);
        // Once: a second start has nothing more to say.
        await using var again = await StartAsync();
        (await again.OpenDatabase().Activity.CountAsync(Token)).ShouldBe(4);
        (await RecordRows.ProblemsAsync(again)).ShouldBeEmpty();
        (await RecordRows.ProblemsAsync(again, Kept + ".anchor")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Compare_ForgedAnchor_IsReportedAndDoesNotDecide()
    {
        await WriteAndAnchorAsync(1);
        var genuine = AnchorFiles.Read(Anchors).Last().Anchor!;
        var file = Directory.GetFiles(Anchors).ShouldHaveSingleItem();

        await File.AppendAllTextAsync(file, (genuine with { Sequence = 900, Serial = 900 }).ToJson() + "\n", Token);

        (await RecordRows.ProblemsAsync(_portal)).ShouldHaveSingleItem().ShouldStartWith("An anchor has no valid signature");
        // Signed by somebody else's certificate.
        using var other = new TemporaryFolder();
        var foreign = KeyRingCertificates.Load(new KeyRingOptions { CertificatePath = TestCertificate.Write(other.Path, "other"), CertificatePassword = TestCertificate.Password });
        await File.AppendAllTextAsync(file, (genuine with { Sequence = 901, Serial = 901 }).Sign(new byte[32], foreign.Current).ToJson() + "\n", Token);
        (await RecordRows.ProblemsAsync(_portal)).ShouldHaveSingleItem().ShouldStartWith("An anchor has no valid signature");
    }

    [Fact]
    public async Task Compare_DamagedAnchor_IsReportedAndTheOthersCount()
    {
        await WriteAndAnchorAsync(1);
        var file = Directory.GetFiles(Anchors).ShouldHaveSingleItem();
        await File.AppendAllTextAsync(file, "{\"database\":", Token);

        (await RecordRows.ProblemsAsync(_portal)).ShouldHaveSingleItem().ShouldStartWith("An anchor cannot be read");
        // The next anchor begins on a line of its own.
        await WriteAndAnchorAsync(1);
        AnchorFiles.Read(Anchors).Last().Anchor.ShouldNotBeNull().Sequence.ShouldBe(5);
        await File.WriteAllTextAsync(AnchorFiles.BesideDatabase(_portal.DataDirectory), "garbage\n", Token);
        (await RecordRows.ProblemsAsync(_portal)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Compare_AnchorsOfAnotherDatabase_AreReported()
    {
        _ = Directory.CreateDirectory(Path.Combine(_folder.Path, "others"));
        await using var other = await TestPortal.StartAsync(settings: new Dictionary<string, string?>(_settings) { ["Portal:Activity:AnchorDirectory"] = Path.Combine(_folder.Path, "others") });
        await RecordRows.WriteAsync(other, 2);
        await other.Get<AnchorWriter>().WriteAsync(AnchorReason.Started, Token);

        (await RecordRows.ProblemsAsync(_portal, Path.Combine(_folder.Path, "others"))).ShouldHaveSingleItem().ShouldStartWith("The database was replaced by another one");
        (await RecordRows.ProblemsAsync(_portal, Path.Combine(_folder.Path, "missing"))).ShouldHaveSingleItem().ShouldStartWith("There is no file or directory");
        (await RecordRows.ExamineAsync(_portal, Copy(Path.Combine(_folder.Path, "others"), until: 0))).ShouldContain(finding => finding.Text.StartsWith("There is no anchor in", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TwoProcesses_WritingAtOnce_HaveNothingToReport()
    {
        await _portal.Get<AnchorWriter>().WriteAsync(AnchorReason.Started, Token);
        await using var other = await StartAsync();
        await Task.WhenAll(new[] { _portal, other }.Select(portal => Task.Run(
            async () =>
            {
                for (var i = 0; i < 25; i++)
                {
                    await RecordRows.WriteAsync(portal, 2);
                    await portal.Get<AnchorWriter>().WriteAsync(i % 5 == 0 ? AnchorReason.Backup : null, Token);
                }
            },
            Token)));
        await _portal.Get<AnchorWriter>().WriteAsync(AnchorReason.Stopped, Token);

        (await RecordRows.ProblemsAsync(_portal)).ShouldBeEmpty();
        foreach (var portal in new[] { _portal, other }) portal.Get<RecordStatus>().Current.Problems.ShouldBeEmpty();
        (await RecordRows.CountAsync(_portal)).ShouldBe(3 + 100);
    }

    [Fact]
    public async Task RotationRewrapAndNewCertificate_AreNothingToReport()
    {
        await WriteAndAnchorAsync(1);
        await _portal.Runner().RunAsync(await _portal.BeginAsync(), Token);
        (await RecordRows.ProblemsAsync(_portal)).ShouldBeEmpty();

        // The new certificate, with the former one beside it: the first start signs with the new one.
        var next = TestCertificate.Write(_folder.Path, "next");
        foreach (var (key, value) in TestCertificate.Settings(next, previous: _settings["Portal:KeyRing:CertificatePath"])) _settings[key] = value;
        await using (var renewed = await StartAsync())
        {
            renewed.Get<RecordStatus>().Current.Problems.ShouldBeEmpty();
            (await renewed.Get<KeyWrapping>().RunAsync(InstanceSeed.SureAda, Token)).Value.ShouldBe(2);
            await renewed.Get<AnchorWriter>().WriteAsync(AnchorReason.Stopped, Token);
        }

        foreach (var (key, value) in TestCertificate.Settings(next)) _settings[key] = value;
        await using var alone = await StartAsync();
        alone.Get<RecordStatus>().Current.Problems.ShouldBeEmpty();
        (await RecordRows.ProblemsAsync(alone)).ShouldBeEmpty();
    }
}
