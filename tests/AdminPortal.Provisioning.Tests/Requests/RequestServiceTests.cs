using System.Text.Json;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Requests;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Requests;

public sealed class RequestServiceTests
{
    private const string ElementToken = "element/token+value";

    private static readonly Actor Somebody = new(Guid.Parse("0199f0a1-0000-7000-8000-00000000ada0"), "ada@example.com") { Role = Role.Administrator };

    private static readonly ApiOperation Search = new("GET", "/contacts/{id}", null, null,
        [new ApiParameter("id", ParameterPlace.Path, ParameterType.Text, true, null, [], null), new ApiParameter("where", ParameterPlace.Query, ParameterType.Text, false, null, [], null)]);

    private static readonly ApiOperation Remove = new("DELETE", "/contacts/7", null, null, []);

    [Fact]
    public async Task SendAsync_Read_ShowsTheAnswerAndWritesItDown()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await AddAsync(portal);
        portal.Platform.OnSend = _ => Answer(200, """{"b":1,"a":"é"}""", ("Elements-Returned-Count", "1"));

        var answer = (await portal.Get<RequestService>().SendAsync(id, Input(Search, ("Path:id", "7"), ("Query:where", "email='a@example.com'")), Somebody, Token)).Value;

        (answer.Status, answer.Path, answer.RequestId, answer.SecretsReplaced, answer.Truncated).ShouldBe((200, "/contacts/7", "send-1", false, false));
        answer.Body.ReplaceLineEndings("\n").ShouldBe("{\n  \"b\": 1,\n  \"a\": \"é\"\n}");
        answer.Headers.ShouldHaveSingleItem().Key.ShouldBe("Elements-Returned-Count");
        portal.Platform.Sent.ShouldHaveSingleItem().PathAndQuery.ShouldBe("/contacts/7?where=email%3D%27a%40example.com%27");
        var line = await LineAsync(portal);
        (line.Action, line.Succeeded, line.PersonId, line.InstanceId).ShouldBe((ActivityAction.RequestSent, true, Somebody.PersonId, id));
        line.Detail.ShouldBe("GET /contacts/7, answered 200.");
    }

    [Theory]
    [InlineData(301, true)]
    [InlineData(400, false)]
    [InlineData(403, false)]
    [InlineData(500, false)]
    public async Task SendAsync_Status_DecidesWhetherItSucceeded(int status, bool succeeded)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await AddAsync(portal);
        portal.Platform.OnSend = _ => Answer(status, "no json");

        (await portal.Get<RequestService>().SendAsync(id, Input(null) with { Address = "/contacts" }, Somebody, Token)).Value.Body.ShouldBe("no json");

        (await LineAsync(portal)).Succeeded.ShouldBe(succeeded);
    }

    [Fact]
    public async Task SendAsync_WriteWithoutTheSwitch_SendsNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await AddAsync(portal);
        var service = portal.Get<RequestService>();

        var refused = await service.SendAsync(id, Input(Remove), Somebody, Token);

        refused.Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        portal.Platform.Sent.ShouldBeEmpty();
        (await service.SendAsync(id, Input(Remove) with { AllowWrites = true }, Somebody, Token)).Succeeded.ShouldBeTrue();
        portal.Platform.Sent.ShouldHaveSingleItem().Method.ShouldBe("DELETE");
    }

    [Fact]
    public async Task SendAsync_AnswerWithSecrets_ShowsWordsInstead()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await AddAsync(portal);
        portal.Platform.OnSend = _ => Answer(
            200, JsonSerializer.Serialize(new { token = ElementToken, echo = "User user-secret, Organization org-secret", address = Uri.EscapeDataString(ElementToken) }),
            ("X-Echo", $"Element {ElementToken}"));

        var answer = (await portal.Get<RequestService>().SendAsync(id, Input(Search, ("Path:id", "7"), ("Query:where", ElementToken)), Somebody, Token)).Value;

        answer.SecretsReplaced.ShouldBeTrue();
        var everything = string.Join('\n', [answer.Body, answer.Curl, answer.Path, .. answer.Headers.Select(header => header.Value)]);
        foreach (var secret in new[] { ElementToken, Uri.EscapeDataString(ElementToken), "user-secret", "org-secret" }) everything.ShouldNotContain(secret);
        answer.Headers[0].Value.ShouldBe("Element YOUR_ELEMENT_TOKEN");
        (await LineAsync(portal)).Detail.ShouldNotBeNull().ShouldNotContain(ElementToken);
    }

    [Fact]
    public async Task SendAsync_SecretAtTheCut_ShowsNoPartOfIt()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await AddAsync(portal);
        portal.Platform.OnSend = _ => new PlatformOutcome<InstanceResponse>.Success(
            new InstanceResponse(200, [KeyValuePair.Create("X-Long", new string('x', 1990) + ElementToken[..9] + "…")], "[\"" + ElementToken[..12], true, TimeSpan.Zero, null), null);

        var answer = (await portal.Get<RequestService>().SendAsync(id, Input(null) with { Address = "/contacts" }, Somebody, Token)).Value;

        answer.Truncated.ShouldBeTrue();
        answer.Body.ShouldBe("[\"YOUR_ELEMENT_TOKEN");
        answer.Headers[0].Value.ShouldEndWith("YOUR_ELEMENT_TOKEN…");
    }

    [Fact]
    public async Task SendAsync_BodyThatGrowsWhenIndented_IsCut()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await AddAsync(portal);
        portal.Platform.OnSend = _ => Answer(200, $"[{string.Join(',', Enumerable.Repeat("1", 60_000))}]");

        var answer = (await portal.Get<RequestService>().SendAsync(id, Input(null) with { Address = "/contacts" }, Somebody, Token)).Value;

        (answer.Body.Length, answer.Truncated).ShouldBe((InstanceResponse.MaxBodyLength, true));
    }

    [Fact]
    public async Task SendAsync_NotAnswered_IsAProblemThatIsWrittenDown()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await AddAsync(portal);
        portal.Platform.OnSend = _ => new PlatformOutcome<InstanceResponse>.Unknown(UnclearReason.TimedOut);

        var result = await portal.Get<RequestService>().SendAsync(id, Input(null) with { Address = "/contacts" }, Somebody, Token);

        result.Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.Unknown);
        var line = await LineAsync(portal);
        line.Succeeded.ShouldBeFalse();
        line.Detail.ShouldNotBeNull().ShouldStartWith("GET /contacts, not answered.");
    }

    [Fact]
    public async Task SendAsync_InvalidOrGone_WritesNothingDown()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await AddAsync(portal);
        var service = portal.Get<RequestService>();

        (await service.SendAsync(id, Input(Search), Somebody, Token)).Problems.ShouldHaveSingleItem().Field.ShouldBe("Path:id");
        (await service.SendAsync(Guid.NewGuid(), Input(Search, ("Path:id", "7")), Somebody, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);

        await using var db = portal.OpenDatabase();
        (await db.Activity.WithoutSetUp().AnyAsync(Token)).ShouldBeFalse();
        portal.Platform.Sent.ShouldBeEmpty();
    }

    [Fact]
    public async Task WriteCurlAsync_Write_NamesItAndSendsNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await AddAsync(portal);
        var create = new ApiOperation("POST", "/contacts", null, null, [new ApiParameter("body", ParameterPlace.Body, ParameterType.Json, true, null, [], null)]);

        var curl = (await portal.Get<RequestService>().WriteCurlAsync(id, Input(create, ("Body:body", "{\"name\":\"O'Neil\"}")), Token)).Value;

        curl.ReplaceLineEndings("\n").ShouldBe("""
            curl -X POST 'https://staging.cloud-elements.com/elements/api-v2/contacts' \
              -H 'Authorization: User YOUR_USER_SECRET, Organization YOUR_ORGANIZATION_SECRET, Element YOUR_ELEMENT_TOKEN' \
              -H 'Content-Type: application/json' \
              -d '{"name":"O'\''Neil"}'
            """.ReplaceLineEndings("\n"));
        portal.Platform.Sent.ShouldBeEmpty();
    }

    [Fact]
    public async Task ListOperationsAsync_Docs_AreReadOrSaidNotToBeThere()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await AddAsync(portal);
        var service = portal.Get<RequestService>();

        (await service.ListOperationsAsync(id, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.Refused);

        portal.Platform.OnDocs = () => new PlatformOutcome<JsonElement>.Success(JsonElement.Parse("""{"paths":{"/contacts":{"get":{}}}}"""), null);
        (await service.ListOperationsAsync(id, Token)).Value.Operations.ShouldHaveSingleItem().Key.ShouldBe("GET /contacts");
    }

    private static RequestInput Input(ApiOperation? operation, params (string Key, string Value)[] values) =>
        new(operation, values.ToDictionary(value => value.Key, value => value.Value), null, false);

    private static PlatformOutcome<InstanceResponse> Answer(int status, string body, params (string Name, string Value)[] headers) =>
        new PlatformOutcome<InstanceResponse>.Success(
            new InstanceResponse(status, [.. headers.Select(header => KeyValuePair.Create(header.Name, header.Value))], body, false, TimeSpan.FromMilliseconds(5), "send-1"), "send-1");

    private static async Task<ActivityEntry> LineAsync(TestPortal portal)
    {
        await using var db = portal.OpenDatabase();
        return await db.Activity.AsNoTracking().WithoutSetUp().SingleAsync(Token);
    }

    private static async Task<Guid> AddAsync(TestPortal portal)
    {
        var account = await portal.AddAccountAsync();
        var id = Guid.NewGuid();
        await using var db = portal.OpenDatabase();
        db.Instances.Add(new ElementInstance
        {
            Id = id,
            PlatformAccountId = account,
            PlatformId = 501,
            ElementKey = ElementKey.Rest,
            Name = "Alpha",
            Tags = [],
            Token = portal.Secrets.Seal(SecretKind.InstanceToken, id, ElementToken),
            State = InstanceState.Active,
            CreatedAt = portal.Clock.GetUtcNow(),
            LastCheckedAt = portal.Clock.GetUtcNow(),
        });
        await db.SaveChangesAsync(Token);
        return id;
    }
}
