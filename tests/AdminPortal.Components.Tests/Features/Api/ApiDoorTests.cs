using System.Net;
using AdminPortal.Components.Tests.Hosting;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Features.Api;
using AdminPortal.Provisioning.ApiTokens;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Features.Api;

/// <summary>Who comes in at the API, and how whoever does not is told.</summary>
public sealed class ApiDoorTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    [Fact]
    public async Task Endpoints_EveryOneByRoleAndScope_LetsInWhoeverMay()
    {
        var endpoints = Endpoints().ToList();
        endpoints.Count.ShouldBe(11);
        foreach (var role in Enum.GetValues<Role>())
        {
            foreach (var scope in ApiScopes.All)
            {
                var (token, _, _) = await portal.NewTokenAsync(role, scope);
                foreach (var (method, path, access) in endpoints)
                {
                    var reply = await portal.CallAsync(method, path, token);
                    var who = $"{method} {path} as {role} with {scope}: {reply.Text}";
                    if (access.Scope != scope)
                    {
                        (reply.Status, reply.Problem).ShouldBe((HttpStatusCode.Forbidden, "scope-missing"), who);
                        reply.Header("WWW-Authenticate")!.ShouldContain($"error=\"insufficient_scope\", scope=\"{access.Scope.ToString().ToLowerInvariant()}\"");
                    }
                    else if (!ApiScopes.Allows(role, scope))
                        (reply.Status, reply.Problem).ShouldBe((HttpStatusCode.Forbidden, "role-missing"), who);
                    else
                        reply.Status.ShouldNotBeOneOf(HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized);
                }
            }
        }
    }

    [Fact]
    public async Task Role_ThatDoesNotAllowIt_IsWrittenDown()
    {
        var (token, person, _) = await portal.NewTokenAsync(Role.Viewer, ApiScope.Connect);

        var reply = await portal.CallAsync("POST", "/api/v1/attempts", token, "{}");

        reply.Problem.ShouldBe("role-missing");
        reply.Json["detail"]!.GetValue<string>().ShouldContain("needs the role Operator; your role is Viewer");
        await using var db = portal.OpenDatabase();
        var line = await db.Activity.SingleAsync(entry => entry.PersonId == person.PersonId && entry.Action == ActivityAction.NotAllowed, Token);
        line.PersonName.ShouldBe($"{person.Name} (API token “Script”)");
        line.From.ShouldNotBeNull();
    }

    [Fact]
    public async Task Session_Cookie_OpensNothing()
    {
        using var client = portal.NewSignedInClient();
        using var page = await client.GetAsync("/instances");
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        var document = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await page.Content.ReadAsStringAsync(Token));
        var antiforgery = document.QuerySelector("#sign-out input[name='__RequestVerificationToken']")!.GetAttribute("value")!;

        foreach (var (method, path, _) in Endpoints())
        {
            var reply = await client.CallAsync(method, path, null, method == "GET" ? null : "{}", ("RequestVerificationToken", antiforgery), ("Idempotency-Key", "key"), ("If-Match", "*"));
            (reply.Status, reply.Problem).ShouldBe((HttpStatusCode.Unauthorized, "unauthorized"), $"{method} {path}");
            reply.Header("WWW-Authenticate").ShouldBe("Bearer realm=\"AdminPortal\"");
        }
    }

    [Fact]
    public async Task Token_AtThePages_OpensNothing()
    {
        var (token, _, _) = await portal.NewTokenAsync(Role.Administrator);

        var page = await portal.CallAsync("GET", "/instances", token);
        var reveal = await portal.CallAsync("POST", "/instances/01a200c2-a625-783e-a623-d7eac4fc2635/token", token);
        var circuit = await portal.CallAsync("POST", "/_blazor/negotiate?negotiateVersion=1", token);

        page.Header("Location")!.ShouldContain("/sign-in?");
        reveal.Header("Location")!.ShouldEndWith("/sign-in");
        circuit.Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Token_WithACookieBesideIt_CountsAlone()
    {
        var (token, person, _) = await portal.NewTokenAsync(Role.Viewer, ApiScope.Connect);
        using var administrator = portal.NewSignedInClient();

        var reply = await administrator.CallAsync("POST", "/api/v1/attempts", token, "{}", ("Idempotency-Key", "key"));

        reply.Problem.ShouldBe("role-missing");
        person.Role.ShouldBe(Role.Viewer);
    }

    [Theory]
    [InlineData("expired", "has expired")]
    [InlineData("revoked", "was revoked")]
    [InlineData("disabled", "may not sign in any more")]
    [InlineData("removed", "There is no such API token")]
    [InlineData("changed", "There is no such API token")]
    [InlineData("shorter", "There is no such API token")]
    public async Task Token_ThatIsNotGood_IsToldWhy(string what, string sentence)
    {
        var (token, person, id) = await portal.NewTokenAsync(Role.Operator);
        (await portal.CallAsync("GET", "/api/v1/accounts", token)).Status.ShouldBe(HttpStatusCode.OK);
        await using (var db = portal.OpenDatabase())
        {
            var past = (DateTimeOffset?)DateTimeOffset.UtcNow.AddMinutes(-1);
            if (what == "expired") await db.ApiTokens.Where(row => row.Id == id).ExecuteUpdateAsync(set => set.SetProperty(row => row.ExpiresAt, past!.Value), Token);
            if (what == "revoked") await db.ApiTokens.Where(row => row.Id == id).ExecuteUpdateAsync(set => set.SetProperty(row => row.RevokedAt, past), Token);
            if (what == "disabled") await db.Users.Where(row => row.Id == person.PersonId).ExecuteUpdateAsync(set => set.SetProperty(row => row.DisabledAt, past), Token);
            if (what == "removed") await db.Users.Where(row => row.Id == person.PersonId).ExecuteDeleteAsync(Token);
        }

        if (what == "changed") token = ApiTokenValue.Create();
        if (what == "shorter") token = token[..^1];
        var reply = await portal.CallAsync("GET", "/api/v1/accounts", token);

        (reply.Status, reply.Problem).ShouldBe((HttpStatusCode.Unauthorized, "unauthorized"));
        reply.Header("WWW-Authenticate").ShouldBe("Bearer realm=\"AdminPortal\", error=\"invalid_token\"");
        reply.Json["detail"]!.GetValue<string>().ShouldContain(sentence);
        reply.Text.ShouldNotContain(token);
    }

    [Fact]
    public async Task Limits_OfAnAddress_HoldUpRefusalsAlone()
    {
        var (token, _, _) = await portal.NewTokenAsync(Role.Viewer, ApiScope.Read);
        using var client = portal.NewClient();
        client.From = "192.0.2.61";
        ApiReply reply;
        var count = 0;
        do reply = await client.CallAsync("GET", "/api/v1/accounts", ApiTokenValue.Create());
        while (reply.Status == HttpStatusCode.Unauthorized && ++count < 500);

        (reply.Status, reply.Problem).ShouldBe((HttpStatusCode.TooManyRequests, "too-many-requests"));
        reply.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        count.ShouldBeGreaterThanOrEqualTo(ApiLimits.Refusals);
        // A good token beside it goes on.
        (await client.CallAsync("GET", "/api/v1/accounts", token)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Limits_OfAToken_AreItsOwn()
    {
        var (token, _, id) = await portal.NewTokenAsync(Role.Viewer, ApiScope.Read);
        var (other, _, _) = await portal.NewTokenAsync(Role.Viewer, ApiScope.Read);
        // As many calls as it has at once, without the time that they would take.
        var limits = portal.Services.GetRequiredService<ApiLimits>();
        for (var count = 0; count < ApiLimits.Calls; count++) limits.Call(id).Dispose();
        ApiReply reply;
        var more = 0;
        do reply = await portal.CallAsync("GET", "/api/v1/accounts", token);
        while (reply.Status == HttpStatusCode.OK && ++more < 5000);

        (reply.Status, reply.Problem).ShouldBe((HttpStatusCode.TooManyRequests, "too-many-requests"));
        reply.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        (await portal.CallAsync("GET", "/api/v1/accounts", other)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("GET", "/api", HttpStatusCode.NotFound, "not-found")]
    [InlineData("GET", "/api/v2/instances", HttpStatusCode.NotFound, "not-found")]
    [InlineData("GET", "/api/v1/nothing", HttpStatusCode.NotFound, "not-found")]
    [InlineData("GET", "/api/v1/instances/no-id", HttpStatusCode.NotFound, "not-found")]
    [InlineData("DELETE", "/api/v1/instances/01a200c2-a625-783e-a623-d7eac4fc2635", HttpStatusCode.MethodNotAllowed, "method-not-allowed")]
    [InlineData("POST", "/api/v1/instances", HttpStatusCode.MethodNotAllowed, "method-not-allowed")]
    public async Task Unknown_AddressOrMethod_IsAProblemForEverybody(string method, string path, HttpStatusCode status, string problem)
    {
        foreach (var token in new[] { null, (await portal.NewTokenAsync(Role.Viewer)).Value })
        {
            var reply = await portal.CallAsync(method, path, token, method == "GET" ? null : "{}");
            (reply.Status, reply.Problem).ShouldBe((status, problem));
        }
    }

    [Fact]
    public async Task Host_OfSomebodyElse_IsAProblem()
    {
        using var client = portal.NewClient();

        (await client.CallAsync("GET", "/api/v1/accounts", null, null, ("Host", "evil.example"))).Problem.ShouldBe("invalid");
    }

    [Theory]
    [InlineData(false, HttpStatusCode.InternalServerError, "failed")]
    [InlineData(true, HttpStatusCode.ServiceUnavailable, "storage-trouble")]
    public async Task Trouble_Inside_TellsNothingButWhatToDo(bool ofStorage, HttpStatusCode status, string problem)
    {
        await using var other = new RunningPortal();
        await other.InitializeAsync();
        var (token, _, _) = await other.NewTokenAsync(Role.Operator);
        var id = (await other.AddInstancesAsync(await other.AddAccountAsync(), 1))[0];
        other.Platform().OnGet = _ => throw (ofStorage ? new SqliteException("planted disk is full", 13) : new InvalidOperationException("a bug with a planted-secret"));

        var reply = await other.CallAsync("POST", $"/api/v1/instances/{id}/validate", token);

        (reply.Status, reply.Problem).ShouldBe((status, problem));
        reply.Text.ShouldNotContain("planted");
        if (ofStorage) reply.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(5));
        else reply.Json["traceId"]!.GetValue<string>().Length.ShouldBeGreaterThan(8);
    }

    private IEnumerable<(string Method, string Path, ApiAccess Access)> Endpoints()
    {
        foreach (var endpoint in portal.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var path = HeaderTests.Path(endpoint);
            if (!path.StartsWith("/api", StringComparison.Ordinal) || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null) continue;
            endpoint.Metadata.GetMetadata<IAuthorizeData>()!.Policy.ShouldBe(ApiAuthentication.PolicyName);
            yield return (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single(), path, ApiAccess.Of(endpoint).ShouldNotBeNull(path));
        }
    }
}
