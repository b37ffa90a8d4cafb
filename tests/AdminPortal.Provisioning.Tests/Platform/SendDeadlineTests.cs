using System.Text;
using AdminPortal.Domain;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Platform;

/// <summary>A request that was claimed too long ago is not sent, over real connections.</summary>
public sealed class SendDeadlineTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(0)]
    // More than the handler's write buffer holds: request line and headers are on their way before the body is asked for.
    [InlineData(20_000)]
    public async Task CreateAsync_PausedBeforeTheBody_NoCompleteRequestArrives(int headerBytes)
    {
        var clock = new TestSuspendAwareClock();
        await using var server = new RawServer();
        using var client = Client();
        client.Account = TestClient.NewAccount(server.Url, userSecret: "u" + new string('x', headerBytes));
        var deadline = new SendDeadline(clock, client.Clock, Limit);
        clock.Advance(Limit + TimeSpan.FromTicks(1));

        var outcome = await client.Platform.CreateAsync(client.Account, TestClient.NewInstance() with { Deadline = deadline }, Token);

        outcome.ShouldBe(new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.Paused));
        var received = await server.ReceivedAsync();
        received.ShouldNotContain("providerData");
        received.ShouldNotContain("}");
    }

    [Fact]
    public async Task ReauthenticateAsync_PausedBeforeTheBody_NoCompleteRequestArrives()
    {
        var clock = new TestSuspendAwareClock();
        await using var server = new RawServer();
        using var client = Client();
        client.Account = TestClient.NewAccount(server.Url);
        var deadline = new SendDeadline(clock, client.Clock, Limit);
        clock.Advance(TimeSpan.FromMinutes(2));
        var created = TestClient.NewInstance();
        var sent = new Reauthentication(
            "infusionsoftrest", "Name", created.CallbackUrl, created.ProviderApp, created.Code, new Dictionary<string, string>(),
            new Dictionary<string, Secret>())
        {
            Deadline = deadline,
        };

        var outcome = await client.Platform.ReauthenticateAsync(client.Account, 7, sent, Token);

        outcome.ShouldBe(new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.Paused));
        (await server.ReceivedAsync()).ShouldNotContain("providerData");
    }

    [Fact]
    public async Task UpdateAsync_PausedBeforeTheBody_NoCompleteRequestArrives()
    {
        var clock = new TestSuspendAwareClock();
        await using var server = new RawServer();
        using var client = Client();
        client.Account = TestClient.NewAccount(server.Url);
        var deadline = new SendDeadline(clock, client.Clock, Limit);
        clock.Advance(TimeSpan.FromMinutes(2));

        var change = new InstanceChange(null, ["north"]) { Deadline = deadline };
        var outcome = await client.Platform.UpdateAsync(client.Account, 7, change, Token);

        outcome.ShouldBe(new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.Paused));
        (await server.ReceivedAsync()).ShouldNotContain("north");
    }

    [Theory]
    [InlineData("enable")]
    [InlineData("disable")]
    [InlineData("delete")]
    public async Task WithoutABody_Paused_IsNotSent(string call)
    {
        var clock = new TestSuspendAwareClock();
        await using var server = new LoopbackServer((stream, cancel) =>
            stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), cancel).AsTask());
        using var client = Client();
        client.Account = TestClient.NewAccount(server.Url);
        var deadline = new SendDeadline(clock, client.Clock, Limit);
        clock.Advance(Limit);
        (await CallAsync()).ShouldBeOfType<PlatformOutcome<Done>.Success>();
        clock.Advance(TimeSpan.FromTicks(1));

        (await CallAsync()).ShouldBe(new PlatformOutcome<Done>.Unreachable(UnsentReason.Paused));

        server.Requests.ShouldBe(1);

        Task<PlatformOutcome<Done>> CallAsync() => call == "delete"
            ? client.Platform.DeleteAsync(client.Account, 7, Token, deadline)
            : client.Platform.SetEnabledAsync(client.Account, 7, call == "enable", Token, deadline);
    }

    [Fact]
    public async Task CreateAsync_WithinTheTime_IsSentOnce()
    {
        var clock = new TestSuspendAwareClock();
        await using var server = new LoopbackServer((stream, cancel) =>
            stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 400 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), cancel).AsTask());
        using var client = Client();
        client.Account = TestClient.NewAccount(server.Url);
        var deadline = new SendDeadline(clock, client.Clock, Limit);
        clock.Advance(Limit);

        var outcome = await client.Platform.CreateAsync(client.Account, TestClient.NewInstance() with { Deadline = deadline }, Token);

        outcome.ShouldBeOfType<PlatformOutcome<PlatformInstance>.Refused>().Status.ShouldBe(400);
        server.Requests.ShouldBe(1);
    }

    [Theory]
    // Suspension that the monotonic clock counts, a virtual machine's pause that only the wall clock shows, and a wall clock that was set back.
    [InlineData(31, 0, true)]
    [InlineData(0, 31, true)]
    [InlineData(31, -3600, true)]
    [InlineData(30, 30, false)]
    [InlineData(1, -3600, false)]
    public void IsPast_EitherClock_Counts(int suspendAwareSeconds, int wallSeconds, bool expected)
    {
        var clock = new TestSuspendAwareClock();
        var wall = new TestClock();
        var deadline = new SendDeadline(clock, wall, Limit);

        clock.Advance(TimeSpan.FromSeconds(suspendAwareSeconds));
        wall.AdjustTime(wall.GetUtcNow() + TimeSpan.FromSeconds(wallSeconds));

        deadline.IsPast.ShouldBe(expected);
    }

    [Fact]
    public void Elapsed_System_GoesForward()
    {
        var clock = new SystemSuspendAwareClock();
        var first = clock.Elapsed;

        first.ShouldBeGreaterThan(TimeSpan.Zero);
        clock.Elapsed.ShouldBeGreaterThanOrEqualTo(first);
    }

    private static TestClient Client() => new(new SocketsHttpHandler());
}
