using System.Security.Cryptography;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Keys;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Secret = AdminPortal.Domain.Secrets.Secret;

namespace AdminPortal.Provisioning.Tests.Keys;

/// <summary>Two processes on one database, and certificates that are exchanged while they run.</summary>
public sealed class KeyRingTests
{
    [Fact]
    public async Task Open_ValueThatAnotherProcessSealedWithANewKey_OpensAtOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        var owner = Guid.NewGuid();
        // Both have their key ring in memory by now.
        other.Secrets.Open(new Secret(SecretKind.ClientSecret, owner, portal.Secrets.Seal(SecretKind.ClientSecret, owner, "before"))).ShouldBe("before");

        for (var round = 0; round < 3; round++)
        {
            var key = portal.Get<PortalKeyRing>().CreateKey();
            var anew = portal.Secrets.Seal(SecretKind.ClientSecret, owner, "after");
            SealedHeader.KeyIdOf(anew.Ciphertext).ShouldBe(key);

            other.Secrets.Open(new Secret(SecretKind.ClientSecret, owner, anew)).ShouldBe("after");
            // And it seals with it from then on.
            SealedHeader.KeyIdOf(other.Secrets.Seal(SecretKind.ClientSecret, owner, "back").Ciphertext).ShouldBe(key);
        }
    }

    [Fact]
    public async Task Refresh_KeyOfAnotherProcess_IsTakenByTheWatch()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        var ring = other.Get<PortalKeyRing>();
        _ = ring.FindDefaultKey();
        ring.RefreshIfChanged();

        var key = portal.Get<PortalKeyRing>().CreateKey();

        ring.FindDefaultKey().ShouldNotBe(key);
        ring.RefreshIfChanged().ShouldBeTrue();
        ring.FindDefaultKey().ShouldBe(key);
        ring.RefreshIfChanged().ShouldBeFalse();
    }

    [Fact]
    public async Task Open_ValueOfAKeyThatNobodyHas_AsksTheDatabaseOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var stranger = await TestPortal.StartAsync();
        var ring = portal.Get<PortalKeyRing>();
        var foreign = stranger.Get<PortalKeyRing>().CreateProtector("x").Protect([1]);

        _ = ring.FindDefaultKey();

        Should.Throw<CryptographicException>(() => ring.CreateProtector("x").Unprotect(foreign));

        ring.Current.IsMissing(SealedHeader.KeyIdOf(foreign.AsSpan())!.Value).ShouldBeTrue();
    }

    [Fact]
    public async Task Provider_OfTheHost_IsTheOneThatFollows()
    {
        await using var portal = await TestPortal.StartAsync();

        portal.Get<IDataProtectionProvider>().ShouldBeSameAs(portal.Get<PortalKeyRing>());
    }

    [Fact]
    public async Task Wrap_CertificateExchangedWhileRunning_OpensWithTheNewOneAlone()
    {
        using var folder = new TemporaryFolder();
        var (first, second) = (TestCertificate.Write(folder.Path, "first"), TestCertificate.Write(folder.Path, "second"));
        var file = Path.Combine(folder.Path, "keyring.pfx");
        File.Copy(first, file);
        await using var portal = await RotationTest.SeedAsync(TestCertificate.Settings(file));
        _ = portal.Get<PortalKeyRing>().CreateKey();
        var before = await portal.OpenAllAsync();
        (await portal.Get<KeyService>().FindAsync(InstanceSeed.Ada, Token)).Value.NeedsWrapping.ShouldBeFalse();

        // The file is another one, and nobody has restarted anything: the former certificate is in memory.
        File.Copy(second, file, overwrite: true);
        (await portal.Get<KeyService>().FindAsync(InstanceSeed.Ada, Token)).Value.NeedsWrapping.ShouldBeTrue();
        (await portal.Get<KeyService>().WrapAsync(InstanceSeed.SureAda, Token)).Value.ShouldBe(2);

        (await portal.OpenAllAsync()).ShouldBe(before);
        var wraps = (await portal.Get<KeyService>().FindAsync(InstanceSeed.Ada, Token)).Value;
        wraps.Wraps.ShouldHaveSingleItem().Subject.ShouldBe("CN=second");
        wraps.NeedsWrapping.ShouldBeFalse();
        // A new key is wrapped by the new one as well.
        _ = portal.Get<PortalKeyRing>().CreateKey();
        await using (var alone = portal.Another(settings: TestCertificate.Settings(second)))
        {
            (await alone.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
            (await alone.OpenAllAsync()).ShouldBe(before);
            alone.Get<PortalKeyRing>().Current.Keys.ShouldAllBe(key => key.Opens);
        }

        await using var former = portal.Another(settings: TestCertificate.Settings(first));
        (await former.Get<KeyRingGuard>().CheckAsync(Token)).ShouldNotBeNull();
        (await portal.Get<KeyService>().WrapAsync(InstanceSeed.SureAda, Token)).Value.ShouldBe(0);
    }

    [Fact]
    public async Task Wrap_RingThatWasNotWrapped_IsWrapped()
    {
        using var folder = new TemporaryFolder();
        await using var portal = await RotationTest.SeedAsync();
        var before = await portal.OpenAllAsync();
        (await portal.Get<KeyService>().WrapAsync(InstanceSeed.SureAda, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("Portal:KeyRing:CertificatePath");
        var settings = TestCertificate.Settings(TestCertificate.Write(folder.Path, "first"));

        await using (var wrapping = portal.Another(settings: settings)) (await wrapping.Get<KeyWrapping>().RunAsync(Actor.Portal, Token)).Value.ShouldBe(1);

        await using var db = portal.OpenDatabase();
        (await db.KeyRing.ToListAsync(Token)).ShouldAllBe(entry => entry.Xml.Contains("EncryptedData", StringComparison.Ordinal) && !entry.Xml.Contains("masterKey", StringComparison.Ordinal));
        await using var started = portal.Another(settings: settings);
        (await started.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        (await started.OpenAllAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Wrap_FormerCertificateIsNowhere_ChangesNothing()
    {
        using var folder = new TemporaryFolder();
        var (first, second) = (TestCertificate.Write(folder.Path, "first"), TestCertificate.Write(folder.Path, "second"));
        await using var portal = await RotationTest.SeedAsync(TestCertificate.Settings(first));
        await using var other = portal.Another(settings: TestCertificate.Settings(second));

        (await other.Get<KeyWrapping>().RunAsync(Actor.Portal, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("Portal:KeyRing:PreviousCertificatePath");

        await using var again = portal.Another(settings: TestCertificate.Settings(first));
        (await again.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Refresh_WrappedByACertificateThatThisProcessDoesNotHave_GoesOnWithTheFormerRing()
    {
        using var folder = new TemporaryFolder();
        var (first, second) = (TestCertificate.Write(folder.Path, "first"), TestCertificate.Write(folder.Path, "second"));
        await using var portal = await RotationTest.SeedAsync(TestCertificate.Settings(first));
        var before = await portal.OpenAllAsync();
        await using (var other = portal.Another(settings: TestCertificate.Settings(second, previous: first)))
            (await other.Get<KeyWrapping>().RunAsync(Actor.Portal, Token)).Value.ShouldBe(1);

        portal.Get<PortalKeyRing>().RefreshIfChanged().ShouldBeFalse();

        (await portal.OpenAllAsync()).ShouldBe(before);
    }
}
