using System.Net.Sockets;
using System.Text;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Tests.Attempts;

/// <content>The lookups and requests of the checks.</content>
public sealed partial class PreflightTests
{
    [Fact]
    public async Task DnsNameLookup_SwitchedOff_AsksNobody()
    {
        var lookup = new DnsNameLookup(Options.Create(new PortalOptions { Preflight = new PreflightOptions { LookUpNames = false } }), new TestClock());

        (await lookup.LookUpAsync("localhost", Token)).ShouldBe(NameAnswer.NotAsked);
    }

    [Theory]
    [InlineData("localhost", NameAnswer.Known)]
    [InlineData("a..b", NameAnswer.NoAnswer)]
    public async Task DnsNameLookup_WithoutANetwork_AnswersWhatItKnows(string host, NameAnswer answer)
    {
        var lookup = new DnsNameLookup(Options.Create(new PortalOptions()), new TestClock());

        var told = await lookup.LookUpAsync(host, Token);

        // A name that is none: some resolvers say so, others that they cannot tell.
        if (answer == NameAnswer.Known) told.ShouldBe(answer);
        else told.ShouldBeOneOf(NameAnswer.NoAnswer, NameAnswer.Unknown);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task HttpCallbackProbe_Answers_AreToldApart(string answer, ProbeAnswer expected)
    {
        await using var server = new LoopbackServer((stream, stop) => stream.WriteAsync(Encoding.ASCII.GetBytes(answer), stop).AsTask());

        (await ProbeAsync(server.Url)).ShouldBe(expected);
        server.Requests.ShouldBe(1);
    }

    [Fact]
    public async Task HttpCallbackProbe_NobodyThere_IsNoAnswer()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        (await ProbeAsync($"http://127.0.0.1:{port}")).ShouldBe(ProbeAnswer.NoAnswer);
    }

    private static async Task<ProbeAnswer> ProbeAsync(string url)
    {
        await using var portal = await TestPortal.StartAsync(settings: new Dictionary<string, string?> { ["Portal:PublicBaseUrl"] = url }, environment: "Development");
        return await new HttpCallbackProbe(portal.Get<IHttpClientFactory>(), portal.Get<PortalAddresses>()).ProbeAsync(Token);
    }
}
