using System.Text.Json.Nodes;
using AdminPortal.Domain;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Platform;

/// <summary>The calls of an instance's pages, on the wire.</summary>
public sealed class PlatformClientInstanceTests
{
    private const string Base = "https://api.cloud-elements.com/elements/api-v2/";
    private static readonly Secret ElementToken = new(SecretKind.InstanceToken, Guid.NewGuid(), new Sealed("element+token/="));

    [Theory]
    [InlineData("""{"dateTime":"2026-03-01T12:00:00Z","endpoint":"infusionsoftrest"}""", null)]
    [InlineData("""{"dateTime":"2026-03-01T12:00:00Z","endpoint":"infusionsoftrest","valid":true}""", true)]
    [InlineData("""{"valid":false}""", false)]
    public async Task PingAsync_Answer_SendsTheElementTokenAndReadsValid(string body, bool? valid)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(body));

        var pong = (await client.Platform.PingAsync(client.Account, ElementToken, Token)).ShouldBeOfType<PlatformOutcome<PlatformPong>.Success>();

        pong.Value.IsValid.ShouldBe(valid);
        var request = client.Handler.Requests.ShouldHaveSingleItem();
        request.Method.ShouldBe(HttpMethod.Get);
        request.Url.ShouldBe(Base + "ping");
        request.Headers["Authorization"].ShouldBe("User user+secret/=, Organization 0123abcd, Element element+token/=");
    }

    [Fact]
    public async Task GetConfigurationAsync_Entries_ReadsThemTolerantly()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("""
            [ { "id": 991, "key": "event.notification.enabled", "name": "Enable/Disable\u0007Event", "propertyValue": "false", "type": "BOOLEAN", "required": false,
                "hideFromConsole": true, "active": true, "description": "What it is for" },
              { "id": "992", "key": "oauth.api.secret", "propertyValue": "********", "type": "PASSWORD", "required": true },
              { "id": 993, "key": "pagination.max", "propertyValue": 100 },
              { "id": 994, "key": "event.notification.subscription.id", "propertyValue": null } ]
            """));

        var outcome = await client.Platform.GetConfigurationAsync(client.Account, 12345, Token);

        var entries = outcome.ShouldBeOfType<PlatformOutcome<IReadOnlyList<InstanceConfigurationEntry>>.Success>().Value;
        entries[0].ShouldBe(new InstanceConfigurationEntry(991, "event.notification.enabled", "Enable/Disable Event", "false", "BOOLEAN", false, true, "What it is for"));
        entries[1].ShouldBe(new InstanceConfigurationEntry(992, "oauth.api.secret", null, "********", "PASSWORD", true, false, null));
        entries[1].IsMasked.ShouldBeTrue();
        entries[2].Value.ShouldBe("100");
        entries[3].Value.ShouldBeNull();
        var request = client.Handler.Requests.ShouldHaveSingleItem();
        request.Method.ShouldBe(HttpMethod.Get);
        request.Url.ShouldBe(Base + "instances/12345/configuration");
    }

    [Theory]
    [InlineData("""[{"key":"no.id"}]""")]
    [InlineData("""[{"id":1}]""")]
    [InlineData("""[null]""")]
    [InlineData("null")]
    public async Task GetConfigurationAsync_EntryWithoutIdOrKey_IsUnreadable(string body)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(body));

        (await client.Platform.GetConfigurationAsync(client.Account, 12345, Token))
            .ShouldBeOfType<PlatformOutcome<IReadOnlyList<InstanceConfigurationEntry>>.Unknown>().Reason.ShouldBe(UnclearReason.Unreadable);
    }

    [Fact]
    public async Task SetConfigurationAsync_Value_PatchesThatEntry()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("""{"id":991,"key":"pagination.max","propertyValue":"200","type":"TEXTFIELD_32"}"""));

        var outcome = await client.Platform.SetConfigurationAsync(client.Account, 12345, 991, "200 \"quoted\"", Token);

        outcome.ShouldBeOfType<PlatformOutcome<InstanceConfigurationEntry>.Success>().Value.Value.ShouldBe("200");
        var request = client.Handler.Requests.ShouldHaveSingleItem();
        request.Method.ShouldBe(HttpMethod.Patch);
        request.Url.ShouldBe(Base + "instances/12345/configuration/991");
        request.Body.ShouldNotBeNull().ShouldBeJson("""{ "propertyValue": "200 \"quoted\"" }""");
    }

    [Fact]
    public async Task SetConfigurationAsync_ServerError_IsNotRepeated()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("{}", System.Net.HttpStatusCode.InternalServerError));

        _ = (await client.Platform.SetConfigurationAsync(client.Account, 12345, 991, "x", Token)).ShouldBeOfType<PlatformOutcome<InstanceConfigurationEntry>.Unknown>();

        _ = client.Handler.Requests.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task ConfigureAsync_Entries_PatchesTheInstanceWithThemAlone()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("""{"id":12345,"configuration":{"event.notification.enabled":"false","event.poller.configuration":{"contacts":{"url":"/x"}}}}"""));

        var outcome = await client.Platform.ConfigureAsync(client.Account, 12345, new JsonObject { ["event.notification.enabled"] = false }, Token);

        var configuration = outcome.ShouldBeOfType<PlatformOutcome<PlatformInstance>.Success>().Value.Configuration;
        configuration["event.notification.enabled"].ShouldBe("false");
        configuration["event.poller.configuration"].ShouldNotBeNull().ShouldBeJson("""{"contacts":{"url":"/x"}}""");
        var request = client.Handler.Requests.ShouldHaveSingleItem();
        request.Method.ShouldBe(HttpMethod.Patch);
        request.Url.ShouldBe(Base + "instances/12345");
        request.Body.ShouldNotBeNull().ShouldBeJson("""{ "configuration": { "event.notification.enabled": false } }""");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CreateAsync_SignatureKey_IsSentWithEventsThatAreOn(bool enabled)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("""{"id":12345,"token":"t"}"""));
        var events = new EventSettings { Enabled = enabled, CallbackUrl = "https://hooks.example.com/x", Resources = ["contacts"] };
        var instance = TestClient.NewInstance(ElementKey.Rest, events) with
        {
            SecretConfiguration = new Dictionary<string, Secret> { [SignatureKey.Key] = new(SecretKind.ConfigurationValue, Guid.NewGuid(), new Sealed("sign-it")) },
        };

        _ = await client.Platform.CreateAsync(client.Account, instance, Token);

        var configuration = JsonNode.Parse(client.Handler.Requests.ShouldHaveSingleItem().Body!)!["configuration"]!.AsObject();
        configuration.ContainsKey(SignatureKey.Key).ShouldBe(enabled);
        if (enabled) configuration[SignatureKey.Key]!.GetValue<string>().ShouldBe("sign-it");
    }

    [Theory]
    [InlineData(45, "PUT", """{"duration":45}""")]
    [InlineData(null, "DELETE", null)]
    public async Task SetTraceLoggingAsync_OnOrOff_IsPutOrDelete(int? minutes, string method, string? body)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Raw([], null));

        _ = (await client.Platform.SetTraceLoggingAsync(client.Account, 12345, minutes, Token)).ShouldBeOfType<PlatformOutcome<Done>.Success>();

        var request = client.Handler.Requests.ShouldHaveSingleItem();
        request.Method.Method.ShouldBe(method);
        request.Url.ShouldBe(Base + "instances/12345/trace-logging");
        if (body is null) request.Body.ShouldBeNull();
        else request.Body.ShouldNotBeNull().ShouldBeJson(body);
    }

    [Fact]
    public async Task GetAsync_Instance_ReadsWhatACheckNeeds()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("""
            {"id":12345,"token":"t","valid":false,"disabled":true,"traceLoggingEnabled":true,"element":{"key":"infusionsoftcrm"},
             "configuration":{"oauth.user.refresh_time":"1436369668710","oauth.user.refresh_interval":"28800","infusionsoft.server":"https://dt123.infusionsoft.com"}}
            """));

        var instance = (await client.Platform.GetAsync(client.Account, 12345, Token)).ShouldBeOfType<PlatformOutcome<PlatformInstance>.Success>().Value;

        instance.IsValid.ShouldBe(false);
        instance.IsDisabled.ShouldBe(true);
        instance.IsTraced.ShouldBe(true);
        instance.RefreshedAt.ShouldBe(DateTimeOffset.FromUnixTimeMilliseconds(1436369668710));
        instance.RefreshIntervalSeconds.ShouldBe(28800);
        instance.AccountServer.ShouldBe("dt123.infusionsoft.com");
    }
}
