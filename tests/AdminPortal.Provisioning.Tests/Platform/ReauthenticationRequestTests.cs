using System.Net;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Platform;

/// <summary>What the client sends to authorize an instance anew.</summary>
public sealed class ReauthenticationRequestTests
{
    [Fact]
    public async Task ReauthenticateAsync_Whole_IsOnePutWithCodeConfigurationAndTags()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("""{"id":12345,"name":"API Instance","token":"new=","disabled":true,"configuration":{"oauth.user.refresh_time":"1436369668710"}}"""));

        var outcome = await client.Platform.ReauthenticateAsync(client.Account, 12345, New(), Token);

        var success = outcome.ShouldBeOfType<PlatformOutcome<PlatformInstance>.Success>();
        success.Value.Token.ShouldBe("new=");
        success.Value.IsDisabled.ShouldBe(true);
        success.Value.RefreshedAt.ShouldBe(DateTimeOffset.FromUnixTimeMilliseconds(1436369668710));
        var request = client.Handler.Requests.ShouldHaveSingleItem();
        request.Method.ShouldBe(HttpMethod.Put);
        request.Url.ShouldBe("https://api.cloud-elements.com/elements/api-v2/instances/12345?reAuthenticate=true");
        request.Headers["Authorization"].ShouldBe("User user+secret/=, Organization 0123abcd");
        request.ContentType.ShouldBe("application/json");
        request.Body!.ShouldBeJson("""
            { "name": "API Instance", "element": { "key": "infusionsoftcrm" },
              "providerData": { "code": "evcfr8vfne4smad3nbnw652e" },
              "configuration": {
                "infusionsoft.server": "dt123.infusionsoft.com", "filter.response.nulls": "true",
                "infusionsoft.private.key": "47d-key",
                "oauth.callback.url": "https://portal.example.com/oauth/callback",
                "oauth.api.key": "client+id", "oauth.api.secret": "client & secret" },
              "tags": ["docs", "portal:1"] }
            """);
        request.Body!.ShouldNotContain("****");
        request.Body!.ShouldNotContain("oauth.user.");
    }

    [Fact]
    public async Task ReauthenticateAsync_TagsNotKnown_LeavesThemOut()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("""{"id":12345}"""));

        _ = await client.Platform.ReauthenticateAsync(client.Account, 12345, New() with { Tags = null }, Token);

        client.Handler.Requests.Single().Body!.ShouldNotContain("tags");
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task ReauthenticateAsync_TurnedAwayOrBroken_IsNeverRepeated(int status)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("""{"message":"later"}""", (HttpStatusCode)status));

        (await client.Platform.ReauthenticateAsync(client.Account, 12345, New(), Token)).ShouldNotBeOfType<PlatformOutcome<PlatformInstance>.Success>();

        _ = client.Handler.Requests.ShouldHaveSingleItem();
    }

    [Fact]
    public void ToString_Reauthentication_PrintsNoConfiguration() => New().ToString().ShouldBe("Reauthentication infusionsoftcrm");

    private static Reauthentication New() => new(
        ElementKey.Crm,
        "API Instance",
        "https://portal.example.com/oauth/callback",
        TestClient.NewApp(),
        new Secret(SecretKind.OAuthCode, Guid.NewGuid(), new Sealed("evcfr8vfne4smad3nbnw652e")),
        new Dictionary<string, string> { [ElementCatalog.ServerKey] = "dt123.infusionsoft.com", ["filter.response.nulls"] = "true" },
        new Dictionary<string, Secret> { [ElementCatalog.EncryptedKeyKey] = new(SecretKind.ConfigurationValue, Guid.NewGuid(), new Sealed("47d-key")) })
    {
        Tags = ["docs", "portal:1"],
    };
}
