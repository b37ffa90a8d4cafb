using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Activity;

/// <summary>
/// Somebody has the database file and not the certificate. Whatever is deleted or changed, doctor says so before the next
/// start, and still after the portal was started and has written more rows.
/// </summary>
public sealed class RecordAttackTests
{
    private const string WithoutGuards = "DROP TRIGGER IF EXISTS ActivityTied; DROP TRIGGER IF EXISTS ActivityUnchanged; DROP TRIGGER IF EXISTS ActivityKept; ";

    // What the issue describes: the record is cut, changed, and made to look as if it was never chained.
    private const string Unchained = WithoutGuards + "UPDATE Activity SET Subject = 'Another' WHERE Id = 2; DELETE FROM Activity WHERE Id > 3; UPDATE Activity SET Hash = x''; DELETE FROM ActivityHead; ";

    private const string Forget = "DELETE FROM Accounts; ";

    public static TheoryData<string, string> Attacks => new()
    {
        { "unchained", Unchained },
        { "unchained, known value deleted", Unchained + "DELETE FROM KeyRingCanary; " },
        { "unchained, key ring deleted", Unchained + "DELETE FROM KeyRing; " },
        { "unchained, known value and key ring deleted", Unchained + "DELETE FROM KeyRingCanary; DELETE FROM KeyRing; " },
        { "the same without any secret", Unchained + Forget + "DELETE FROM KeyRingCanary; DELETE FROM KeyRing; " },
        { "made to look as if from before the chain", Unchained + "DELETE FROM ActivityMark; DELETE FROM KeyRingCanary; UPDATE KeyRing SET Signature = NULL; PRAGMA user_version = 1; " },
        { "the same without any secret and key", Unchained + Forget + "DELETE FROM ActivityMark; DELETE FROM KeyRingCanary; DELETE FROM KeyRing; PRAGMA user_version = 1; " },
        { "no rows, no head", WithoutGuards + "DELETE FROM Activity; DELETE FROM ActivityHead; " },
        { "no rows, no head, no keys", WithoutGuards + Forget + "DELETE FROM Activity; DELETE FROM ActivityHead; DELETE FROM KeyRingCanary; DELETE FROM KeyRing; " },
        { "head deleted", "DELETE FROM ActivityHead; " },
        { "head deleted, rows cut", WithoutGuards + "DELETE FROM Activity WHERE Id > 3; DELETE FROM ActivityHead; " },
        { "head set back", WithoutGuards + "DELETE FROM Activity WHERE Id > 3; UPDATE ActivityHead SET LastId = 3, LastHash = (SELECT Hash FROM Activity WHERE Id = 3); " },
        { "head says that nothing was tied yet", WithoutGuards + "UPDATE Activity SET Hash = x'', Subject = 'x'; UPDATE ActivityHead SET LastId = 0, OlderId = 5, LastHash = zeroblob(32); " },
        { "head says that all may be removed", "UPDATE ActivityHead SET RemovedId = 5; " },
        { "head of another form", "UPDATE ActivityHead SET LastId = 'x', Mac = 1; " },
        { "key of the head replaced", "UPDATE ActivityHead SET Key = 'garbage'; DELETE FROM KeyRingCanary; " },
        { "hashes blanked", WithoutGuards + "UPDATE Activity SET Hash = x''; " },
        { "one row changed", WithoutGuards + "UPDATE Activity SET Subject = 'Another' WHERE Id = 2; " },
        { "last row changed", WithoutGuards + "UPDATE Activity SET Subject = 'Another' WHERE Id = 5; " },
        { "rows cut", WithoutGuards + "DELETE FROM Activity WHERE Id > 3; " },
        { "row put behind", WithoutGuards + "INSERT INTO Activity (At, Action, Succeeded, Subject, Hash) VALUES (1, 'Exported', 1, 'x', randomblob(32)); " },
        { "row without a hash put behind", WithoutGuards + "INSERT INTO Activity (At, Action, Succeeded, Subject, Hash) VALUES (1, 'Exported', 1, 'x', x''); " },
        { "row put before", WithoutGuards + "INSERT INTO Activity (Id, At, Action, Succeeded, Subject, Hash) VALUES (-1, 1, 'Exported', 1, 'x', randomblob(32)); " },
        { "all guards removed", WithoutGuards },
        { "one guard removed", "DROP TRIGGER ActivityKept; " },
        { "one guard weakened", "DROP TRIGGER ActivityKept; CREATE TRIGGER \"ActivityKept\" BEFORE DELETE ON \"Activity\" WHEN 0 BEGIN SELECT 1; END; " },
        { "trigger of another table", "CREATE TRIGGER t AFTER INSERT ON StorageMark BEGIN UPDATE ActivityHead SET Mac = x''; END; " },
        { "known value deleted", "DELETE FROM KeyRingCanary; " },
        { "key ring deleted", "DELETE FROM KeyRing; " },
        { "key ring and secrets deleted", Forget + "DELETE FROM KeyRing; DELETE FROM KeyRingCanary; " },
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Doctor_ManipulatedDatabase_SaysSoBeforeAndAfterTheNextStart(string name, string sql)
    {
        using var folder = new TemporaryFolder();
        var settings = TestCertificate.Settings(TestCertificate.Write(folder.Path, "certificate"));
        await using var portal = await TestPortal.StartAsync(settings: settings);
        (await portal.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        _ = await portal.AddAccountAsync();
        await RecordRows.WriteAsync(portal, 5 - await RecordRows.CountAsync(portal));
        (await RecordRows.ProblemsAsync(portal)).ShouldBeEmpty();
        RawDatabase.Release(portal.DataDirectory);

        _ = RawDatabase.Run(RawDatabase.FileOf(portal.DataDirectory), sql);

        (await RecordRows.ProblemsAsync(portal)).ShouldNotBeEmpty(name);
        await using var started = portal.Another(settings: settings);
        // A portal whose key ring does not open does not start.
        if (await started.Get<KeyRingGuard>().CheckAsync(Token) is not null) return;
        await started.Get<ActivityKeeper>().PrepareAsync(Token);
        await RecordRows.WriteAsync(started, 3);
        (await RecordRows.ProblemsAsync(started)).ShouldNotBeEmpty(name);

        // A second start makes nothing of it either.
        await using var again = portal.Another(settings: settings);
        (await again.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        await again.Get<ActivityKeeper>().PrepareAsync(Token);
        await RecordRows.WriteAsync(again, 1);
        (await RecordRows.ProblemsAsync(again)).ShouldNotBeEmpty(name);
    }
}
