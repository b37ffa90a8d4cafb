using System.Net;
using System.Text;
using AdminPortal.Hosting;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>What comes in, from where, and how often.</summary>
public sealed class DoorTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    private const string Public = "https://" + RunningPortal.Host;

    /// <summary>Endpoints that take what is no read without an antiforgery token, each with what guards it instead.</summary>
    private static readonly Dictionary<string, string> WithoutToken = new()
    {
        ["/_blazor/negotiate"] = "its origin: CircuitOrigin",
        ["/_blazor"] = "its origin: CircuitOrigin",
        ["/_blazor/disconnect"] = "its origin: CircuitOrigin",
        ["/_blazor/disconnect/"] = "its origin: CircuitOrigin",
        ["/_blazor/initializers"] = "its origin: CircuitOrigin",
        ["/_blazor/initializers/"] = "its origin: CircuitOrigin",
        ["/api/v1/instances/01a200c2-a625-783e-a623-d7eac4fc2635"] = "its token: ApiAuthentication; a session opens nothing there",
        ["/api/v1/instances/01a200c2-a625-783e-a623-d7eac4fc2635/validate"] = "its token: ApiAuthentication; a session opens nothing there",
        ["/api/v1/attempts"] = "its token: ApiAuthentication; a session opens nothing there",
    };

    [Fact]
    public async Task Antiforgery_EveryEndpointThatIsNotRead_RefusesWithoutAToken()
    {
        using var client = portal.NewSignedInClient();
        var taken = new List<string>();
        var refused = 0;
        foreach (var endpoint in portal.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            // Without methods it takes all of them.
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["POST", "PUT", "PATCH", "DELETE"])
            {
                if (method is "GET" or "HEAD" or "OPTIONS") continue;
                var path = HeaderTests.Path(endpoint);
                client.From = $"198.51.1.{refused++ % 200}";
                using var answer = await client.SendAsync(new HttpMethod(method), path, new FormUrlEncodedContent([]), ("Origin", Public));
                if (answer.StatusCode != HttpStatusCode.BadRequest || !(await answer.Content.ReadAsStringAsync(Token)).Contains("not sent from a page of the portal", StringComparison.Ordinal)) taken.Add(path);
            }
        }

        taken.Distinct().Except(WithoutToken.Keys).ShouldBeEmpty();
        refused.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void Antiforgery_EndpointsThatOptOut_AreThoseWithAReason()
    {
        var exempt = portal.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IAntiforgeryMetadata>() is { RequiresValidation: false }).Select(HeaderTests.Path).Distinct();

        exempt.Except(WithoutToken.Keys).ShouldBeEmpty();
    }

    [Fact]
    public async Task Antiforgery_TokenOfThePage_IsTaken()
    {
        // With a session of its own, as it signs out.
        await portal.AddPersonAsync("leaves@example.com");
        using var client = portal.NewClient();
        using (var signedIn = await client.SubmitAsync("/sign-in", "leaves@example.com", RunningPortal.Password)) signedIn.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        using var page = await client.GetAsync("/instances");
        var document = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await page.Content.ReadAsStringAsync(Token));
        var token = document.QuerySelector("#sign-out input[name='__RequestVerificationToken']").ShouldNotBeNull().GetAttribute("value")!;

        using var revealed = await client.SendAsync(
            HttpMethod.Post, "/instances/01a200c2-a625-783e-a623-d7eac4fc2635/token", new FormUrlEncodedContent([KeyValuePair.Create("Reason", "a reason")]), ("RequestVerificationToken", token));
        revealed.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await portal.AddPersonAsync("grace@example.com");
        using var stranger = portal.NewClient();
        using (var signedIn = await stranger.SubmitAsync("/sign-in", "grace@example.com", RunningPortal.Password)) signedIn.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        using var stolen = await stranger.SendAsync(HttpMethod.Post, "/instances/01a200c2-a625-783e-a623-d7eac4fc2635/token", null, ("RequestVerificationToken", token));
        stolen.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using var signedOut = await client.SendAsync(HttpMethod.Post, "/sign-out", new FormUrlEncodedContent([KeyValuePair.Create("__RequestVerificationToken", token)]));
        signedOut.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        signedOut.Headers.Location!.OriginalString.ShouldBe("/sign-in");
    }

    [Fact]
    public async Task Confirmation_PasswordOfThePerson_IsTakenAndAWrongOneIsNot()
    {
        await portal.AddPersonAsync("confirms@example.com");
        using var client = portal.NewClient();
        client.From = "203.0.113.77";
        using (var signedIn = await client.SubmitAsync("/sign-in", "confirms@example.com", RunningPortal.Password)) signedIn.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        using var page = await client.GetAsync("/instances");
        var document = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await page.Content.ReadAsStringAsync(Token));
        var token = document.QuerySelector("#sign-out input[name='__RequestVerificationToken']").ShouldNotBeNull().GetAttribute("value")!;

        using var wrong = await ConfirmAsync("a wrong password");
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        wrong.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (await wrong.Content.ReadAsStringAsync(Token)).ShouldContain("That is not your password.");
        using var right = await ConfirmAsync(RunningPortal.Password);
        right.StatusCode.ShouldBe(HttpStatusCode.NoContent);

        // The session ends with the row, whatever the cookie says: a copy of it confirms nothing.
        using var copy = new PortalClient(portal.Address, RunningPortal.Host, client.Cookies) { From = "203.0.113.77" };
        using (var signedOut = await client.SendAsync(HttpMethod.Post, "/sign-out", new FormUrlEncodedContent([KeyValuePair.Create("__RequestVerificationToken", token)])))
            signedOut.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        using var stolen = await copy.SendAsync(
            HttpMethod.Post, "/confirm", new FormUrlEncodedContent([KeyValuePair.Create("Secret", RunningPortal.Password)]), ("RequestVerificationToken", token));
        stolen.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await stolen.Content.ReadAsStringAsync(Token)).ShouldContain("Your session has ended");

        Task<HttpResponseMessage> ConfirmAsync(string secret) =>
            client.SendAsync(HttpMethod.Post, "/confirm", new FormUrlEncodedContent([KeyValuePair.Create("Secret", secret)]), ("RequestVerificationToken", token));
    }

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/sign-out")]
    [InlineData("/health")]
    [InlineData("/instances/01a200c2-a625-783e-a623-d7eac4fc2635/token")]
    public async Task Antiforgery_FormThatCannotBeRead_IsRefused(string path)
    {
        using var client = portal.NewSignedInClient();

        using var answer = await client.SendAsync(HttpMethod.Post, path, new StringContent("code=%00&name=a", Encoding.ASCII, "application/x-www-form-urlencoded"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("Production", Public, "same-origin", true)]
    [InlineData("Production", Public, null, true)]
    [InlineData("Production", "HTTPS://PORTAL.EXAMPLE.COM", null, true)]
    [InlineData("Production", Public + ":443", null, true)]
    [InlineData("Production", "null", "same-origin", true)]
    [InlineData("Production", "null", "cross-site", false)]
    [InlineData("Production", "null", null, false)]
    [InlineData("Production", null, null, false)]
    [InlineData("Production", null, "cross-site", false)]
    [InlineData("Production", "https://evil.example", null, false)]
    [InlineData("Production", "https://evil.example", "same-origin", false)]
    [InlineData("Production", "https://portal.example.com.evil.example", null, false)]
    [InlineData("Production", "https://evilportal.example.com", null, false)]
    [InlineData("Production", "http://portal.example.com", null, false)]
    [InlineData("Production", "https://portal.example.com:8443", null, false)]
    [InlineData("Production", "https://other.example.com", "same-site", false)]
    [InlineData("Production", "http://localhost:5080", null, false)]
    [InlineData("Production", "not an origin", null, false)]
    [InlineData("Development", "http://127.0.0.1:7000", null, true)]
    [InlineData("Development", "http://localhost:7000", null, true)]
    [InlineData("Development", "https://evil.example", null, false)]
    public async Task Circuit_Origin_MustBeOurs(string environment, string? origin, string? site, bool isTaken)
    {
        await using var other = environment == "Production" ? null : new RunningPortal(environment);
        if (other is not null) await other.InitializeAsync();
        using var client = (other ?? portal).NewSignedInClient();
        var headers = new List<(string, string)>();
        if (origin is not null) headers.Add(("Origin", origin));
        if (site is not null) headers.Add(("Sec-Fetch-Site", site));

        using var negotiation = await client.SendAsync(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1", null, [.. headers]);
        using var socket = await client.GetAsync("/_blazor?id=nothing", [.. headers, ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]);

        negotiation.StatusCode.ShouldBe(isTaken ? HttpStatusCode.OK : HttpStatusCode.Forbidden);
        // No such connection, but asked of the hub.
        socket.StatusCode.ShouldBe(isTaken ? HttpStatusCode.NotFound : HttpStatusCode.Forbidden);
        if (!isTaken) (await negotiation.Content.ReadAsStringAsync(Token)).ShouldContain("page of another address");
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("portal.example.com.evil.example")]
    [InlineData("portal.example.com@evil.example")]
    [InlineData("evil.example:443")]
    [InlineData("localhost.evil.example")]
    public async Task Host_OfSomebodyElse_IsRefused(string host)
    {
        using var client = portal.NewClient();

        using var answer = await client.GetAsync("/instances", ("Host", host));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Headers.Location.ShouldBeNull();
        (await answer.Content.ReadAsStringAsync(Token)).ShouldNotContain("evil.example");
    }

    [Theory]
    [InlineData("127.0.0.1:5080")]
    [InlineData("localhost:5080")]
    [InlineData("10.1.2.3")]
    [InlineData("[::1]:5080")]
    [InlineData("portal.example.com:8443")]
    [InlineData("PORTAL.example.com.")]
    public async Task Host_OfAProxyOrALoadBalancer_IsTakenForThePublicOne(string host)
    {
        using var client = portal.NewClient();

        using var answer = await client.GetAsync("/instances", ("Host", host), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "http"), ("Forwarded", "host=evil.example"));

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.AbsoluteUri.ShouldStartWith(Public + "/sign-in?");
    }

    [Fact]
    public async Task Host_NamedInTheSettings_IsTakenForThePublicOne()
    {
        await using var other = new RunningPortal("Production", new Dictionary<string, string> { ["Portal:OtherHosts:0"] = "adminportal" });
        await other.InitializeAsync();
        using var client = other.NewClient();

        using var answer = await client.GetAsync("/instances", ("Host", "adminportal:8080"));

        answer.Headers.Location!.AbsoluteUri.ShouldStartWith(Public + "/sign-in?");
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("\\/evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("/\n/evil.example")]
    [InlineData("///evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("https:evil.example")]
    [InlineData("https:/evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData(" //evil.example")]
    [InlineData("evil.example")]
    [InlineData("")]
    [InlineData("/%2Fevil.example")]
    [InlineData("/%5Cevil.example")]
    [InlineData("/instances?q=//evil.example")]
    public async Task SignIn_ForeignReturnUrl_StaysHere(string returnUrl)
    {
        using var client = portal.NewClient();
        var email = $"{Guid.NewGuid():n}@example.com";
        await portal.AddPersonAsync(email);

        using var answer = await client.SubmitAsync("/sign-in?returnUrl=" + Uri.EscapeDataString(returnUrl), email, RunningPortal.Password);

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        // Where a browser would go from here.
        var target = new Uri(new Uri(Public + "/sign-in"), answer.Headers.Location!.OriginalString);
        target.Host.ShouldBe(RunningPortal.Host);
        target.Scheme.ShouldBe("https");
        answer.Headers.Location.OriginalString.ShouldNotStartWith("//");
    }

    [Theory]
    [InlineData("cross-site", false)]
    [InlineData("same-site", false)]
    [InlineData("same-origin", true)]
    [InlineData("none", true)]
    public async Task Departure_FromALinkOnAnotherSite_BindsNothing(string site, bool leaves)
    {
        using var client = portal.NewSignedInClient();

        using var answer = await client.GetAsync("/connect/01a200c2-a625-783e-a623-d7eac4fc2635/go", ("Sec-Fetch-Site", site));

        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        client.Cookies.ContainsKey("__Host-portal-browser").ShouldBe(leaves);
    }

    [Theory]
    [InlineData("/oauth/callback?code=planted-code&state=planted-state", "GET", "Keep the tab open")]
    [InlineData("/setup?code=planted-code", "GET", "Nothing is lost")]
    [InlineData("/sign-in", "POST", "go back in your browser")]
    public async Task Limits_OfOneAddress_AreSaidOnAPage(string path, string method, string sentence)
    {
        using var client = portal.NewClient();
        client.From = $"192.0.2.{method.Length * path.Length % 200}";
        var count = 0;
        HttpResponseMessage answer;
        while ((answer = await client.SendAsync(new HttpMethod(method), path)).StatusCode != HttpStatusCode.TooManyRequests && ++count < 500) answer.Dispose();

        using (answer)
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            answer.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
            answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
            var page = await answer.Content.ReadAsStringAsync(Token);
            page.ShouldContain(sentence);
            page.ShouldNotContain("planted");
        }

        // A script is told in words, and another address is not held up.
        using var script = await client.SendAsync(new HttpMethod(method), path, null, ("Accept", "*/*"));
        script.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
        client.From = "192.0.2.250";
        using var elsewhere = await client.SendAsync(new HttpMethod(method), path);
        elsewhere.StatusCode.ShouldNotBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Limits_Reveal_AreKept()
    {
        using var client = portal.NewSignedInClient();
        client.From = "192.0.2.201";
        var count = 0;
        HttpStatusCode status;
        do
        {
            using var answer = await client.SendAsync(HttpMethod.Post, "/instances/01a200c2-a625-783e-a623-d7eac4fc2635/token");
            status = answer.StatusCode;
        }
        while (status != HttpStatusCode.TooManyRequests && ++count < 200);

        status.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Cookies_OfEveryScheme_AreTiedToTheHostAndGuarded()
    {
        var options = portal.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>();
        var schemes = (await portal.Services.GetRequiredService<IAuthenticationSchemeProvider>().GetAllSchemesAsync())
            .Where(scheme => scheme.HandlerType == typeof(CookieAuthenticationHandler)).Select(scheme => scheme.Name).ToList();
        schemes.Count.ShouldBeGreaterThan(3);
        var cookies = schemes.Select(scheme => options.Get(scheme).Cookie).Append(portal.Services.GetRequiredService<IOptions<AntiforgeryOptions>>().Value.Cookie).ToList();

        cookies.ShouldAllBe(cookie => cookie.Name!.StartsWith("__Host-portal-", StringComparison.Ordinal) && cookie.HttpOnly && cookie.SecurePolicy == CookieSecurePolicy.Always);
        cookies.ShouldAllBe(cookie => cookie.Domain == null && (cookie.Path == null || cookie.Path == "/") && (cookie.SameSite == SameSiteMode.Lax || cookie.SameSite == SameSiteMode.Strict));
        cookies.Select(cookie => cookie.Name).Distinct().Count().ShouldBe(cookies.Count);
    }

    [Theory]
    [InlineData("__Host-theme=dark", "dark")]
    [InlineData("theme=dark", null)]
    public async Task Preferences_UnderHttps_AreReadFromCookiesOfThisHostAlone(string cookie, string? theme)
    {
        using var client = portal.NewClient();

        using var answer = await client.GetAsync("/sign-in", ("Cookie", cookie));

        new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(Token)).DocumentElement.GetAttribute("data-theme").ShouldBe(theme);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "20010DB800010002")]
    [InlineData("2001:db8:1:2:ffff::1", "20010DB800010002")]
    [InlineData(null, "")]
    public void Whose_Address_IsThatOfAHousehold(string? address, string whose) =>
        RateLimits.Whose(address is null ? null : IPAddress.Parse(address)).ShouldBe(whose);

    [Theory]
    [InlineData("10.9.8.7", true)]
    [InlineData("10.9.8.0/24", true)]
    [InlineData("10.9.7.0/24", false)]
    public async Task ForwardedFor_OfAProxy_IsBelievedWhereItIsTrusted(string trusted, bool isBelieved)
    {
        await using var other = new RunningPortal("Production", new Dictionary<string, string> { ["Portal:TrustedProxies:0"] = trusted });
        await other.InitializeAsync();
        var options = other.Services.GetRequiredService<IOptions<ForwardedHeadersOptions>>().Value;

        options.KnownIPNetworks.Any(network => network.Contains(IPAddress.Parse("10.9.8.7"))).ShouldBe(isBelieved);
        options.KnownIPNetworks.Any(network => network.Contains(IPAddress.Loopback)).ShouldBeTrue();
    }
}
