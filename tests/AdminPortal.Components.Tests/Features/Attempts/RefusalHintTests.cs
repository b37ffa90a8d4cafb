using AdminPortal.Domain.Attempts;
using AdminPortal.Features.Attempts;

namespace AdminPortal.Components.Tests.Features.Attempts;

public sealed class RefusalHintTests : PortalTest
{
    [Theory]
    [InlineData(401, "Invalid Organization or User secret", null, "Check both in the platform account.")]
    [InlineData(400, "Missing required configuration: infusionsoft.private.key", null, "The message names infusionsoft.private.key.")]
    [InlineData(400, "Bad", "no such INFUSIONSOFT.SERVER", "The message names infusionsoft.server.")]
    [InlineData(400, "Missing oauth.api.key", null, "points to the provider app")]
    [InlineData(400, "unknown client", null, "points to the provider app")]
    [InlineData(400, "invalid_grant", null, "points to the consent itself")]
    [InlineData(400, "The code was used before", null, "points to the consent itself")]
    public async Task RefusalHint_PlatformsWords_PointToTheField(int status, string message, string? providerMessage, string expected)
    {
        var id = await AddAttemptAsync(AttemptState.Failed, new AttemptEnding(EndingReason.Refused, status, message, providerMessage));

        Render<AttemptPage>(page => page.Add(p => p.AttemptId, id)).Words().ShouldContain(expected);
    }

    [Fact]
    public async Task RefusalHint_BothFields_NamesBoth()
    {
        var id = await AddAttemptAsync(AttemptState.Failed, new AttemptEnding(EndingReason.Refused, 400, "infusionsoft.server and infusionsoft.private.key are wrong"));

        RefusalHint.Find(await ReadAttemptAsync(id)).ShouldBe(new RefusalHint(RefusalHintKind.Field, "infusionsoft.server, infusionsoft.private.key"));
    }

    [Theory]
    [InlineData(EndingReason.Refused, "No.")]
    [InlineData(EndingReason.Busy, "client")]
    [InlineData(EndingReason.ProviderError, "invalid_client")]
    public async Task RefusalHint_WordsThatTellNothingOrAnotherReason_NoHint(EndingReason reason, string message)
    {
        var id = await AddAttemptAsync(AttemptState.Failed, new AttemptEnding(reason, 400, message));

        RefusalHint.Find(await ReadAttemptAsync(id)).ShouldBeNull();
    }
}
