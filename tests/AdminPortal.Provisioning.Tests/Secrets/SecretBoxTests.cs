using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Secrets;

public sealed class SecretBoxTests
{
    private static readonly Guid Row = Guid.NewGuid();

    [Theory]
    [InlineData("client-secret")]
    [InlineData("")]
    [InlineData("ü+/= \n\u20ac")]
    public async Task Open_WhatWasSealed_GivesItBack(string value)
    {
        await using var portal = await TestPortal.StartAsync();

        foreach (var kind in Enum.GetValues<SecretKind>())
        {
            var sealedValue = portal.Secrets.Seal(kind, Row, value);

            portal.Secrets.Open(new Secret(kind, Row, sealedValue)).ShouldBe(value);
            if (value.Length > 0) sealedValue.Ciphertext.ShouldNotContain(value);
        }
    }

    [Fact]
    public async Task Open_AsAnyOtherKind_IsUnreadable()
    {
        await using var portal = await TestPortal.StartAsync();

        foreach (var kind in Enum.GetValues<SecretKind>())
        {
            var sealedValue = portal.Secrets.Seal(kind, Row, "value");
            foreach (var other in Enum.GetValues<SecretKind>().Where(other => other != kind))
                _ = Should.Throw<SecretUnreadableException>(() => portal.Secrets.Open(new Secret(other, Row, sealedValue)));
        }
    }

    [Fact]
    public async Task Open_InAnotherRow_IsUnreadable()
    {
        await using var portal = await TestPortal.StartAsync();
        var sealedValue = portal.Secrets.Seal(SecretKind.ClientSecret, Row, "value");

        _ = Should.Throw<SecretUnreadableException>(() => portal.Secrets.Open(new Secret(SecretKind.ClientSecret, Guid.NewGuid(), sealedValue)));
    }

    [Fact]
    public async Task Open_ForAnotherOrigin_IsUnreadable()
    {
        await using var portal = await TestPortal.StartAsync();
        foreach (var kind in Enum.GetValues<SecretKind>().Where(kind => kind.IsSent()))
        {
            var secret = new Secret(kind, Row, portal.Secrets.Seal(kind, Row, StagingSecrets.Origin, "value"));

            foreach (var other in new[] { "https://evil.example", "http://staging.cloud-elements.com", "https://staging.cloud-elements.com:8443" })
                _ = Should.Throw<SecretUnreadableException>(() => portal.Secrets.Open(secret, SecretOrigin.Of(other)));
        }
    }

    [Fact]
    public async Task Seal_SentForNowhereOrNotSentForAnOrigin_Throws()
    {
        await using var portal = await TestPortal.StartAsync();
        foreach (var kind in Enum.GetValues<SecretKind>().Where(kind => kind != SecretKind.ClientSecret))
            _ = Should.Throw<ArgumentException>(() => portal.Secrets.Seal(kind, Row, kind.IsSent() ? SecretOrigin.Nowhere : StagingSecrets.Origin, "value"));
    }

    [Fact]
    public async Task Open_SealedByTheFirstRelease_IsUnreadable()
    {
        await using var portal = await TestPortal.StartAsync();
        foreach (var kind in Enum.GetValues<SecretKind>())
            _ = Should.Throw<SecretUnreadableException>(() => portal.Secrets.Open(new Secret(kind, Row, new Sealed(portal.SealFormer(kind, Row, "value")))));
    }

    [Fact]
    public void StoredName_EveryKind_IsAsItWasStored() => Enum.GetValues<SecretKind>().Select(kind => kind.StoredName()).ShouldBe(
        ["OrganizationSecret", "UserSecret", "ClientSecret", "ConfigurationValue", "OAuthUrl", "OAuthCode", "InstanceToken", "ActivityKey", "AuthenticatorKey"]);

    [Fact]
    public async Task Open_WithAnotherKeyRing_IsUnreadable()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var stranger = await TestPortal.StartAsync();
        var sealedValue = portal.Secrets.Seal(SecretKind.ClientSecret, Row, "value");

        _ = Should.Throw<SecretUnreadableException>(() => stranger.Secrets.Open(new Secret(SecretKind.ClientSecret, Row, sealedValue)));
    }

    [Fact]
    public async Task Open_AfterARestart_StillOpens()
    {
        await using var portal = await TestPortal.StartAsync();
        var sealedValue = portal.Secrets.Seal(SecretKind.ClientSecret, Row, "value");
        await using var restarted = portal.Another();

        restarted.Secrets.Open(new Secret(SecretKind.ClientSecret, Row, sealedValue)).ShouldBe("value");
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("not base64 at all !!")]
    [InlineData("AAAA")]
    [InlineData("CfDJ8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Open_Rubbish_IsUnreadable(string ciphertext)
    {
        await using var portal = await TestPortal.StartAsync();

        var thrown = Should.Throw<SecretUnreadableException>(() => portal.Secrets.Open(new Secret(SecretKind.ClientSecret, Row, new Sealed(ciphertext))));

        thrown.Message.ShouldContain(Row.ToString());
    }

    [Fact]
    public async Task Open_OneCharacterChanged_IsUnreadable()
    {
        await using var portal = await TestPortal.StartAsync();
        var text = portal.Secrets.Seal(SecretKind.ClientSecret, Row, "value").Ciphertext;
        var damaged = text[..60] + (text[60] == 'A' ? 'B' : 'A') + text[61..];

        _ = Should.Throw<SecretUnreadableException>(() => portal.Secrets.Open(new Secret(SecretKind.ClientSecret, Row, new Sealed(damaged))));
    }

    [Fact]
    public void ToString_Sealed_IsStars()
    {
        var value = new Sealed("ciphertext");

        value.ToString().ShouldBe("***");
        new Secret(SecretKind.ClientSecret, Row, value).ToString().ShouldNotContain("ciphertext");
        $"{value}".ShouldBe("***");
    }
}
