using System.Net;
using AdminPortal.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>What is turned away at the door is told, and fills nothing.</summary>
public sealed class RefusalLogTests
{
    private readonly TestClock _clock = new();
    private readonly Lines _lines = new();

    [Fact]
    public void TooMany_Flood_IsALineAMinuteWithItsNumber()
    {
        var log = new RefusalLog(_lines, _clock);
        for (var times = 0; times < 1000; times++) log.TooMany(Request());
        _lines.Texts.ShouldBe(["192.0.2.1 asked too often and was turned away: POST /join/{code}. 0 more were since the line before."]);

        // Another kind has a line of its own.
        log.Forged(Request());
        _lines.Texts.Count.ShouldBe(2);
        _lines.Texts[1].ShouldStartWith("192.0.2.1 was turned away, because what could change something brought no antiforgery token of this portal: POST /join/{code}.");

        _clock.Advance(RefusalLog.Quiet);
        log.TooMany(Request());
        _lines.Texts[2].ShouldEndWith("999 more were since the line before.");
    }

    [Fact]
    public void Forged_Address_IsToldAsTheRouteIsWrittenAndNeverWithWhatStoodInIt()
    {
        var log = new RefusalLog(_lines, _clock);

        log.Forged(Request());
        _clock.Advance(RefusalLog.Quiet);
        log.Forged(new DefaultHttpContext { Request = { Method = "POST", Path = "/planted-secret", QueryString = new QueryString("?code=planted-secret") } });

        _lines.Texts.Count.ShouldBe(2);
        _lines.Texts.ShouldAllBe(line => !line.Contains("planted-secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Door_RefusesWithoutATokenAndTooOften_IsInTheLog()
    {
        await using var portal = new RunningPortal();
        await portal.InitializeAsync();
        using var client = portal.NewSignedInClient();

        using (var forged = await client.SendAsync(HttpMethod.Post, "/instances/01a200c2-a625-783e-a623-d7eac4fc2635/token")) forged.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        portal.LogLines.ShouldContain(line => line.Contains("no antiforgery token of this portal: POST /instances/{id:guid}/token", StringComparison.Ordinal));

        var status = HttpStatusCode.OK;
        for (var tries = 0; tries < 200 && status != HttpStatusCode.TooManyRequests; tries++)
        {
            using var answer = await client.GetAsync("/oauth/callback?code=planted-secret");
            status = answer.StatusCode;
        }

        status.ShouldBe(HttpStatusCode.TooManyRequests);
        portal.LogLines.ShouldContain(line => line.Contains("203.0.113.1 asked too often and was turned away: GET /oauth/callback.", StringComparison.Ordinal));
        portal.LogLines.ShouldAllBe(line => !line.Contains("planted-secret", StringComparison.Ordinal));
    }

    private static DefaultHttpContext Request()
    {
        var context = new DefaultHttpContext { Request = { Method = "POST", Path = "/join/planted-secret" }, Connection = { RemoteIpAddress = IPAddress.Parse("192.0.2.1") } };
        context.SetEndpoint(new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse("/join/{code}"), 0, null, null));
        return context;
    }

    private sealed class Lines : ILogger<RefusalLog>
    {
        public List<string> Texts { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Texts.Add(formatter(state, exception));
    }
}
