using System.Net;
using System.Net.Sockets;
using System.Text;
using AdminPortal.Domain.Settings;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Tests.Platform;

/// <summary>Where the portal's own requests may go, and where not.</summary>
public sealed class OutgoingAddressesTests
{
    [Theory]
    [InlineData("8.8.4.4", AddressKind.Public)]
    [InlineData("100.63.255.255", AddressKind.Public)]
    [InlineData("100.128.0.0", AddressKind.Public)]
    [InlineData("172.15.255.255", AddressKind.Public)]
    [InlineData("172.32.0.0", AddressKind.Public)]
    [InlineData("192.167.255.255", AddressKind.Public)]
    [InlineData("223.255.255.255", AddressKind.Public)]
    [InlineData("2606:4700::1111", AddressKind.Public)]
    [InlineData("::ffff:8.8.4.4", AddressKind.Public)]
    [InlineData("64:ff9b::808:404", AddressKind.Public)]
    [InlineData("127.0.0.1", AddressKind.Private)]
    [InlineData("127.255.255.254", AddressKind.Private)]
    [InlineData("10.0.0.1", AddressKind.Private)]
    [InlineData("172.16.0.1", AddressKind.Private)]
    [InlineData("172.31.255.255", AddressKind.Private)]
    [InlineData("192.168.178.1", AddressKind.Private)]
    [InlineData("100.64.0.1", AddressKind.Private)]
    [InlineData("100.127.255.255", AddressKind.Private)]
    [InlineData("::1", AddressKind.Private)]
    [InlineData("fd12:3456::1", AddressKind.Private)]
    [InlineData("fec0::1", AddressKind.Private)]
    [InlineData("::ffff:10.0.0.1", AddressKind.Private)]
    [InlineData("::ffff:127.0.0.1", AddressKind.Private)]
    [InlineData("64:ff9b::a00:1", AddressKind.Private)]
    [InlineData("64:ff9b:1::1", AddressKind.Private)]
    [InlineData("2002:7f00:1::1", AddressKind.Private)]
    [InlineData("0.0.0.0", AddressKind.Never)]
    [InlineData("0.1.2.3", AddressKind.Never)]
    [InlineData("169.254.169.254", AddressKind.Never)]
    [InlineData("168.63.129.16", AddressKind.Never)]
    [InlineData("192.0.0.192", AddressKind.Never)]
    [InlineData("192.0.2.1", AddressKind.Never)]
    [InlineData("198.18.0.1", AddressKind.Never)]
    [InlineData("203.0.113.7", AddressKind.Never)]
    [InlineData("224.0.0.1", AddressKind.Never)]
    [InlineData("239.255.255.255", AddressKind.Never)]
    [InlineData("240.0.0.1", AddressKind.Never)]
    [InlineData("255.255.255.255", AddressKind.Never)]
    [InlineData("::", AddressKind.Never)]
    [InlineData("fe80::1", AddressKind.Never)]
    [InlineData("fe80::1%2", AddressKind.Never)]
    [InlineData("ff02::1", AddressKind.Never)]
    [InlineData("2001:db8::1", AddressKind.Never)]
    [InlineData("2001:0:4136:e378::1", AddressKind.Never)]
    [InlineData("100::1", AddressKind.Never)]
    [InlineData("fd00:ec2::254", AddressKind.Never)]
    [InlineData("::ffff:169.254.169.254", AddressKind.Never)]
    [InlineData("64:ff9b::a9fe:a9fe", AddressKind.Never)]
    [InlineData("2002:a9fe:a9fe::1", AddressKind.Never)]
    [InlineData("::7f00:1", AddressKind.Never)]
    [InlineData("4000::1", AddressKind.Never)]
    public void KindOf_Address_IsTold(string address, AddressKind kind) => AddressRules.KindOf(IPAddress.Parse(address)).ShouldBe(kind);

    [Theory]
    [InlineData("Production", null, false)]
    [InlineData("Staging", null, false)]
    [InlineData("Development", null, true)]
    [InlineData("Production", true, true)]
    [InlineData("Development", false, false)]
    public void AllowsPrivate_ByEnvironmentAndSetting_IsDecided(string environment, bool? setting, bool allows) =>
        Guard(new FakeNetwork(), setting, environment).AllowsPrivate.ShouldBe(allows);

    [Theory]
    [InlineData(false, AddressKind.Private)]
    [InlineData(true, null)]
    public async Task FindObstacleAsync_PrivateAddress_IsOneUnlessAllowed(bool allowed, AddressKind? obstacle)
    {
        var guard = Guard(new FakeNetwork { OnResolve = _ => Addresses("10.1.2.3") }, allowed);

        (await guard.FindObstacleAsync("platform.example", Token)).ShouldBe(obstacle);
        (await guard.FindObstacleAsync("10.1.2.3", Token)).ShouldBe(obstacle);
        (await guard.FindObstacleAsync("169.254.169.254", Token)).ShouldBe(AddressKind.Never);
        (await guard.FindObstacleAsync("fe80::1", Token)).ShouldBe(AddressKind.Never);
    }

    [Fact]
    public async Task FindObstacleAsync_PublicAndPrivateTogether_IsOne()
    {
        var guard = Guard(new FakeNetwork { OnResolve = _ => Addresses("8.8.4.4", "192.168.0.10") });

        (await guard.FindObstacleAsync("platform.example", Token)).ShouldBe(AddressKind.Private);
    }

    [Fact]
    public async Task FindObstacleAsync_NoSuchName_IsNone()
    {
        var guard = Guard(new FakeNetwork { OnResolve = _ => throw new SocketException((int)SocketError.HostNotFound) });

        (await guard.FindObstacleAsync("nowhere.example", Token)).ShouldBeNull();
    }

