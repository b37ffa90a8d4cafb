using System.Net;
using System.Net.Sockets;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Platform;

/// <summary>What the client makes of no answer, and what it repeats.</summary>
public sealed class PlatformClientFailureTests
{
    public static TheoryData<string> Reads() => ["get", "list", "configuration"];

    public static TheoryData<string> Writes() => ["create", "update", "enable", "disable", "delete", "oauth url"];

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task CreateAsync_ServerError_IsUnknownAndNotRepeated(int status)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("""{"requestId":"r-1","message":"It broke"}""", (HttpStatusCode)status, ("Retry-After", "1")));

        (await client.Platform.CreateAsync(client.Account, TestClient.NewInstance(), Token))
            .ShouldBe(new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.ServerError, status, "It broke", "r-1"));

        _ = client.Handler.Requests.ShouldHaveSingleItem();
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task Write_AnyFailure_IsSentOnce(string call)
    {
        foreach (var answer in new Func<HttpResponseMessage>[]
        {
            () => ScriptedHandler.Json("{}", HttpStatusCode.ServiceUnavailable),
            () => ScriptedHandler.Json("{}", HttpStatusCode.TooManyRequests, ("Retry-After", "0")),
            () => throw new HttpRequestException(HttpRequestError.ResponseEnded),
            () => throw new HttpRequestException(HttpRequestError.ConnectionError),
        })
        {
            using var client = new TestClient();
            client.Handler.Always(answer);

            (await PlatformClientRequestTests.CallAsync(client, call)).ShouldNotBe("Success");

            _ = client.Handler.Requests.ShouldHaveSingleItem();
            client.Clock.Waits.ShouldBeEmpty();
        }
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Read_PassingTrouble_IsRepeatedAndSucceeds(string call)
    {
        using var client = new TestClient();
        client.Handler.InTurn(
            () => ScriptedHandler.Json("{}", HttpStatusCode.BadGateway),
            () => throw new HttpRequestException(HttpRequestError.ResponseEnded),
            () => ScriptedHandler.Json(call == "get" ? """{"id":1}""" : "[]"));

        (await PlatformClientRequestTests.CallAsync(client, call)).ShouldBe("Success");

        client.Handler.Requests.Count.ShouldBe(3);
        client.Handler.Requests.Select(request => request.Url).Distinct().Count().ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Read_LastingTrouble_IsGivenUp(string call)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("{}", HttpStatusCode.BadGateway));

        (await PlatformClientRequestTests.CallAsync(client, call)).ShouldBe("Unknown ServerError");

        client.Handler.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Read_TooManyRequests_WaitsAsLongAsItIsTold()
    {
        using var client = new TestClient();
        client.Handler.InTurn(() => ScriptedHandler.Json("{}", HttpStatusCode.TooManyRequests, ("Retry-After", "4")), () => ScriptedHandler.Json("[]"));

        (await PlatformClientRequestTests.CallAsync(client, "list")).ShouldBe("Success");

        client.Clock.Waits.ShouldBe([TimeSpan.FromSeconds(4)]);
    }

    [Fact]
    public async Task Read_ToldToComeBackMuchLater_IsNotRepeated()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("{}", HttpStatusCode.TooManyRequests, ("Retry-After", "60")));

        (await PlatformClientRequestTests.CallAsync(client, "list")).ShouldBe("Refused 429");

        _ = client.Handler.Requests.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    public async Task Read_Refused_IsNotRepeated(int status)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("{}", (HttpStatusCode)status));

        (await PlatformClientRequestTests.CallAsync(client, "get")).ShouldBe($"Refused {status}");

        _ = client.Handler.Requests.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task AnyCall_Redirect_IsNotFollowed(int status)
    {
        await using var server = new LoopbackServer((stream, cancel) => stream.WriteAsync(
            System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), cancel).AsTask());
        using var client = RealClient(server.Url);

        (await PlatformClientRequestTests.CallAsync(client, "create")).ShouldBe("Unknown UnexpectedStatus");
        (await PlatformClientRequestTests.CallAsync(client, "get")).ShouldBe("Unknown UnexpectedStatus");

        server.Requests.ShouldBe(2);
    }

    [Fact]
    public async Task AnyCall_NoAnswerInTime_IsUnknown()
    {
        foreach (var call in Reads().Concat(Writes()).Select(row => row.Data))
        {
            using var client = new TestClient(timeout: TimeSpan.FromMilliseconds(1));
            client.Handler.Answer = async (_, cancel) =>
            {
                await Task.Delay(Timeout.Infinite, cancel);
                throw new InvalidOperationException("Unreachable.");
            };

            (await PlatformClientRequestTests.CallAsync(client, call)).ShouldBe("Unknown TimedOut", call);

            _ = client.Handler.Requests.ShouldHaveSingleItem();
        }
    }

    [Fact]
    public async Task AnyCall_Cancelled_Throws()
    {
        foreach (var call in Reads().Concat(Writes()).Select(row => row.Data))
        {
            using var client = new TestClient();
            using var cancel = new CancellationTokenSource();
            client.Handler.Answer = async (_, token) =>
            {
                await cancel.CancelAsync();
                token.ThrowIfCancellationRequested();
                throw new InvalidOperationException("The token was not passed on.");
            };

            _ = await Should.ThrowAsync<OperationCanceledException>(() => PlatformClientRequestTests.CallAsync(client, call, cancel.Token));
        }
    }

    [Fact]
    public async Task AnyCall_AccountSecretDoesNotOpen_SendsNothing()
    {
        foreach (var call in Reads().Concat(Writes()).Select(row => row.Data))
        {
            using var client = new TestClient { Account = TestClient.NewAccount("https://api.cloud-elements.com", PlainSecretBox.Unreadable) };

            (await PlatformClientRequestTests.CallAsync(client, call)).ShouldBe("Unreachable SecretUnreadable", call);

            client.Handler.Requests.ShouldBeEmpty();
        }
    }

    [Theory]
    [InlineData("client secret")]
    [InlineData("code")]
    [InlineData("encrypted key")]
    public async Task CreateAsync_AnySecretDoesNotOpen_SendsNothing(string which)
    {
        using var client = new TestClient();
        var instance = TestClient.NewInstance(ElementKey.Crm);
        var damaged = new Sealed(PlainSecretBox.Unreadable);
        instance = which switch
        {
            "client secret" => instance with { ProviderApp = TestClient.NewApp(PlainSecretBox.Unreadable) },
            "code" => instance with { Code = instance.Code with { Value = damaged } },
            _ => instance with { SecretConfiguration = new Dictionary<string, Secret> { [ElementCatalog.EncryptedKeyKey] = instance.Code with { Value = damaged } } },
        };

        (await client.Platform.CreateAsync(client.Account, instance, Token)).ShouldBe(new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.SecretUnreadable));

        client.Handler.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task GetOAuthUrlAsync_ClientSecretDoesNotOpen_SendsNothing()
    {
        using var client = new TestClient();

        (await client.Platform.GetOAuthUrlAsync(client.Account, TestClient.UrlRequest(clientSecret: PlainSecretBox.Unreadable), Token))
            .ShouldBe(new PlatformOutcome<string>.Unreachable(UnsentReason.SecretUnreadable));

        client.Handler.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task CreateAsync_NobodyListens_IsProvedUnsent()
    {
        using var client = RealClient($"http://127.0.0.1:{ClosedPort()}");

        (await PlatformClientRequestTests.CallAsync(client, "create")).ShouldBe("Unreachable NotConnected");
    }

    [Fact]
    public async Task CreateAsync_NameThatDoesNotExist_IsProvedUnsent()
    {
        using var client = RealClient("http://nothing.invalid");

        // Where no name server answers at all, the system cannot say that the name does not exist.
        (await PlatformClientRequestTests.CallAsync(client, "create")).ShouldBeOneOf("Unreachable NameNotFound", "Unreachable NotConnected");
    }

    [Fact]
    public async Task CreateAsync_NoTlsThere_IsProvedUnsent()
    {
        // It answers the greeting with nothing a handshake could go on with.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var answering = Task.Run(async () =>
        {
            using var connection = await listener.AcceptTcpClientAsync(Token);
            await connection.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), Token);
        }, Token);
        using var client = RealClient($"https://127.0.0.1:{port}");

        (await PlatformClientRequestTests.CallAsync(client, "create")).ShouldBe("Unreachable Tls");

        await answering;
    }

    [Theory]
    [InlineData("create", true)]
    [InlineData("create", false)]
    [InlineData("update", true)]
    [InlineData("oauth url", false)]
    public async Task Write_ServerReadsAndDrops_IsUnknownAndSentOnce(string call, bool reset)
    {
        await using var server = new LoopbackServer((_, _) => Task.CompletedTask, reset);
        using var client = RealClient(server.Url);

        (await PlatformClientRequestTests.CallAsync(client, call)).ShouldBe("Unknown ConnectionLost");

        server.Requests.ShouldBe(1);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"id\":1,", "Unknown ConnectionLost")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"", "Unknown ConnectionLost")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-", "Unknown ConnectionLost")]
    [InlineData("SSH-2.0-OpenSSH_9.9\r\n\r\n", "Unknown Unreadable")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip", "Unknown Unreadable")]
    public async Task CreateAsync_AnswerThatBreaksOffOrIsNone_IsUnknownAndPostedOnce(string answer, string expected)
    {
        await using var server = new LoopbackServer((stream, cancel) => stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer), cancel).AsTask());
        using var client = RealClient(server.Url);

        (await PlatformClientRequestTests.CallAsync(client, "create")).ShouldBe(expected);

        server.Requests.ShouldBe(1);
    }

    [Fact]
    public async Task GetAsync_ServerReadsAndDrops_IsRepeated()
    {
        await using var server = new LoopbackServer((_, _) => Task.CompletedTask);
        using var client = RealClient(server.Url);

        (await PlatformClientRequestTests.CallAsync(client, "get")).ShouldBe("Unknown ConnectionLost");

        // Beside the client's own tries, the handler below repeats a request without a body that nothing came back for.
        server.Requests.ShouldBeGreaterThanOrEqualTo(3);
    }

    [Fact]
    public async Task CreateAsync_EndlessBody_IsCutOffAndUnreadable()
    {
        await using var server = new LoopbackServer(async (stream, cancel) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"u8.ToArray(), cancel);
            var block = new byte[64 * 1024];
            Array.Fill(block, (byte)' ');
            while (true) await stream.WriteAsync(block, cancel);
        });
        using var client = RealClient(server.Url);

        (await PlatformClientRequestTests.CallAsync(client, "create")).ShouldBe("Unknown Unreadable");

        server.Requests.ShouldBe(1);
    }

    [Fact]
    public async Task CreateAsync_PollerConfigurationThatPassesTheRules_CanBeWritten()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("""{"id":1,"token":"t"}"""));
        var deep = """{"orders":{"url":"/a","x":""" + string.Concat(Enumerable.Repeat("{\"x\":", 13)) + "1" + new string('}', 15);
        var events = new EventSettings { Enabled = true, CallbackUrl = "https://portal.example.com", PollerConfiguration = deep };

        _ = (await client.Platform.CreateAsync(client.Account, TestClient.NewInstance(events: events), Token)).ShouldBeOfType<PlatformOutcome<PlatformInstance>.Success>();
    }

    [Fact]
    public void Lease_Worker_IsLongerThanOneRequestCanTake() =>
        AttemptLease.Length.ShouldBeGreaterThan(PlatformTransport.ConnectTimeout + PlatformTransport.AnswerTimeout);

    private static TestClient RealClient(string url)
    {
        var handler = PlatformTransport.CreateHandler(OutgoingAddressesTests.Guard(new SystemHostAddresses(), allowPrivate: true));
        handler.UseProxy = false;
        return new TestClient(handler) { Account = TestClient.NewAccount(url) };
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
