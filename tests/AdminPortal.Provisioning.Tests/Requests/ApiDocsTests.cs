using System.Text;
using System.Text.Json;
using AdminPortal.Provisioning.Requests;

namespace AdminPortal.Provisioning.Tests.Requests;

public sealed class ApiDocsTests
{
    private const string Good = """
        { "swagger": "2.0", "basePath": "/elements/api-v2",
          "parameters": {
            "Page": { "name": "pageSize", "in": "query", "type": "integer", "default": 200, "description": "How many" },
            "Again": { "$ref": "#/parameters/Page" },
            "Circle": { "$ref": "#/parameters/Circle" } },
          "definitions": { "Contact": { "type": "object", "properties": {
            "email": { "type": "string", "example": "a@example.com" }, "id": { "type": "integer", "readOnly": true },
            "tags": { "type": "array", "items": { "type": "string" } }, "parent": { "$ref": "#/definitions/Contact" } } } },
          "paths": {
            "/contacts/{id}": {
              "parameters": [ { "name": "id", "in": "path", "type": "integer", "required": true } ],
              "patch": { "operationId": "change", "summary": "Change a contact", "parameters": [ { "name": "body", "in": "body", "required": true, "schema": { "$ref": "#/definitions/Contact" } } ] },
              "get": { "summary": "One contact" } },
            "/contacts": { "get": { "operationId": "list", "description": "All contacts", "parameters": [
              { "$ref": "#/parameters/Again" }, { "$ref": "#/parameters/Circle" }, { "$ref": "http://elsewhere.example.com/x" }, { "$ref": "#/paths/x" },
              { "name": "sort", "in": "query", "type": "string", "enum": ["name", "date"], "default": "name" },
              { "name": "fields", "in": "query", "type": "array", "collectionFormat": "multi", "items": { "type": "string" } },
              { "name": "Authorization", "in": "header", "type": "string", "required": true },
              { "name": "Elements-Trace", "in": "header", "type": "boolean" } ] } },
            "/files": { "post": { "parameters": [ { "name": "file", "in": "formData", "type": "file", "required": true } ] } },
            "/instances": { "get": {} }, "/elements/x/instances": { "get": {} }, "/../users": { "get": {} }, "//host/x": { "get": {} }, "contacts": { "get": {} },
            "/loose/{key}": { "get": {}, "options": {}, "x-more": 1 } } }
        """;

    [Fact]
    public void Read_Good_GivesWhatCanBeSent()
    {
        var operations = Read(Good);

        operations.Select(operation => operation.Key).ShouldBe(["GET /contacts", "GET /contacts/{id}", "PATCH /contacts/{id}", "GET /loose/{key}"]);
        operations.Select(operation => operation.Resource).Distinct().ShouldBe(["contacts", "loose"]);
        operations.Select(operation => operation.IsRead).ShouldBe([true, true, false, true]);
        var list = operations[0];
        (list.OperationId, list.Summary).ShouldBe(("list", "All contacts"));
        list.Parameters.Select(parameter => parameter.Key).ShouldBe(["Query:pageSize", "Query:sort", "Query:fields", "Header:Elements-Trace"]);
        var page = list.Parameters[0];
        (page.Type, page.Default, page.Required, page.Description).ShouldBe((ParameterType.WholeNumber, "200", false, "How many"));
        list.Parameters[1].Choices.ShouldBe(["name", "date"]);
        (list.Parameters[2].Type, list.Parameters[2].Separator).ShouldBe((ParameterType.List, null));
    }

    [Fact]
    public void Read_PathAndBody_AreTakenFromPathAndReference()
    {
        var change = Read(Good).Single(operation => operation.Method == "PATCH");

        change.Parameters.Select(parameter => (parameter.Key, parameter.Required)).ShouldBe([("Path:id", true), ("Body:body", true)]);
        // The circle ends; what may not be written is left out.
        var sketch = JsonDocument.Parse(change.Parameters[1].Default.ShouldNotBeNull()).RootElement;
        sketch.GetProperty("email").GetString().ShouldBe("a@example.com");
        sketch.TryGetProperty("id", out _).ShouldBeFalse();
        sketch.GetProperty("tags").GetArrayLength().ShouldBe(1);
        Read(Good)[3].Parameters.ShouldHaveSingleItem().ShouldSatisfyAllConditions(key => key.Name.ShouldBe("key"), key => key.Required.ShouldBeTrue());
    }

