using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Tests.Storage;

public sealed class KeyRingGuardTests
{
    [Fact]
    public async Task Check_FirstStart_WritesTheKnownValueAndOpensItAgain()
    {
        await using var portal = await TestPortal.StartAsync();

        (await portal.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();

        await using var restarted = portal.Another();
        (await restarted.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        await using var db = portal.OpenDatabase();
        (await db.KeyRingCanaries.CountAsync(Token)).ShouldBe(1);
    }

    [Fact]
    public async Task Check_DatabaseFromBefore_IsJudgedByItsSecrets()
    {
        await using var portal = await TestPortal.StartAsync();
        _ = await portal.AddAccountAsync();

        (await portal.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();

        await using var db = portal.OpenDatabase();
        (await db.KeyRingCanaries.CountAsync(Token)).ShouldBe(1);
    }

    [Fact]
    public async Task Check_DatabaseFromBeforeWhoseSecretsDoNotOpen_SaysSoAndWritesNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        _ = await portal.AddAccountAsync();
        _ = RawDatabase.Run(RawDatabase.FileOf(portal.DataDirectory), "DELETE FROM KeyRing; DELETE FROM KeyRingCanary");

        await using var restarted = portal.Another();
        (await restarted.Get<KeyRingGuard>().CheckAsync(Token)).ShouldNotBeNull().ShouldContain("does not open");

        await using var db = portal.OpenDatabase();
        (await db.KeyRingCanaries.AnyAsync(Token)).ShouldBeFalse();
        (await db.KeyRing.AnyAsync(Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Check_OneSecretIsDamaged_IsNoReasonToStayAway()
    {
        await using var portal = await TestPortal.StartAsync();
        _ = await portal.AddAccountAsync();
        _ = RawDatabase.Run(RawDatabase.FileOf(portal.DataDirectory), "UPDATE Accounts SET OrganizationSecret = 'garbage'");

        (await portal.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Check_RingWrappedByACertificate_OpensWithItAlone()
    {
        using var folder = new TemporaryFolder();
        var (right, wrong) = (TestCertificate.Write(folder.Path, "right"), TestCertificate.Write(folder.Path, "wrong"));
        await using var portal = await TestPortal.StartAsync(settings: TestCertificate.Settings(right));
        (await portal.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        var account = await portal.AddAccountAsync();
        int keys;
        await using (var db = portal.OpenDatabase())
        {
            keys = await db.KeyRing.CountAsync(Token);
            (await db.KeyRing.FirstAsync(Token)).Xml.ShouldContain("EncryptedData");
        }

        // Another certificate: a sentence, and no key more.
        await using (var lost = portal.Another(settings: TestCertificate.Settings(wrong)))
        {
            var sentence = (await lost.Get<KeyRingGuard>().CheckAsync(Token)).ShouldNotBeNull();
            sentence.ShouldContain("Portal:KeyRing:CertificatePath");
            sentence.ShouldContain("AdminPortal restore");
            await using var db = lost.OpenDatabase();
            (await db.KeyRing.CountAsync(Token)).ShouldBe(keys);
        }

        // None at all.
        await using (var none = portal.Another())
            (await none.Get<KeyRingGuard>().CheckAsync(Token)).ShouldNotBeNull();

        // A new one, with the former one kept for opening.
        await using var renewed = portal.Another(settings: TestCertificate.Settings(wrong, previous: right));
        (await renewed.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        await using var last = renewed.OpenDatabase();
        renewed.Secrets.Open((await last.Accounts.SingleAsync(row => row.Id == account, Token)).OrganizationSecretOf).ShouldBe("org-secret");
    }

    [Theory]
    [InlineData("UPDATE KeyRing SET Xml = '<key id='", "damaged")]
    [InlineData("UPDATE KeyRing SET Xml = '<key/>'", "does not open")]
    [InlineData("UPDATE KeyRingCanary SET Value = 'garbage'", "does not open")]
    public async Task Check_DamagedRing_IsASentence(string sql, string expected)
    {
        await using var portal = await TestPortal.StartAsync();
        (await portal.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        _ = RawDatabase.Run(RawDatabase.FileOf(portal.DataDirectory), sql);

        await using var restarted = portal.Another();

        (await restarted.Get<KeyRingGuard>().CheckAsync(Token)).ShouldNotBeNull().ShouldContain(expected);
    }

    [Fact]
    public async Task Settings_CertificateThatDoesNotOpen_NameTheKeyToMend()
    {
        using var folder = new TemporaryFolder();
        var file = TestCertificate.Write(folder.Path, "right");
        var settings = TestCertificate.Settings(file);
        settings["Portal:KeyRing:CertificatePassword"] = "wrong";
        await using var portal = await TestPortal.StartAsync(settings: settings, prepare: false);

        Should.Throw<OptionsValidationException>(() => portal.Get<IOptions<PortalOptions>>().Value).Failures
            .ShouldHaveSingleItem().ShouldContain("Portal:KeyRing:CertificatePassword");
    }
}
