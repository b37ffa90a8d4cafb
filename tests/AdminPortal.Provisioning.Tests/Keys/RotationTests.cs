using AdminPortal.Domain;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Keys;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Keys;

public sealed class RotationTests : IAsyncLifetime
{
    private TestPortal _portal = null!;

    private KeyService Keys => _portal.Get<KeyService>();

    public async ValueTask InitializeAsync() => _portal = await RotationTest.SeedAsync();

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Run_AValueInEveryColumn_SealsAllOfThemWithTheNewKey()
    {
        var before = await _portal.OpenAllAsync();
        var old = _portal.PrefixOfDefault();
        (await _portal.CountByPrefixAsync()).ShouldBe(new Dictionary<string, long> { [old] = RotationTest.Values });

        var id = await _portal.BeginAsync();
        await _portal.Runner().RunAsync(id, Token);

        var rotation = await _portal.ReadRotationAsync(id);
        rotation.State.ShouldBe(RotationState.Done);
        (rotation.Total, rotation.Resealed, rotation.Newer, rotation.Unreadable).ShouldBe((RotationTest.Values, RotationTest.Values, 0L, 0L));
        rotation.Pass.ShouldBe(2, "The last pass proves that nothing is left.");
        (await _portal.CountByPrefixAsync()).ShouldBe(new Dictionary<string, long> { [SealedHeader.PrefixOf(rotation.KeyId)] = RotationTest.Values });
        (await _portal.OpenAllAsync()).ShouldBe(before);
        // A restart opens them too, the known value and the record's key among them.
        await using var restarted = _portal.Another();
        (await restarted.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        (await restarted.OpenAllAsync()).ShouldBe(before);
        await using var db = restarted.OpenDatabase();
        var check = await ActivityCheck.RunAsync(db, restarted.Get<ActivityKey>().Open, Token);
        check.ShouldNotBeNull().Break.ShouldBeNull();
        (await _portal.ReadActivityAsync()).Select(line => line.Action).Where(action => action is ActivityAction.KeyRotationStarted or ActivityAction.KeyRotationEnded)
            .ShouldBe([ActivityAction.KeyRotationStarted, ActivityAction.KeyRotationEnded]);
    }

    [Fact]
    public async Task Run_NoVersionIsRaised_SoThatNobodysEditIsRefused()
    {
        await using var db = _portal.OpenDatabase();
        var versions = await db.Instances.OrderBy(row => row.Number).Select(row => row.Version).ToListAsync(Token);

        await _portal.Runner().RunAsync(await _portal.BeginAsync(), Token);

        (await db.Instances.OrderBy(row => row.Number).Select(row => row.Version).ToListAsync(Token)).ShouldBe(versions);
    }

    [Fact]
    public async Task Run_StoppedBetweenTwoBatches_IsTakenUpWhereItWas()
    {
        var before = await _portal.OpenAllAsync();
        var id = await _portal.BeginAsync();
        using var stopping = new CancellationTokenSource();
        var batches = 0;
        using (_portal.Get<ChangeFeed>().Subscribe(ChangeTopic.KeyRotations, null, () =>
        {
            if (++batches == 8) stopping.Cancel();
        }))
        {
            await Should.ThrowAsync<OperationCanceledException>(() => _portal.Runner().RunAsync(id, stopping.Token));
        }

        var halfway = await _portal.ReadRotationAsync(id);
        halfway.State.ShouldBe(RotationState.Running);
        halfway.Resealed.ShouldBeInRange(1, RotationTest.Values - 1);
        halfway.ClaimedBy.ShouldBeNull("It has let go.");
        // What is sealed so far is what the row says: progress and values are one transaction.
        (await _portal.CountByPrefixAsync())[SealedHeader.PrefixOf(halfway.KeyId)].ShouldBe(halfway.Resealed);
        (await _portal.OpenAllAsync()).ShouldBe(before);

        await using var next = _portal.Another();
        (await next.Runner().FindDueAsync(Token)).ShouldBe([id]);
        await next.Runner().RunAsync(id, Token);

        (await _portal.ReadRotationAsync(id)).Resealed.ShouldBe(RotationTest.Values);
        (await next.OpenAllAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Run_TheProcessDiedWithItsLease_IsLeftUntilTheLeaseHasRunOut()
    {
        var id = await _portal.BeginAsync();
        _ = RawDatabase.Run(
            RawDatabase.FileOf(_portal.DataDirectory),
            $"UPDATE KeyRotations SET Pass = 1, ClaimedBy = '{Guid.NewGuid()}', LeaseUntil = {(_portal.Clock.GetUtcNow() + RotationRunner.Lease).UtcTicks}");

        (await _portal.Runner().FindDueAsync(Token)).ShouldBeEmpty();
        await _portal.Runner().RunAsync(id, Token);
        (await _portal.ReadRotationAsync(id)).Resealed.ShouldBe(0);

        _portal.Clock.Advance(RotationRunner.Lease);
        await _portal.Runner().RunAsync((await _portal.Runner().FindDueAsync(Token)).ShouldHaveSingleItem(), Token);
        (await _portal.ReadRotationAsync(id)).State.ShouldBe(RotationState.Done);
    }

    [Fact]
    public async Task Run_TakenOverInTheMiddle_TheFirstOneWritesNothingMore()
    {
        var id = await _portal.BeginAsync();
        var batches = 0;
        using (_portal.Get<ChangeFeed>().Subscribe(ChangeTopic.KeyRotations, null, () =>
        {
            // As another process does whose clock says that the lease has run out.
            if (++batches == 6) _ = RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), $"UPDATE KeyRotations SET ClaimedBy = '{Guid.NewGuid()}', LeaseUntil = 0");
        }))
        {
            await _portal.Runner().RunAsync(id, Token);
        }

        var left = await _portal.ReadRotationAsync(id);
        left.State.ShouldBe(RotationState.Running);
        (await _portal.CountByPrefixAsync())[SealedHeader.PrefixOf(left.KeyId)].ShouldBe(left.Resealed);
        await _portal.Runner().RunAsync(id, Token);
        (await _portal.ReadRotationAsync(id)).Resealed.ShouldBe(RotationTest.Values);
    }

    [Fact]
    public async Task Run_TwoAtOnce_OneDoesTheWork()
    {
        var before = await _portal.OpenAllAsync();
        await using var other = _portal.Another();
        var id = await _portal.BeginAsync();

        await Task.WhenAll(_portal.Runner().RunAsync(id, Token), other.Runner().RunAsync(id, Token));

        (await _portal.ReadRotationAsync(id)).Resealed.ShouldBe(RotationTest.Values);
        (await other.OpenAllAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Rotate_WhileOneRuns_AnswersWithThatOne()
    {
        var id = await _portal.BeginAsync();

        (await _portal.BeginAsync()).ShouldBe(id);
        var both = await Task.WhenAll(_portal.Get<KeyService>().RotateAsync(InstanceSeed.SureAda, Token), _portal.Get<KeyService>().RotateAsync(InstanceSeed.SureAda, Token));
        both.ShouldAllBe(result => result.Value == id);
    }

    [Fact]
    public async Task Run_AValueIsChangedMeanwhile_KeepsTheNewerOne()
    {
        var id = await _portal.BeginAsync();
        await using var db = _portal.OpenDatabase();
        var account = await db.Accounts.SingleAsync(Token);
        var steps = 0;
        using (_portal.Get<ChangeFeed>().Subscribe(ChangeTopic.KeyRotations, null, () =>
        {
            // Behind the cursor, and with the old key: what a process that has not seen the new one yet would save.
            if (++steps == 6) _ = RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), $"UPDATE Accounts SET UserSecret = '{account.UserSecret.Ciphertext}', OrganizationSecret = '{_portal.Secrets.Seal(SecretKind.OrganizationSecret, account.Id, "entered anew").Ciphertext}'");
        }))
        {
            await _portal.Runner().RunAsync(id, Token);
        }

        (await _portal.ReadRotationAsync(id)).Pass.ShouldBe(3, "The second pass finds what came behind the first one.");
        db.ChangeTracker.Clear();
        account = await db.Accounts.SingleAsync(Token);
        _portal.Secrets.Open(account.OrganizationSecretOf).ShouldBe("entered anew");
        _portal.Secrets.Open(account.UserSecretOf).ShouldBe("user-secret");
        (await _portal.CountByPrefixAsync()).Keys.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Run_ChangedBetweenReadingAndWriting_IsLeftAndFoundByTheNextPass()
    {
        var id = await _portal.BeginAsync();
        var file = RawDatabase.FileOf(_portal.DataDirectory);
        await using var db = _portal.OpenDatabase();
        var (first, second) = ((await db.Instances.OrderBy(row => row.Number).FirstAsync(Token)).Id, (await db.Instances.OrderBy(row => row.Number).Skip(1).FirstAsync(Token)).Id);
        var old = (await db.Instances.SingleAsync(row => row.Id == first, Token)).Token.Ciphertext;
        // A trigger that fires between the read and the update of the next row stands for the other writer.
        _ = RawDatabase.Run(file, $"CREATE TRIGGER Meanwhile BEFORE UPDATE OF Token ON Instances WHEN old.Id = '{first.ToString().ToUpperInvariant()}' AND old.Token = '{old}' BEGIN UPDATE Instances SET Token = Token || 'x' WHERE Id = '{second.ToString().ToUpperInvariant()}'; END");

        await _portal.Runner(batch: 100).RunAsync(id, Token);

        var rotation = await _portal.ReadRotationAsync(id);
        rotation.Newer.ShouldBe(1);
        // What the other writer left does not open, and is left as it is.
        rotation.Unreadable.ShouldBe(1);
    }

    [Fact]
    public async Task Run_ValuesThatDoNotOpen_AreListedAndLeftAsTheyAre()
    {
        var file = RawDatabase.FileOf(_portal.DataDirectory);
        _ = RawDatabase.Run(file, "UPDATE Accounts SET UserSecret = 'garbage'; UPDATE Instances SET Token = substr(Token, 1, length(Token) - 4) || 'AAAA' WHERE PlatformId IN (1003, 1020); UPDATE Attempts SET SealedConfiguration = '{broken' WHERE Code IS NOT NULL");
        var token = RawDatabase.Run(file, "SELECT Token FROM Instances WHERE PlatformId = 1020");

        var id = await _portal.BeginAsync();
        await _portal.Runner().RunAsync(id, Token);

        var rotation = await _portal.ReadRotationAsync(id);
        (rotation.State, rotation.Unreadable, rotation.Resealed).ShouldBe((RotationState.Done, 4L, RotationTest.Values - 4));
        RawDatabase.Run(file, "SELECT UserSecret FROM Accounts").ShouldBe("garbage");
        RawDatabase.Run(file, "SELECT Token FROM Instances WHERE PlatformId = 1020").ShouldBe(token);
        RawDatabase.Run(file, "SELECT SealedConfiguration FROM Attempts WHERE Code IS NOT NULL").ShouldBe("{broken");
        var overview = (await Keys.FindAsync(InstanceSeed.Ada, Token)).Value;
        overview.Quarantined.ShouldBe(4);
        overview.Quarantine.Select(entry => (entry.Kind, entry.Name, entry.Reason)).ShouldBe(
            [
                ("UserSecret", "Staging", QuarantineReason.DoesNotOpen), ("ConfigurationValue", "API instance", QuarantineReason.NotReadable),
                ("InstanceToken", "Instance 1003", QuarantineReason.DoesNotOpen), ("InstanceToken", "Instance 1020", QuarantineReason.DoesNotOpen),
            ],
            ignoreOrder: true);

        // Entered anew, it is no longer listed.
        await using var db = _portal.OpenDatabase();
        var account = await db.Accounts.SingleAsync(Token);
        (await _portal.Accounts.SaveAsync(
            new AccountInput { Id = account.Id, Name = account.Name, BaseUrl = account.BaseUrl, UserSecret = "anew" }, Token)).Succeeded.ShouldBeTrue();
        (await Keys.FindAsync(InstanceSeed.Ada, Token)).Value.Quarantined.ShouldBe(3);
    }

    [Fact]
    public async Task Count_BeforeAndAfter_SaysHowManyTheCurrentKeyHas()
    {
        var rotation = await _portal.BeginAsync();
        var counted = (await Keys.CountAsync(InstanceSeed.Ada, Token)).Value;
        counted.Total.ShouldBe(RotationTest.Values);
        counted.Kinds.Sum(kind => kind.Current).ShouldBe(0);
        counted.Kinds.Single(kind => kind.Kind == "InstanceToken").Total.ShouldBe(RotationTest.Instances + 1);

        await _portal.Runner().RunAsync(rotation, Token);

        (await Keys.CountAsync(InstanceSeed.Ada, Token)).Value.Kinds.Where(kind => kind.Total > 0).ShouldAllBe(kind => kind.Current == kind.Total && kind.OldestKey != null);
    }

    [Fact]
    public async Task RemoveOld_TooSoonOrStillNeeded_IsRefused()
    {
        Refusal(await Keys.RemoveOldAsync(InstanceSeed.SureAda, Token)).ShouldContain("never rotated");
        await using var db = _portal.OpenDatabase();
        var old = (await db.Accounts.AsNoTracking().SingleAsync(Token)).UserSecret.Ciphertext;
        var id = await _portal.BeginAsync();
        Refusal(await Keys.RemoveOldAsync(InstanceSeed.SureAda, Token)).ShouldContain("under way");
        await _portal.Runner().RunAsync(id, Token);
        Refusal(await Keys.RemoveOldAsync(InstanceSeed.SureAda, Token)).ShouldContain("10 minutes");
        _portal.Clock.Advance(KeyService.KeepOldKeys);
        _ = RawDatabase.Run(RawDatabase.FileOf(_portal.DataDirectory), $"UPDATE Accounts SET UserSecret = '{old}'");

        Refusal(await Keys.RemoveOldAsync(InstanceSeed.SureAda, Token)).ShouldContain("still sealed with an old key and would be lost (1)");
        (await _portal.OpenAllAsync()).Count.ShouldBe(RotationTest.Values - 1);
    }

    [Fact]
    public async Task RemoveOld_EverythingIsSealedAnew_RemovesThemAndNothingElse()
    {
        var before = await _portal.OpenAllAsync();
        var cookie = _portal.Get<PortalKeyRing>().CreateProtector("cookies").Protect([1, 2, 3]);
        await _portal.Runner().RunAsync(await _portal.BeginAsync(), Token);
        _portal.Clock.Advance(KeyService.KeepOldKeys);

        (await Keys.RemoveOldAsync(InstanceSeed.SureAda, Token)).Value.ShouldBe(1);

        (await _portal.OpenAllAsync()).ShouldBe(before);
        Should.Throw<System.Security.Cryptography.CryptographicException>(() => _portal.Get<PortalKeyRing>().CreateProtector("cookies").Unprotect(cookie));
        await using var restarted = _portal.Another();
        (await restarted.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        (await restarted.OpenAllAsync()).ShouldBe(before);
        Refusal(await Keys.RemoveOldAsync(InstanceSeed.SureAda, Token)).ShouldContain("no key older");
    }

    private static string Refusal<T>(Result<T> result) => result.Problems.ShouldHaveSingleItem().Message;
}