    [Fact]
    public void Read_BasePathWithHub_StandsBeforeThePaths() =>
        Read("""{ "basePath": "/elements/api-v2/hubs/crm", "paths": { "/accounts": { "get": {} } } }""").ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(operation => operation.Path.ShouldBe("/hubs/crm/accounts"), operation => operation.Resource.ShouldBe("accounts"));

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("17")]
    [InlineData("{}")]
    [InlineData("""{ "paths": [] }""")]
    [InlineData("""{ "paths": { "/x": null, "/y": { "get": [] }, "/z": { "get": "x" } } }""")]
    [InlineData("""{ "paths": { "\ud800": { "get": {} } } }""")]
    public void Read_Nothing_OffersNothing(string json) => Read(json).ShouldBeEmpty();

    [Fact]
    public void Read_HalfASurrogatePair_LeavesThatOut()
    {
        var operation = Read("""
            { "basePath": "\udfff", "paths": { "/a": { "get": { "summary": "\ud800", "parameters": [
              { "name": "\ud800", "in": "query" }, { "name": "b", "in": "query", "description": "\ud800x", "enum": ["\ud800", "c"] },
              { "name": "d", "in": "query", "\ud800": 1 } ] } } } }
            """).ShouldHaveSingleItem();

        operation.Summary.ShouldBeNull();
        operation.Parameters.ShouldHaveSingleItem().Choices.ShouldBe(["c"]);
    }

    [Fact]
    public void Read_EndlessDocument_IsBounded()
    {
        var text = new string('x', 5000);
        var paths = string.Join(',', Enumerable.Range(0, 3000).Select(i => $$"""
            "/p{{i}}": { "get": { "summary": "{{text[..500]}}", "parameters": [ {{string.Join(',', Enumerable.Range(0, i == 0 ? 200 : 1).Select(n => $$"""{ "name": "n{{n}}", "in": "query" }"""))}} ] } }
            """));

        var operations = Read($$"""{ "paths": { {{paths}}, "/{{text}}": { "get": {} } } }""");

        operations.Count.ShouldBe(ApiDocs.MaxOperations);
        operations.ShouldAllBe(operation => operation.Parameters.Count <= ApiDocs.MaxParameters && operation.Summary!.Length <= ApiDocs.MaxTextLength);
    }

    [Fact]
    public void Read_WideAndDeepSchema_IsBounded()
    {
        var properties = string.Join(',', Enumerable.Range(0, 40).Select(i => $$"""
            "p{{i}}": { "$ref": "#/definitions/A" }
            """));

        var operation = Read($$"""
            { "definitions": { "A": { "type": "object", "properties": { {{properties}} } } },
              "paths": { "/a": { "post": { "parameters": [ { "name": "b", "in": "body", "schema": { "$ref": "#/definitions/A" } } ] } } } }
            """).ShouldHaveSingleItem();

        (operation.Parameters[0].Default?.Length ?? 0).ShouldBeLessThan(6000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Read_DamagedDocuments_NeverThrows(int seed)
    {
        var random = new Random(seed);
        var read = 0;
        for (var round = 0; round < 300; round++)
        {
            var damaged = Damage(Good, random);
            if (Parse(damaged) is not { } document) continue;
            read++;
            foreach (var operation in ApiDocs.Read(document))
            {
                operation.Path.ShouldStartWith("/");
                operation.Path.Length.ShouldBeLessThanOrEqualTo(ApiDocs.MaxPathLength);
                operation.Path.ShouldNotContain("/instances");
                operation.Path.ShouldNotContain("..");
                operation.Parameters.ShouldAllBe(parameter => parameter.Place != ParameterPlace.Header || parameter.Name.StartsWith("Elements-", StringComparison.OrdinalIgnoreCase));
            }
        }

        read.ShouldBeGreaterThan(50);
    }

    /// <summary>Puts whole values in the place of others, so that most of what comes out is JSON still.</summary>
    private static string Damage(string json, Random random)
    {
        string[] values = ["null", "17", "1e400", "true", "\"\\ud800\"", "\"../..\"", "[]", "{}", "[[[[[[1]]]]]]", "{\"$ref\":\"#/definitions/Contact\"}", "{\"$ref\":17}", "\"path\"", "\"body\"", "\"array\""];
        var text = new StringBuilder(json);
        for (var blow = random.Next(1, 5); blow > 0; blow--)
        {
            var quotes = Enumerable.Range(0, text.Length).Where(i => text[i] == '"').ToList();
            var pair = random.Next(quotes.Count / 2) * 2;
            var (from, to) = (quotes[pair], quotes[pair + 1]);
            var isName = to + 1 < text.Length && text[to + 1] == ':';
            var value = isName ? $"\"{new[] { "$ref", "get", "in", "\\udc00", "/instances", "/a/{b}", "parameters" }[random.Next(7)]}\"" : values[random.Next(values.Length)];
            text.Remove(from, to - from + 1).Insert(from, value);
        }

        return text.ToString();
    }

    private static JsonElement? Parse(string json)
    {
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IReadOnlyList<ApiOperation> Read(string json) => ApiDocs.Read(JsonElement.Parse(json));
}
