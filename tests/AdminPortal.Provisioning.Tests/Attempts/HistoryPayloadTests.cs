using System.Text.Json.Nodes;
using AdminPortal.Domain.Attempts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Attempts;

public sealed class HistoryPayloadTests
{
    private static readonly string[] Planted =
    [
        TestPortal.Code, TestPortal.EncryptedKey, "client-secret", "org-secret", "user-secret", "element-token", "new-element-token",
        "provider-access-token", "provider-refresh-token", "planted-password",
    ];

    [Fact]
    public async Task ExchangeAsync_Created_KeepsBothBodiesWithoutASecret()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();

        await portal.Provisioner.ExchangeAsync(id);
        await portal.Provisioner.VerifyAsync(id, Token);

        var attempt = await portal.ReadAttemptAsync(id);
        ShouldHoldNoSecret(attempt);
        var answered = attempt.History.Single(line => line.Event == AttemptEvent.Answered);
        answered.RequestId.ShouldBe("create-1");
        _ = answered.DurationMilliseconds.ShouldNotBeNull();
        JsonNode.Parse(answered.Sent!)!["name"]!.GetValue<string>().ShouldBe("API instance");
        answered.Sent!.ShouldContain("***");
        JsonNode.Parse(answered.Received!)!["token"]!.GetValue<string>().ShouldBe("***");
    }

    [Fact]
    public async Task ExchangeAsync_AuthorizedAnew_KeepsBothBodiesWithoutASecret()
    {
        await using var portal = await TestPortal.StartAsync();
        var instance = await portal.ConnectAsync();
        var configuration = Reauthentications.Configuration(portal.Clock.GetUtcNow());
        configuration["some.password"] = "planted-password";
        portal.Platform.OnGet = platformId => Reauthentications.Tell(platformId, configuration);
        var id = await portal.ReceiveAgainAsync(instance);

        await portal.Provisioner.ExchangeAsync(id);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Active);
        // It goes back to the platform, so that a PUT that replaces everything keeps it; it is not shown.
        portal.Platform.Reauthenticated.ShouldHaveSingleItem().Sent.Configuration["some.password"].ShouldBe("planted-password");
        ShouldHoldNoSecret(attempt);
        _ = attempt.History.Single(line => line.Event == AttemptEvent.Answered).Sent.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("busy")]
    [InlineData("unreachable")]
    [InlineData("unknown")]
    public async Task ExchangeAsync_AnythingElse_KeepsWhatCameWithinItsBounds(string how)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        var endless = new string('é', 20_000);
        portal.Platform.OnCreate = _ => Task.FromResult<PlatformOutcome<PlatformInstance>>(how switch
        {
            "refused" => new PlatformOutcome<PlatformInstance>.Refused(400, endless, endless, endless, null),
            "busy" => new PlatformOutcome<PlatformInstance>.Refused(429, endless, null, endless, TimeSpan.FromSeconds(5)),
            "unreachable" => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.Tls),
            _ => new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.ServerError, 502, endless, endless),
        });

        await portal.Provisioner.ExchangeAsync(id);

        var attempt = await portal.ReadAttemptAsync(id);
        ShouldHoldNoSecret(attempt);
        var line = attempt.History.Single(entry => entry.Event is AttemptEvent.Refused or AttemptEvent.PutBack or AttemptEvent.AnswerLost);
        line.Sent.ShouldNotBeNull().Length.ShouldBeLessThanOrEqualTo(AttemptHistoryEntry.MaxPayloadLength);
        line.Received.ShouldNotBeNull().Length.ShouldBeLessThanOrEqualTo(AttemptHistoryEntry.MaxPayloadLength);
        (line.RequestId?.Length ?? 0).ShouldBeLessThanOrEqualTo(AttemptEnding.MaxRequestIdLength);
        (attempt.Ending!.Message?.Length ?? 0).ShouldBeLessThanOrEqualTo(AttemptEnding.MaxMessageLength);
    }

    [Fact]
    public async Task ExchangeAsync_AVeryLargeBody_IsCut()
    {
        await using var portal = await TestPortal.StartAsync();
        var instance = await portal.ConnectAsync();
        var configuration = Reauthentications.Configuration(portal.Clock.GetUtcNow());
        for (var i = 0; i < 1000; i++) configuration[$"some.long.key.{i}"] = "value";
        portal.Platform.OnGet = platformId => Reauthentications.Tell(platformId, configuration);
        var id = await portal.ReceiveAgainAsync(instance);

        await portal.Provisioner.ExchangeAsync(id);

        (await portal.ReadAttemptAsync(id)).History.Single(line => line.Event == AttemptEvent.Answered).Sent!.Length.ShouldBe(AttemptHistoryEntry.MaxPayloadLength);
    }

    private static void ShouldHoldNoSecret(ProvisioningAttempt attempt)
    {
        foreach (var text in attempt.History.SelectMany(line => new[] { line.Detail, line.Sent, line.Received }).OfType<string>())
        {
            foreach (var secret in Planted) text.ShouldNotContain(secret, Case.Sensitive);
        }
    }
}
