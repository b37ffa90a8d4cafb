using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Sync;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Tests.Keys;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Provisioning.Tests.Sync;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Maintenance;

public sealed class SecretsForgettingTests
{
    [Fact]
    public async Task Run_TheCertificateIsLost_LeadsToAPortalWhoseSyncBringsTheTokensBack()
    {
        using var folder = new TemporaryFolder();
        var (lost, fresh) = (TestCertificate.Write(folder.Path, "lost"), TestCertificate.Write(folder.Path, "fresh"));
        await using var portal = await RotationTest.SeedAsync(TestCertificate.Settings(lost));
        var settings = TestCertificate.Settings(fresh);

        // The start says what can be done.
        await using (var refused = portal.Another(settings: settings))
        {
            var sentence = (await refused.Get<KeyRingGuard>().CheckAsync(Token)).ShouldNotBeNull();
            sentence.ShouldContain("a sync reads their tokens anew");
            sentence.ShouldContain("AdminPortal forget-secrets");
        }

        Forgotten forgotten;
        await using (var command = portal.Another(services => services.AddMaintenance(), settings))
        {
            var asked = new List<long>();
            forgotten = (await command.Get<SecretsForgetting>().RunAsync(
                count =>
                {
                    asked.Add(count);
                    return Task.FromResult(true);
                },
                Token)).Value;
            asked.ShouldBe([RotationTest.Values]);
        }

        // All but the two copies of the record's key and the known value, which are new.
        forgotten.Erased.ShouldBe(RotationTest.Values - 3);
        await using var started = portal.Another(settings: settings);
        (await started.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        await started.Get<ActivityKeeper>().PrepareAsync(Token);
        await using var db = started.OpenDatabase();
        (await db.KeyRing.CountAsync(Token)).ShouldBe(1);
        (await started.ReadInstancesAsync()).Count.ShouldBe(RotationTest.Instances);
        (await db.Activity.Where(line => line.Action == ActivityAction.SecretsForgotten || line.Action == ActivityAction.RecordKeyLost).CountAsync(Token)).ShouldBe(2);
        (await ActivityCheck.RunAsync(db, started.Get<ActivityKey>().Open, Token)).ShouldNotBeNull().Break.ShouldBeNull();
        // Forgetting is no manipulation, and the anchors count from here.
        started.Get<RecordStatus>().Current.Problems.ShouldBeEmpty();
        AnchorFiles.Read(AnchorFiles.BesideDatabase(started.DataDirectory)).ShouldHaveSingleItem().Anchor.ShouldNotBeNull().Reason.ShouldBe(AnchorReason.SecretsForgotten);

        // The account's secrets are entered anew, and a sync reads the tokens.
        var account = await db.Accounts.AsNoTracking().SingleAsync(Token);
        (await started.Accounts.SaveAsync(
            new AccountInput { Id = account.Id, Name = account.Name, BaseUrl = account.BaseUrl, OrganizationSecret = "org-anew", UserSecret = "user-anew" }, Token)).Succeeded.ShouldBeTrue();
        portal.Platform.OnList = (_, _) => new PlatformOutcome<PlatformInstancePage>.Success(
            new PlatformInstancePage(
                [.. Enumerable.Range(1000, RotationTest.Instances).Select(id => FakePlatform.Instance(id, $"Instance {id}", [], $"token-of-{id}"))], null),
            null);
        (await started.SyncAsync(account.Id)).State.ShouldBe(SyncState.Complete);
        var instance = (await started.ReadInstancesAsync())[0];
        started.Secrets.Open(instance.TokenOf).ShouldBe($"token-of-{instance.PlatformId}");
        (await db.ProviderApps.AsNoTracking().SingleAsync(Token)).ClientSecret.Ciphertext.ShouldBeEmpty();

        await db.DisposeAsync();
        // The copy opens with the certificate, should it turn up.
        RawDatabase.Release(portal.DataDirectory);
        await using (var restoring = portal.Another(services => services.AddMaintenance(), TestCertificate.Settings(lost)))
            (await restoring.Get<RestoreService>().RestoreAsync(forgotten.Kept, _ => Task.FromResult(true), Token)).Problems.ShouldBeEmpty();
        await using var found = portal.Another(settings: TestCertificate.Settings(lost));
        (await found.OpenAllAsync()).Count.ShouldBe(RotationTest.Values - 1);
    }

    [Fact]
    public async Task Run_TheKeyRingOpensOrAPortalRuns_ChangesNothing()
    {
        await using var portal = await RotationTest.SeedAsync();
        await using var command = portal.Another(services => services.AddMaintenance());
        (await command.Get<SecretsForgetting>().RunAsync(_ => Task.FromResult(true), Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("no secret is lost");
        using var mark = PortalMark.Share(portal.DataDirectory);
        (await command.Get<SecretsForgetting>().RunAsync(_ => Task.FromResult(true), Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("A portal runs");

        (await portal.OpenAllAsync()).Count.ShouldBe(RotationTest.Values - 1);
    }

    [Fact]
    public async Task Run_ThePersonSaysNo_ChangesNothing()
    {
        using var folder = new TemporaryFolder();
        await using var portal = await RotationTest.SeedAsync(TestCertificate.Settings(TestCertificate.Write(folder.Path, "lost")));
        await using var command = portal.Another(services => services.AddMaintenance());

        (await command.Get<SecretsForgetting>().RunAsync(_ => Task.FromResult(false), Token)).Succeeded.ShouldBeFalse();

        Directory.GetFiles(portal.DataDirectory, "*before-forgetting*").ShouldBeEmpty();
        (await portal.OpenAllAsync()).Count.ShouldBe(RotationTest.Values - 1);
    }
}
