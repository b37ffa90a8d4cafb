using System.Globalization;
using System.Text.Json.Nodes;
using AdminPortal.Sandbox.Tenancy;

namespace AdminPortal.Sandbox.Api;

/// <summary><c>/instances/{id}/docs</c>, and the same by token: Swagger 2.0 of the paths that the instance really answers.</summary>
internal static class InstanceDocsEndpoints
{
    public static void MapInstanceDocs(this IEndpointRouteBuilder api)
    {
        api.MapGet("/instances/{id}/docs", Docs).RequireOrganization();
        api.MapGet("/instances/docs", Docs).RequireToken();
    }

    private static IResult Docs(Target target, HttpRequest request, OwnAddress own)
    {
        if (target.Instance is not { } instance)
            return target.Missing;

        // There is one version: -1 asks for the latest, and any number gets the same.
        if (request.Query.TryGetValue("version", out var version) && !int.TryParse(version, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            return ApiFailure.BadRequest("version must be a number");
        return ApiAnswer.Json(Swagger(ElementCatalog.Find(instance.ElementKey)!, new Uri(own.Of(request))));
    }

    private static JsonObject Swagger(ElementDefinition element, Uri address)
    {
        var orders = element.Resource == "orders";
        var (one, many, schema) = orders ? ("order", "orders", "Order") : ("contact", "contacts", "Contact");
        JsonObject properties = orders
            ? new() { ["title"] = Type("string"), ["status"] = Type("string"), ["total"] = Type("number") }
            : new() { ["first_name"] = Type("string"), ["last_name"] = Type("string"), ["email"] = Type("string") };
        var record = properties.DeepClone().AsObject();
        record["id"] = Type("integer", "int64");
        record["creation_date"] = Type("string", "date-time");
        record["modification_date"] = Type("string", "date-time");
        return new JsonObject
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = element.Name, ["version"] = "api-v2", ["description"] = element.Description },
            ["host"] = address.Authority,
            ["basePath"] = ElementsApi.BasePath,
            ["schemes"] = new JsonArray(address.Scheme),
            ["consumes"] = new JsonArray("application/json"),
            ["produces"] = new JsonArray("application/json"),
            ["paths"] = new JsonObject
            {
                [$"/{many}"] = new JsonObject
                {
                    ["get"] = Operation($"get{schema}s", $"Search for {many}", List(schema),
                    [
                        Query("where", "string", "Which to return, such as " + (orders ? "status='PAID'" : "last_name='Smith'")),
                        Query("pageSize", "integer", "How many on one page, 1 to 200", 200),
                        Query("nextPage", "string", "The page token of the page before"),
                    ]),
                    ["post"] = Operation($"create{schema}", $"Create a new {one}", Reference(schema), [Body(schema)]),
                },
                [$"/{many}/{{id}}"] = new JsonObject
                {
                    ["get"] = Operation($"get{schema}ById", $"Retrieve a {one}", Reference(schema), [Id(one)]),
                    ["patch"] = Operation($"update{schema}ById", $"Update a {one}", Reference(schema), [Id(one), Body(schema)]),
                    ["delete"] = Operation($"delete{schema}ById", $"Delete a {one}", null, [Id(one)]),
                },
                ["/objects"] = new JsonObject
                {
                    ["get"] = Operation("getObjects", "List the objects", new JsonObject { ["type"] = "array", ["items"] = Type("string") }, []),
                },
                ["/ping"] = new JsonObject { ["get"] = Operation("getPing", "Ping the instance", Reference("Pong"), []) },
            },
            ["definitions"] = Definitions(schema, record, properties),
        };
    }

    private static JsonObject Definitions(string schema, JsonObject record, JsonObject properties) => new()
    {
        [schema] = new JsonObject { ["type"] = "object", ["properties"] = record },
        [schema + "Fields"] = new JsonObject { ["type"] = "object", ["properties"] = properties },
        ["Pong"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["dateTime"] = Type("string"), ["endpoint"] = Type("string"), ["valid"] = Type("boolean") },
        },
        ["Error"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["requestId"] = Type("string"), ["message"] = Type("string"), ["providerMessage"] = Type("string") },
        },
    };

    private static JsonObject Operation(string id, string summary, JsonObject? answer, JsonObject[] parameters)
    {
        var good = new JsonObject { ["description"] = "OK" };
        if (answer is not null)
            good["schema"] = answer;
        var responses = new JsonObject { ["200"] = good };
        foreach (var (status, text) in new[] { ("400", "Bad Request"), ("401", "Unauthorized"), ("403", "Forbidden"), ("404", "Not found") })
            responses[status] = new JsonObject { ["description"] = text, ["schema"] = Reference("Error") };
        return new JsonObject
        {
            ["operationId"] = id,
            ["summary"] = summary,
            ["parameters"] = new JsonArray([.. parameters]),
            ["responses"] = responses,
        };
    }

    private static JsonObject Query(string name, string type, string description, int? standard = null)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = "query", ["description"] = description, ["type"] = type, ["required"] = false };
        if (standard is not null)
            parameter["default"] = standard;
        return parameter;
    }

    private static JsonObject Id(string one) =>
        new() { ["name"] = "id", ["in"] = "path", ["description"] = $"The ID of the {one}", ["type"] = "integer", ["format"] = "int64", ["required"] = true };

    private static JsonObject Body(string schema) =>
        new() { ["name"] = "body", ["in"] = "body", ["description"] = "The fields to set", ["required"] = true, ["schema"] = Reference(schema + "Fields") };

    private static JsonObject List(string schema) => new() { ["type"] = "array", ["items"] = Reference(schema) };

    private static JsonObject Reference(string schema) => new() { ["$ref"] = "#/definitions/" + schema };

    private static JsonObject Type(string type, string? format = null)
    {
        var described = new JsonObject { ["type"] = type };
        if (format is not null)
            described["format"] = format;
        return described;
    }
}