    [Theory]
    [InlineData("https://127.0.0.1")]
    [InlineData("https://127.1")]
    [InlineData("https://2130706433")]
    [InlineData("https://0x7f000001")]
    [InlineData("https://[::1]")]
    [InlineData("https://[::ffff:127.0.0.1]")]
    [InlineData("https://10.0.0.5:8443")]
    [InlineData("https://169.254.169.254")]
    [InlineData("https://[fe80::1]")]
    public async Task SaveAsync_ForbiddenAddress_NamesFieldAndRemedy(string baseUrl)
    {
        await using var portal = await TestPortal.StartAsync();
        var input = Input(baseUrl);

        foreach (var problems in new[] { (await portal.Accounts.SaveAsync(input, Token)).Problems, (await portal.Accounts.TestAsync(input, Token)).Problems })
        {
            var problem = problems.ShouldHaveSingleItem();
            problem.Field.ShouldBe(nameof(AccountInput.BaseUrl));
            problem.Message.ShouldContain("Enter the");
        }

        portal.Network.Resolved.ShouldBeEmpty();
        portal.Platform.AskedWith.ShouldBeEmpty();
        (await portal.Accounts.ListAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task SaveAsync_NameThatLeadsInside_IsRefusedWithoutTellingTheAddress()
    {
        await using var portal = await TestPortal.StartAsync();
        portal.Network.OnResolve = _ => Addresses("10.20.30.40");

        var problem = (await portal.Accounts.SaveAsync(Input("https://intranet.example"), Token)).Problems.ShouldHaveSingleItem();

        problem.Field.ShouldBe(nameof(AccountInput.BaseUrl));
        problem.Message.ShouldContain("Portal:AllowPrivateAddresses");
        problem.Message.ShouldNotContain("10.20");
    }

    [Fact]
    public async Task SaveAsync_PrivateAddressWhereAllowed_IsSaved()
    {
        await using var portal = await TestPortal.StartAsync(settings: new Dictionary<string, string?> { ["Portal:AllowPrivateAddresses"] = "true" });

        (await portal.Accounts.SaveAsync(Input("https://10.0.0.5"), Token)).Succeeded.ShouldBeTrue();
        (await portal.Accounts.SaveAsync(Input("https://169.254.169.254"), Token)).Succeeded.ShouldBeFalse();
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("8.8.4.4", "127.0.0.1")]
    public async Task AnyCall_NameThatLeadsInside_SendsNothing(params string[] addresses)
    {
        await using var server = Server();
        // The name was somebody else's when it was saved.
        using var client = Client(Guard(new FakeNetwork { OnResolve = _ => Addresses(addresses) }), $"http://rebound.example:{server.Port}");

        (await client.Platform.CreateAsync(client.Account, TestClient.NewInstance(), Token))
            .ShouldBe(new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.AddressNotAllowed));

        server.Requests.ShouldBe(0);
    }

    [Fact]
    public async Task AnyCall_ForbiddenAddressInTheUrl_SendsNothing()
    {
        await using var server = Server();
        using var client = Client(Guard(new FakeNetwork()), server.Url);

        (await client.Platform.GetAsync(client.Account, 1, Token)).ShouldBe(new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.AddressNotAllowed));

        server.Requests.ShouldBe(0);
    }

    [Fact]
    public async Task AnyCall_AllowedName_GoesToTheAddressThatWasLookedAt()
    {
        await using var server = Server();
        // Only this test's resolver knows the name: who looked it up once more would find nothing.
        var network = new FakeNetwork { OnResolve = _ => Addresses("127.0.0.1") };
        using var client = Client(Guard(network, allowPrivate: true), $"http://pinned.example:{server.Port}");

        _ = await client.Platform.GetAsync(client.Account, 1, Token);

        server.Requests.ShouldBe(1);
        network.Resolved.ShouldBe(["pinned.example"]);
    }

    [Fact]
    public async Task AnyCall_ThroughAProxyOfTheSettings_GoesToTheProxy()
    {
        await using var server = Server();
        var handler = PlatformTransport.CreateHandler(Guard(new FakeNetwork()));
        handler.Proxy = new WebProxy(server.Url);
        using var client = new TestClient(handler) { Account = TestClient.NewAccount("http://platform.example") };

        _ = await client.Platform.GetAsync(client.Account, 1, Token);

        server.Requests.ShouldBe(1);
    }

    internal static OutgoingAddresses Guard(IHostAddresses hosts, bool? allowPrivate = null, string environment = "Production") =>
        new(Options.Create(new PortalOptions { AllowPrivateAddresses = allowPrivate }), new TestEnvironment(environment), hosts, TimeProvider.System);

    private static TestClient Client(OutgoingAddresses guard, string url)
    {
        var handler = PlatformTransport.CreateHandler(guard);
        handler.UseProxy = false;
        return new TestClient(handler) { Account = TestClient.NewAccount(url) };
    }

    private static LoopbackServer Server() => new((stream, cancel) => stream.WriteAsync(
        Encoding.ASCII.GetBytes("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"), cancel).AsTask());

    private static Task<IReadOnlyList<IPAddress>> Addresses(params string[] addresses) =>
        Task.FromResult<IReadOnlyList<IPAddress>>([.. addresses.Select(IPAddress.Parse)]);

    private static AccountInput Input(string baseUrl) =>
        new() { Name = "Staging " + baseUrl, BaseUrl = baseUrl, OrganizationSecret = "organization", UserSecret = "user" };
}
