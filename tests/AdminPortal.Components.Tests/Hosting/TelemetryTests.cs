using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>What the portal tells logs of every level, and a collector of traces, of what comes in.</summary>
public sealed class TelemetryTests : IAsyncLifetime
{
    private readonly LoudPortal _portal = new();

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

        var told = _portal.Logged.Concat(traces.Said).ToArray();
        // The requests themselves are told, or this test looks at nothing.
        _portal.Logged.ShouldContain(line => line.Contains("/oauth/callback", StringComparison.Ordinal));
        traces.Said.ShouldContain(said => said.Contains("/oauth/callback", StringComparison.Ordinal));
        foreach (var secret in new[] { code, state, password, link })
        {
            foreach (var form in new[] { secret, Uri.EscapeDataString(secret), secret.Replace(' ', '+') })
                told.Where(line => line.Contains(form, StringComparison.Ordinal)).ShouldBeEmpty();
        }
    }

    /// <summary>A portal that logs everything.</summary>
    private sealed class LoudPortal() : RunningPortal("Production", new Dictionary<string, string> { ["Logging:LogLevel:Default"] = "Trace" })
    {
        private readonly Kept _kept = new();

        public IReadOnlyCollection<string> Logged => _kept.Lines;

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureLogging(logging => logging.AddProvider(_kept));
        }
    }

    /// <summary>Keeps every line with what belongs to it: category, values, exception and scopes.</summary>
    private sealed class Kept : ILoggerProvider, ISupportExternalScope
    {
        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Line(this, categoryName);

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public void Dispose()
        {
            // Nothing is held.
        }

        private sealed class Line(Kept kept, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => kept._scopes.Push(state);

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                var words = new List<string> { category, formatter(state, exception), exception?.ToString() ?? "" };
                if (state is IEnumerable<KeyValuePair<string, object?>> values) words.AddRange(values.Select(value => $"{value.Key}={value.Value}"));
                kept._scopes.ForEachScope((scope, all) => all.Add(scope is IEnumerable<KeyValuePair<string, object?>> more ? string.Join(' ', more.Select(value => $"{value.Key}={value.Value}")) : scope?.ToString() ?? ""), words);
                kept.Lines.Enqueue(string.Join(' ', words));
            }
        }
    }
}
