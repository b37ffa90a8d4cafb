using System.Net;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>What the portal tells logs of every level, and a collector of traces, of what comes in.</summary>
public sealed class TelemetryTests : IAsyncLifetime
{
    private readonly CollectedLog _log = new();
    private readonly RunningPortal _portal;

    public TelemetryTests() => _portal = new RunningPortal(
        "Production", new Dictionary<string, string> { ["Logging:LogLevel:Default"] = "Trace", ["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace", ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "Trace" }, log: _log);

    public ValueTask InitializeAsync() => _portal.InitializeAsync();

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Requests_WithPlantedSecrets_LeaveNoneInLogsAndTraces()
    {
        const string code = "planted-code-0001";
        const string state = "planted-state-0001-planted-state-0001-abcde";
        const string password = "planted password 0001";
        const string link = "planted-link-0001-planted-link-0001-abcdefg";
        using var traces = new RecordedActivities();
        using var client = _portal.NewClient();

        using (var callback = await client.GetAsync($"/oauth/callback?code={code}&state={state}")) callback.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        using (var failed = await client.GetAsync($"/oauth/callback?error={code}&error_description={code}&state={state}")) failed.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        using (var refused = await client.SubmitAsync("/sign-in", "ada@example.com", password)) refused.StatusCode.ShouldBe(HttpStatusCode.OK);
        using (var join = await client.GetAsync($"/join?code={link}")) join.StatusCode.ShouldBe(HttpStatusCode.OK);
        using (var setup = await client.GetAsync($"/setup?code={link}")) setup.StatusCode.ShouldBe(HttpStatusCode.OK);
        using (var feed = await client.GetAsync($"/lapses/{link}.ics")) feed.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using (var bearer = await client.GetAsync("/instances", ("Authorization", $"Bearer {code}"), ("Cookie", $"__Host-session={code}"))) bearer.StatusCode.ShouldBe(HttpStatusCode.Redirect);

        // Without what is told of the calls of this test's own client; those to platforms have a test beside their client.
        var traced = traces.Said.Where(said => !said.StartsWith("System.Net.Http", StringComparison.Ordinal)).ToArray();
        var told = _log.Lines.Concat(traced).ToArray();
        // The requests themselves are told, or this test looks at nothing.
        _log.Lines.ShouldContain(line => line.StartsWith("Debug Microsoft.AspNetCore.", StringComparison.Ordinal));
        traced.ShouldContain(said => said.Contains("Microsoft.AspNetCore.Hosting.HttpRequestIn", StringComparison.Ordinal));
        foreach (var secret in new[] { code, state, password, link })
        {
            foreach (var form in new[] { secret, Uri.EscapeDataString(secret), secret.Replace(' ', '+') })
                told.Where(line => line.Contains(form, StringComparison.Ordinal)).ShouldBeEmpty();
        }
    }
}
