using System.Net;
using System.Text.Json.Nodes;
using AdminPortal.Components.Tests.Hosting;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Domain.Sync;
using AdminPortal.Features.Api;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Features.Api;

/// <summary>What the document and the reference say is what is answered.</summary>
public sealed class ApiDocumentTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    [Fact]
    public async Task Document_Operations_AreTheEndpointsThatAreMapped()
    {
        var document = await ReadAsync();

        var mapped = portal.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith(ApiServices.Root, StringComparison.Ordinal) && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null)
            .Select(endpoint => $"{endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single()} {endpoint.RoutePattern.RawText!.Replace(":guid", "", StringComparison.Ordinal)}");
        Operations(document).Select(operation => $"{operation.Method} {operation.Path}").Order().ShouldBe(mapped.Order());
        document["openapi"]!.GetValue<string>().ShouldStartWith("3.1");
        document["servers"]![0]!["url"]!.GetValue<string>().ShouldBe($"https://{RunningPortal.Host}");
        document["components"]!["securitySchemes"]!["token"]!["scheme"]!.GetValue<string>().ShouldBe("bearer");
    }

    [Fact]
    public async Task Document_EveryOperation_IsDescribed()
    {
        var document = await ReadAsync();
        foreach (var (method, path, operation) in Operations(document))
        {
            var who = $"{method} {path}";
            operation["summary"]!.GetValue<string>().ShouldNotBeEmpty(who);
            operation["description"]!.GetValue<string>().ShouldContain("Needs the scope ", Case.Sensitive, who);
            operation["security"]!.ToJsonString().ShouldContain("\"token\"", Case.Sensitive, who);
            foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
                if (parameter!["in"]!.GetValue<string>() != "path") parameter["description"]!.GetValue<string>().ShouldNotBeEmpty(who);
            var responses = operation["responses"]!.AsObject();
            foreach (var status in new[] { "401", "403", "429", "500", "503" }) responses[status]!["content"]!["application/problem+json"]!["schema"].ShouldNotBeNull(who);
            var good = responses.Single(response => response.Key.StartsWith('2')).Value!["content"]!["application/json"]!;
            Mismatches(document, good["schema"]!, good["example"], who).ShouldBeEmpty();
            if (operation["requestBody"] is { } body)
                foreach (var (_, content) in body["content"]!.AsObject()) Mismatches(document, content!["schema"]!, content["example"], who).ShouldBeEmpty();
        }

        // A limit is a number, a state one of its words.
        var list = Operations(document).Single(operation => operation.Path == "/api/v1/instances").Operation["parameters"]!.AsArray();
        list.Single(parameter => parameter!["name"]!.GetValue<string>() == "limit")!["schema"]!["type"]!.GetValue<string>().ShouldBe("integer");
        list.Single(parameter => parameter!["name"]!.GetValue<string>() == "state")!["schema"]!["enum"]!.AsArray().Count.ShouldBe(4);
        Operations(document).Single(operation => operation.Method == "PATCH").Operation["parameters"]!.AsArray()
            .Single(parameter => parameter!["name"]!.GetValue<string>() == "If-Match")!["required"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task Answers_OfEveryOperation_HaveTheDocumentedForm()
    {
        var document = await ReadAsync();
        var (token, _, _) = await portal.NewTokenAsync(Role.Operator);
        var (account, app) = (await portal.AddAccountAsync(), await portal.AddAppAsync());
        var instance = (await portal.AddInstancesAsync(account, 2, (row, _) => row.AccountServer = "dt123.infusionsoft.com"))[0];
        await using (var db = portal.OpenDatabase())
        {
            db.Drift.Add(new DriftItem
            {
                Id = Guid.CreateVersion7(), PlatformAccountId = account, RunId = Guid.NewGuid(), Kind = DriftKind.Changed, PlatformId = 1, Name = "Differs", ElementKey = "infusionsoftrest",
                Fields = [new DriftField("Name", "There", null)], Fingerprint = "f",
            });
            await db.SaveChangesAsync(Token);
        }

        var attempt = (await portal.CallAsync("POST", "/api/v1/attempts", token, ApiClient.NewAttempt(account, app), ("Idempotency-Key", "first"))).Json["id"]!.GetValue<string>();
        var answered = new HashSet<string>();
        foreach (var (method, path, operation) in Operations(document))
        {
            var address = path.Replace("{id}", path.Contains("attempts", StringComparison.Ordinal) ? attempt : instance.ToString(), StringComparison.Ordinal);
            var body = (method, path) switch
            {
                ("PATCH", _) => """{"name":"Renamed"}""",
                ("POST", "/api/v1/attempts") => ApiClient.NewAttempt(account, app),
                _ => null,
            };
            var replies = new List<ApiReply>
            {
                await portal.CallAsync(method, address, token, body, ("Idempotency-Key", "second"), ("If-Match", "*")),
                await portal.CallAsync(method, address, null, body),
                await portal.CallAsync(method, address + "?limit=x", token, body, ("Idempotency-Key", "not a key")),
            };
            foreach (var reply in replies)
            {
                var status = ((int)reply.Status).ToString(System.Globalization.CultureInfo.InvariantCulture);
                var who = $"{method} {path}: {status} {reply.Text}";
                var documented = operation["responses"]![status].ShouldNotBeNull(who);
                var content = documented["content"]![reply.ContentType!].ShouldNotBeNull(who);
                Mismatches(document, content["schema"]!, reply.Json, who).ShouldBeEmpty();
                answered.Add(status[..1]);
                // Whatever secrets lie behind it.
                reply.Text.ShouldNotContain("planted", Case.Insensitive, who);
                reply.Text.ShouldNotContain(token);
            }

            ((int)replies[0].Status).ShouldBeInRange(200, 201, $"{method} {path}: {replies[0].Text}");
        }

        answered.ShouldBe(["2", "4"], ignoreOrder: true);
    }

    [Fact]
    public async Task Reference_OfTheDocument_NamesEverythingAndLeadsNowhereElse()
    {
        var document = await ReadAsync();
        using var browser = portal.NewSignedInClient();
        using var answer = await browser.GetAsync("/help/api");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var page = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(Token));

        foreach (var (method, path, operation) in Operations(document))
        {
            page.QuerySelectorAll(".api-call").Select(call => call.TextContent).ShouldContain($"{method} {path}");
            page.QuerySelectorAll("main h2").Select(heading => heading.TextContent).ShouldContain(operation["summary"]!.GetValue<string>());
        }

        foreach (var (name, _) in document["components"]!["schemas"]!.AsObject()) page.GetElementById("schema-" + name).ShouldNotBeNull(name);
        foreach (var type in Enum.GetValues<ApiProblemType>()) page.GetElementById(ApiProblemTypes.Slug(type)).ShouldNotBeNull(type.ToString());
        var ids = page.QuerySelectorAll("main [id]").Select(element => element.Id).ToList();
        ids.Distinct().Count().ShouldBe(ids.Count);
        foreach (var link in page.QuerySelectorAll("main a[href*='#']").Select(link => link.GetAttribute("href")!).Where(href => !href.EndsWith("#main", StringComparison.Ordinal)))
        {
            link.ShouldStartWith("/help/api#");
            page.GetElementById(link.Split('#')[1]).ShouldNotBeNull(link);
        }

        var walk = page.QuerySelector("pre")!.TextContent;
        walk.ShouldContain($"https://{RunningPortal.Host}/api/v1/attempts");
        walk.ShouldContain("Idempotency-Key");
    }

    [Fact]
    public async Task Problems_EveryType_HasAStatusAndAnAddressOfItsOwn()
    {
        var slugs = Enum.GetValues<ApiProblemType>().Select(ApiProblemTypes.Slug).ToList();
        slugs.Distinct().Count().ShouldBe(slugs.Count);
        Enum.GetValues<ApiProblemType>().ShouldAllBe(type => ApiProblemTypes.Status(type) >= 400);
        var (token, _, _) = await portal.NewTokenAsync(Role.Viewer, ApiScope.Read);

        var reply = await portal.CallAsync("GET", $"/api/v1/instances/{Guid.NewGuid()}", token);

        reply.Json["type"]!.GetValue<string>().ShouldBe($"https://{RunningPortal.Host}/help/api#not-found");
        reply.Json["status"]!.GetValue<int>().ShouldBe(404);
        reply.Json["title"]!.GetValue<string>().ShouldNotBeEmpty();
        reply.Json["detail"]!.GetValue<string>().ShouldEndWith(".");
    }

    private async Task<JsonObject> ReadAsync()
    {
        var reply = await portal.CallAsync("GET", "/api/v1/openapi.json", null);
        (reply.Status, reply.ContentType).ShouldBe((HttpStatusCode.OK, "application/json"));
        return reply.Json.AsObject();
    }

    private static IEnumerable<(string Method, string Path, JsonNode Operation)> Operations(JsonObject document) =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        where operation.Key is "get" or "post" or "patch" or "put" or "delete"
        select (operation.Key.ToUpperInvariant(), path.Key, operation.Value);

    /// <summary>Where a value is not as its schema says; members that the schema does not name count as well.</summary>
    private static IEnumerable<string> Mismatches(JsonObject document, JsonNode schema, JsonNode? value, string where)
    {
        if (schema["$ref"]?.GetValue<string>() is { } reference)
            return Mismatches(document, document["components"]!["schemas"]![reference.Split('/')[^1]]!, value, where);
        var choices = (schema["oneOf"] ?? schema["anyOf"])?.AsArray();
        if (choices is not null)
            return choices.Any(choice => !Mismatches(document, choice!, value, where).Any()) ? [] : [$"{where}: none of {choices.ToJsonString()} is {value?.ToJsonString() ?? "null"}"];
        if (schema["enum"]?.AsArray() is { } names)
            return names.Any(name => JsonNode.DeepEquals(name, value)) ? [] : [$"{where}: {value?.ToJsonString() ?? "null"} is none of {names.ToJsonString()}"];

        var types = schema["type"] switch { JsonArray several => several.Select(one => one!.GetValue<string>()).ToList(), { } one => [one.GetValue<string>()], _ => [] };
        var kind = value?.GetValueKind() switch
        {
            null => "null",
            System.Text.Json.JsonValueKind.Object => "object",
            System.Text.Json.JsonValueKind.Array => "array",
            System.Text.Json.JsonValueKind.String => "string",
            System.Text.Json.JsonValueKind.Number => "integer",
            _ => "boolean",
        };
        if (types.Count > 0 && !types.Contains(kind)) return [$"{where}: {kind} and not {string.Join(" or ", types)}"];
        if (value is JsonArray items) return items.SelectMany((item, index) => Mismatches(document, schema["items"]!, item, $"{where}[{index}]"));
        if (value is not JsonObject members)
        {
            return (schema["format"]?.GetValue<string>(), value) switch
            {
                ("date-time", { } time) when !time.GetValue<string>().EndsWith('Z') => [$"{where}: {time} is no UTC time"],
                ("uuid", { } id) when !Guid.TryParse(id.GetValue<string>(), out _) => [$"{where}: {id} is no id"],
                _ => [],
            };
        }

        var known = schema["properties"]?.AsObject() ?? [];
        var missing = (schema["required"]?.AsArray() ?? []).Select(name => name!.GetValue<string>()).Where(name => !members.ContainsKey(name)).Select(name => $"{where}.{name}: missing");
        var wrong = members.SelectMany(member => known.TryGetPropertyValue(member.Key, out var type) ? Mismatches(document, type!, member.Value, $"{where}.{member.Key}")
            : schema["additionalProperties"] is JsonObject any ? Mismatches(document, any, member.Value, $"{where}.{member.Key}")
            : [$"{where}.{member.Key}: not in the document"]);
        return missing.Concat(wrong);
    }
}
