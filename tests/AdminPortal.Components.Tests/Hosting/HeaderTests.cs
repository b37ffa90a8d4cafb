using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>The headers of every answer, on every route that the portal has.</summary>
public sealed partial class HeaderTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    private static readonly string[] Expected =
    [
        "Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy",
        "Cross-Origin-Resource-Policy", "Strict-Transport-Security",
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Headers_EveryRouteByEveryMethod_AreThere(bool signedIn)
    {
        using var client = signedIn ? portal.NewSignedInClient() : portal.NewClient();
        var problems = new List<string>();
        var seen = new HashSet<HttpStatusCode>();
        var asked = 0;

        foreach (var endpoint in portal.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var path = Path(endpoint);
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"])
            {
                // Its own session must last to the end.
                if (path == "/sign-out" && signedIn) continue;
                // One address would run into its limits.
                client.From = $"198.51.{asked / 200}.{asked++ % 200}";
                using var answer = await client.SendAsync(new HttpMethod(method), path);
                _ = seen.Add(answer.StatusCode);
                problems.AddRange(Problems(answer).Select(problem => $"{method} {path} ({(int)answer.StatusCode}): {problem}"));
            }
        }

        problems.ShouldBeEmpty();
        asked.ShouldBeGreaterThan(60);
        seen.ShouldContain(HttpStatusCode.OK);
        seen.ShouldContain(HttpStatusCode.NotFound);
        seen.ShouldContain(signedIn ? HttpStatusCode.BadRequest : HttpStatusCode.Redirect);
    }

    [Theory]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("POST", "/nowhere", 405)]
    [InlineData("GET", "/not-found", 200)]
    [InlineData("GET", "/error", 200)]
    [InlineData("POST", "/oauth/callback", 405)]
    [InlineData("GET", "/oauth/callback?state=x&code=y", 303)]
    [InlineData("GET", "/js/portal.js", 200)]
    [InlineData("GET", "/css/nothing.css", 404)]
    [InlineData("GET", "/_blazor", 400)]
    [InlineData("POST", "/sign-in", 400)]
    public async Task Headers_OrdinaryAnswer_AreThere(string method, string path, int status)
    {
        using var client = portal.NewSignedInClient();

        using var answer = await client.SendAsync(new HttpMethod(method), path);

        ((int)answer.StatusCode).ShouldBe(status);
        Problems(answer).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/sign-in", "text/html")]
    [InlineData("/health", "text/plain")]
    [InlineData("/lapses/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.ics", "text/plain")]
    public async Task ContentType_OfText_NamesItsCharacters(string path, string type)
    {
        using var client = portal.NewSignedInClient();

        using var answer = await client.GetAsync(path);

        answer.Content.Headers.ContentType!.MediaType.ShouldBe(type);
        answer.Content.Headers.ContentType.CharSet.ShouldBe("utf-8");
    }

    [Fact]
    public async Task Headers_Negotiation_AreThere()
    {
        using var client = portal.NewSignedInClient();

        using var answer = await client.SendAsync(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1", null, ("Origin", $"https://{RunningPortal.Host}"));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        Problems(answer).ShouldBeEmpty();
    }

    [Fact]
    public async Task Headers_TooManyRequests_AreThere()
    {
        using var client = portal.NewClient();
        client.From = "192.0.2.77";
        HttpResponseMessage? last = null;
        for (var tries = 0; tries < 200 && last?.StatusCode != HttpStatusCode.TooManyRequests; tries++)
        {
            last?.Dispose();
            last = await client.GetAsync("/oauth/callback");
        }

        last!.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        Problems(last).ShouldBeEmpty();
        last.Dispose();
    }

    [Theory]
    [InlineData(500, "Something went wrong")]
    [InlineData(503, "The disk is full")]
    public async Task Headers_Trouble_AreThereAndAPageSaysIt(int status, string title)
    {
        await using var other = new RunningPortal();
        await other.InitializeAsync();
        using var client = other.NewClient();
        other.Hasher.Trouble = status == 503 ? new SqliteException("database or disk is full", 13) : new InvalidOperationException("a bug with a planted-secret");

        using var answer = await client.SubmitAsync("/sign-in", RunningPortal.Email, RunningPortal.Password);

        ((int)answer.StatusCode).ShouldBe(status);
        Problems(answer).ShouldBeEmpty();
        answer.Headers.RetryAfter.ShouldBe(status == 503 ? new RetryConditionHeaderValue(TimeSpan.FromSeconds(5)) : null);
        var page = await answer.Content.ReadAsStringAsync(Token);
        page.ShouldContain(title);
        page.ShouldNotContain("planted-secret");
    }

    [Fact]
    public async Task Headers_RefusedHost_AreThere()
    {
        using var client = portal.NewClient();

        using var answer = await client.GetAsync("/sign-in", ("Host", "evil.example"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        Problems(answer).ShouldBeEmpty();
    }

    [Fact]
    public async Task Headers_BodyThatIsNoForm_AreThereAndItIsNotRead()
    {
        using var client = portal.NewClient();

        using var answer = await client.SendAsync(
            HttpMethod.Post, "/sign-in", new FormUrlEncodedContent([KeyValuePair.Create("upload", new string('x', 1024 * 1024))]), ("Expect", "100-continue"));

        answer.StatusCode.ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge);
        Problems(answer).ShouldBeEmpty();
    }

    [Fact]
    public async Task ContentSecurityPolicy_Scripts_AreFilesOfOursAlone()
    {
        using var client = portal.NewClient();
        using var answer = await client.GetAsync("/sign-in");
        var policy = string.Join("; ", answer.Headers.GetValues("Content-Security-Policy")).Split("; ").Select(part => part.Split(' ', 2)).ToDictionary(part => part[0], part => part[1]);

        policy["default-src"].ShouldBe("'none'");
        policy["script-src"].ShouldBe("'self'");
        policy["style-src"].ShouldBe("'self'");
        policy["object-src"].ShouldBe("'none'");
        policy["base-uri"].ShouldBe("'self'");
        policy["form-action"].ShouldBe("'self'");
        policy["frame-ancestors"].ShouldBe("'none'");
        policy.Where(part => part.Value.Contains("unsafe", StringComparison.Ordinal)).Select(part => part.Key).ShouldBe(["style-src-attr"]);
        // Nor does the page need more than that.
        var page = await answer.Content.ReadAsStringAsync(Token);
        InlineScript().Match(page).Value.ShouldBe("");
        page.ShouldNotContain("<style");
        page.ShouldNotContain("javascript:");
        answer.Headers.Contains("Server").ShouldBeFalse();
    }

    [Theory]
    [InlineData("Production", "https://portal.example.com", true)]
    [InlineData("Development", "https://portal.example.com", true)]
    [InlineData("Development", "https://localhost:7080", false)]
    [InlineData("Development", "http://localhost:5080", false)]
    public async Task TransportSecurity_OutsideLoopback_IsAskedFor(string environment, string publicUrl, bool asked)
    {
        await using var other = new RunningPortal(environment, new Dictionary<string, string> { ["Portal:PublicBaseUrl"] = publicUrl });
        await other.InitializeAsync();
        using var client = other.NewClient();

        using var answer = await client.GetAsync("/sign-in");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.Contains("Strict-Transport-Security").ShouldBe(asked);
        answer.Headers.Contains("Content-Security-Policy").ShouldBeTrue();
    }

    internal static IEnumerable<string> Problems(HttpResponseMessage answer)
    {
        foreach (var name in Expected)
        {
            var values = answer.Headers.TryGetValues(name, out var found) ? found.ToList() : [];
            if (values.Count != 1) yield return $"{name} is there {values.Count} times";
        }

        if (answer.Headers.CacheControl is null) yield return "Cache-Control is missing";
        if (answer.Headers.CacheControl?.Public == true && answer.Headers.Contains("Set-Cookie")) yield return "it sets a cookie and may be kept by everybody";
        foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [])
        {
            var parts = cookie.Split("; ").Select(part => part.ToLowerInvariant()).ToList();
            if (!cookie.StartsWith("__Host-", StringComparison.Ordinal)) yield return $"the cookie {cookie.Split('=')[0]} is not tied to the host";
            if (!parts.Contains("secure") || !parts.Contains("httponly") || !parts.Contains("path=/")) yield return $"the cookie {cookie.Split('=')[0]} is not guarded: {string.Join(", ", parts.Skip(1))}";
            if (!parts.Contains("samesite=lax") && !parts.Contains("samesite=strict")) yield return $"the cookie {cookie.Split('=')[0]} goes along from other sites";
            if (parts.Exists(part => part.StartsWith("domain", StringComparison.Ordinal))) yield return $"the cookie {cookie.Split('=')[0]} has a domain";
        }
    }

    /// <summary>An address that the route takes: every parameter filled in with something of its form.</summary>
    internal static string Path(RouteEndpoint endpoint) => "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
    {
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternSeparatorPart separator => separator.Content,
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter when parameter.ParameterPolicies.Any(policy => policy.Content == "guid") => "01a200c2-a625-783e-a623-d7eac4fc2635",
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter when parameter.ParameterPolicies.Any(policy => policy.Content == "int") => "404",
        _ => "anything",
    }))));

    [GeneratedRegex("<script(?![^>]*\\bsrc=)[^>]*>|\\son[a-z]+=")]
    private static partial Regex InlineScript();
}
