using AdminPortal.Domain;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Requests;
using AdminPortal.Provisioning.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Tests.Requests;

public sealed class RequestWriterTests
{
    private const string Root = "/elements/api-v2";

    private static readonly IStringLocalizer<ProvisioningText> Texts =
        new ServiceCollection().AddLogging().AddLocalization().BuildServiceProvider().GetRequiredService<IStringLocalizer<ProvisioningText>>();

    [Theory]
    [InlineData("12", "/contacts/12")]
    [InlineData(" a b ", "/contacts/a%20b")]
    [InlineData("é{id}", "/contacts/%C3%A9%7Bid%7D")]
    [InlineData("100%", "/contacts/100%25")]
    [InlineData("a@example.com", "/contacts/a%40example.com")]
    [InlineData("...x", "/contacts/...x")]
    public void Write_PathValue_IsEscaped(string value, string expected) => Write(One(), ("Path:id", value)).Value.PathAndQuery.ShouldBe(expected);

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("%2e%2e")]
    [InlineData("%252e%252e")]
    [InlineData("../../x")]
    [InlineData("a/b")]
    [InlineData("a%2fb")]
    [InlineData("a%252Fb")]
    [InlineData("a\\b")]
    [InlineData("a%5Cb")]
    [InlineData("a?b=1")]
    [InlineData("a#b")]
    [InlineData("a;b")]
    [InlineData("https://elsewhere.example.com/")]
    [InlineData("%00")]
    [InlineData("a%0d%0ab")]
    public void Write_PathValueThatLeadsAway_IsRefusedAtItsField(string value) =>
        Write(One(), ("Path:id", value)).Problems.ShouldHaveSingleItem().Field.ShouldBe("Path:id");

    [Theory]
    [InlineData("/contacts", "/contacts")]
    [InlineData(" /contacts?pageSize=5&where=name='x y' ", "/contacts?pageSize=5&where=name=%27x%20y%27")]
    [InlineData("/hubs/crm/accounts/7", "/hubs/crm/accounts/7")]
    [InlineData("/contacts/a%20b?x=%2F", "/contacts/a%20b?x=%2F")]
    [InlineData("/contacts?next=https://a/../b", "/contacts?next=https://a/../b")]
    public void Write_Address_IsTakenAsAPathOfTheApi(string address, string expected)
    {
        var request = WriteAddress(address).Value;

        (request.Method, request.PathAndQuery).ShouldBe(("GET", expected));
        new Uri("https://platform.example.com" + Root + request.PathAndQuery).AbsolutePath.ShouldStartWith(Root + "/");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("contacts")]
    [InlineData("//elsewhere.example.com/contacts")]
    [InlineData("/contacts//7")]
    [InlineData("/contacts/")]
    [InlineData("https://elsewhere.example.com/contacts")]
    [InlineData("/../../secret")]
    [InlineData("/contacts/..")]
    [InlineData("/contacts/./x")]
    [InlineData("/%2e%2e/x")]
    [InlineData("/%252e%252e/x")]
    [InlineData("/contacts%2f..%2f..")]
    [InlineData("/a%5c..%5cb")]
    [InlineData("/a\\..\\b")]
    [InlineData("/contacts#x")]
    [InlineData("/a b\r\nX: y")]
    [InlineData("/@elsewhere.example.com/..")]
    [InlineData("/instances")]
    [InlineData("/INSTANCES/12/configuration")]
    [InlineData("/%69nstances")]
    [InlineData("/elements/infusionsoftcrm/instances")]
    [InlineData("/accounts/1/instances")]
    [InlineData("/hubs/crm/instances")]
    [InlineData("/organizations/me")]
    public void Write_AddressThatLeadsAway_IsRefused(string address) =>
        WriteAddress(address).Problems.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            problem => problem.Field.ShouldBe(RequestInput.AddressField), problem => problem.Kind.ShouldBe(ProblemKind.Invalid));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Write_RandomAddresses_NeverLeaveTheApi(int seed)
    {
        string[] pieces = ["/", "..", ".", "%2e", "%2f", "%5c", "\\", "a", "instances", "%", "25", "//", "@", ":", "?", "é", "http:", " ", "\t", ";", "{x}"];
        var random = new Random(seed);
        var taken = 0;
        for (var round = 0; round < 5000; round++)
        {
            var address = "/" + string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
            foreach (var result in new[] { WriteAddress(address), Write(One(), ("Path:id", address[1..])) })
            {
                if (!result.Succeeded) continue;
                taken++;
                var url = new Uri("https://platform.example.com" + Root + result.Value.PathAndQuery);
                url.Host.ShouldBe("platform.example.com", address);
                url.AbsolutePath.ShouldBe(Root + result.Value.PathAndQuery.Split('?')[0], address);
                Uri.UnescapeDataString(Uri.UnescapeDataString(url.AbsolutePath)).Split('/').ShouldNotContain("..", address);
                url.Segments.Select(segment => segment.TrimEnd('/')).ShouldNotContain("instances", address);
            }
        }

        taken.ShouldBeGreaterThan(200);
    }

    [Fact]
    public void Write_Query_LeavesOutWhatIsEmptyAndWritesLists()
    {
        var operation = new ApiOperation("GET", "/contacts", null, null,
        [
            Parameter("where", ParameterType.Text), Parameter("none", ParameterType.Text), Parameter("fields", ParameterType.List),
            Parameter("tag[]", ParameterType.List) with { Separator = null }, Parameter("pipes", ParameterType.List) with { Separator = '|' },
        ]);

        var request = Write(operation, ("Query:where", "a='b&c'"), ("Query:none", " "), ("Query:fields", "a, b"), ("Query:tag[]", "x,y"), ("Query:pipes", "1,2")).Value;

        request.PathAndQuery.ShouldBe("/contacts?where=a%3D%27b%26c%27&fields=a%2Cb&tag%5B%5D=x&tag%5B%5D=y&pipes=1%7C2");
    }

    [Theory]
    [InlineData(ParameterType.WholeNumber, "12x")]
    [InlineData(ParameterType.WholeNumber, "1.5")]
    [InlineData(ParameterType.Number, "1,5")]
    [InlineData(ParameterType.Boolean, "yes")]
    [InlineData(ParameterType.Text, "a\nb")]
    public void Write_ValueOfAnotherType_IsRefusedAtItsField(ParameterType type, string value)
    {
        var operation = new ApiOperation("GET", "/contacts", null, null, [Parameter("q", type)]);

        Write(operation, ("Query:q", value)).Problems.ShouldHaveSingleItem().Field.ShouldBe("Query:q");
    }

    [Fact]
    public void Write_ChoiceAndRequired_AreHeldTo()
    {
        var operation = new ApiOperation("GET", "/contacts", null, null,
            [Parameter("sort", ParameterType.Text) with { Choices = ["name"] }, Parameter("must", ParameterType.Text) with { Required = true }]);

        Write(operation, ("Query:sort", "date")).Problems.Select(problem => problem.Field).ShouldBe(["Query:sort", "Query:must"]);
        Write(operation, ("Query:sort", "name"), ("Query:must", "x")).Succeeded.ShouldBeTrue();
        Write(operation, ("Query:must", new string('x', RequestInput.MaxValueLength + 1))).Succeeded.ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"a":[1,2]}""", true)]
    [InlineData(""" "text" """, true)]
    [InlineData("{'a':1}", false)]
    [InlineData("{\"a\":1", false)]
    [InlineData("{\"a\":1}}", false)]
    public void Write_Body_HasToBeJson(string body, bool good)
    {
        var operation = new ApiOperation("POST", "/contacts", null, null, [new ApiParameter("body", ParameterPlace.Body, ParameterType.Json, true, null, [], null)]);

        var result = Write(operation, ("Body:body", body));

        result.Succeeded.ShouldBe(good);
        if (good) result.Value.Body.ShouldBe(body);
        else result.Problems.ShouldHaveSingleItem().Field.ShouldBe("Body:body");
    }

    [Fact]
    public void Write_HalfASurrogatePair_IsRefusedAtItsField()
    {
        // As arguments of a theory they would be made whole.
        var operation = new ApiOperation("POST", "/contacts/{id}", null, null,
            [.. One().Parameters, Parameter("q", ParameterType.Text), new ApiParameter("body", ParameterPlace.Body, ParameterType.Json, true, null, [], null)]);

        Write(operation, ("Path:id", "\ud800"), ("Query:q", "\udfff"), ("Body:body", "\"\ud800\"")).Problems.Select(problem => problem.Field)
            .ShouldBe(["Path:id", "Query:q", "Body:body"]);
        WriteAddress("/contacts\ud800").Succeeded.ShouldBeFalse();
    }

    [Theory]
    [InlineData("Accept", true)]
    [InlineData("Elements-Trace", true)]
    [InlineData("if-match", true)]
    [InlineData("Authorization", false)]
    [InlineData("authorization", false)]
    [InlineData("Host", false)]
    [InlineData("Cookie", false)]
    [InlineData("Content-Length", false)]
    [InlineData("Transfer-Encoding", false)]
    [InlineData("X-Forwarded-For", false)]
    [InlineData("Elements-X: y\r\nHost", false)]
    public void IsSafeHeader_Name_IsOnTheListOrNot(string name, bool safe) => RequestWriter.IsSafeHeader(name).ShouldBe(safe);

    [Fact]
    public void Write_Header_TakesPlainSignsAlone()
    {
        var operation = new ApiOperation("GET", "/contacts", null, null, [new ApiParameter("Accept", ParameterPlace.Header, ParameterType.Text, false, null, [], null)]);

        Write(operation, ("Header:Accept", "text/csv")).Value.Headers.ShouldHaveSingleItem().Value.ShouldBe("text/csv");
        Write(operation, ("Header:Accept", "a\r\nHost: b")).Succeeded.ShouldBeFalse();
        Write(operation, ("Header:Accept", "é")).Succeeded.ShouldBeFalse();
    }

    private static ApiOperation One() =>
        new("GET", "/contacts/{id}", null, null, [new ApiParameter("id", ParameterPlace.Path, ParameterType.Text, true, null, [], null)]);

    private static ApiParameter Parameter(string name, ParameterType type) => new(name, ParameterPlace.Query, type, false, null, [], null);

    private static Result<InstanceRequest> Write(ApiOperation operation, params (string Key, string Value)[] values) =>
        RequestWriter.Write(new RequestInput(operation, values.ToDictionary(value => value.Key, value => value.Value), null, false), Texts);

    private static Result<InstanceRequest> WriteAddress(string address) =>
        RequestWriter.Write(new RequestInput(null, new Dictionary<string, string>(), address, false), Texts);
}
