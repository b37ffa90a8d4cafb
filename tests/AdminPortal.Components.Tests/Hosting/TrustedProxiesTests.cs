using System.Net;
using AdminPortal.Domain.Activity;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>Which address counts as the client's behind none, one and several proxies. The tests' own client is a trusted proxy: it is on this machine.</summary>
public sealed class TrustedProxiesTests : IAsyncLifetime
{
    private readonly RunningPortal _portal = new("Production", new Dictionary<string, string>
    {
        ["Portal:TrustedProxies:0"] = "10.1.0.0/16",
        ["Portal:TrustedProxies:1"] = "2001:db8:1::/48",
    });

    public ValueTask InitializeAsync() => _portal.InitializeAsync();

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Theory]
    [InlineData("203.0.113.9", "203.0.113.9")]
    [InlineData("203.0.113.9, 10.1.0.5", "203.0.113.9")]
    [InlineData("203.0.113.9, 10.1.0.5, 10.1.77.6", "203.0.113.9")]
    [InlineData("203.0.113.9:50123, 10.1.0.5", "203.0.113.9")]
    // What stands before the first untrusted address is the client's own word.
    [InlineData("192.0.2.1, 203.0.113.9, 10.1.0.5", "203.0.113.9")]
    [InlineData("10.1.9.9, 203.0.113.9, 10.1.0.5", "203.0.113.9")]
    [InlineData("127.0.0.1, 203.0.113.9, 10.1.0.5", "203.0.113.9")]
    [InlineData("nonsense, 203.0.113.9, 10.1.0.5", "203.0.113.9")]
    // A proxy that nobody has named.
    [InlineData("203.0.113.9, 198.51.100.7", "198.51.100.7")]
    [InlineData("203.0.113.9, 198.51.100.7, 10.1.0.5", "198.51.100.7")]
    [InlineData("2001:db8:ffff::1, 2001:db8:1::5", "2001:db8:ffff::1")]
    [InlineData("2001:db8:ffff::1, 2001:db8:1::5, 10.1.0.5", "2001:db8:ffff::1")]
    [InlineData("2001:db8:1::9, 2001:db8:ffff::1, 2001:db8:1::5", "2001:db8:ffff::1")]
    public async Task SignIn_BehindProxies_RecordsTheFirstUntrustedAddress(string forwarded, string recorded)
    {
        using var client = _portal.NewClient();

        using (var answer = await client.SubmitAsync("/sign-in", RunningPortal.Email, "a wrong password", ("X-Forwarded-For", forwarded))) answer.StatusCode.ShouldBe(HttpStatusCode.OK);

        await using var db = await _portal.Services.GetRequiredService<IDbContextFactory<PortalDb>>().CreateDbContextAsync(Token);
        var line = await db.Activity.Where(row => row.Action == ActivityAction.SignInRefused).OrderByDescending(row => row.Id).FirstAsync(Token);
        line.From.ShouldBe(recorded);
    }

    [Fact]
    public async Task Limits_BehindTwoProxies_AreEachClientsOwn()
    {
        using var client = _portal.NewClient();
        var count = 0;
        HttpStatusCode status;
        do
        {
            // Another spoofed beginning each time helps nobody.
            status = await AskAsync($"192.0.2.{count % 250}, 203.0.113.66, 10.1.0.5, 10.1.0.6");
        }
        while (status != HttpStatusCode.TooManyRequests && ++count < 500);

        status.ShouldBe(HttpStatusCode.TooManyRequests);
        (await AskAsync("203.0.113.67, 10.1.0.5, 10.1.0.6")).ShouldNotBe(HttpStatusCode.TooManyRequests);

        async Task<HttpStatusCode> AskAsync(string forwarded)
        {
            using var answer = await client.GetAsync("/oauth/callback", ("X-Forwarded-For", forwarded));
            return answer.StatusCode;
        }
    }

    [Theory]
    [InlineData("http", "evil.example")]
    [InlineData("http, https", "evil.example, other.example")]
    public async Task Redirects_WhateverAProxySaysOfSchemeAndHost_AreThePortalsOwn(string scheme, string host)
    {
        using var client = _portal.NewClient();

        using var answer = await client.GetAsync("/instances", ("X-Forwarded-Proto", scheme), ("X-Forwarded-Host", host));

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.OriginalString.ShouldBe($"https://{RunningPortal.Host}/sign-in?returnUrl=%2Finstances");
        answer.Headers.TryGetValues("Strict-Transport-Security", out _).ShouldBeTrue();
    }
}
