using System.Text.Json.Nodes;
using AdminPortal.Sandbox.Faults;
using AdminPortal.Sandbox.SignIn;
using AdminPortal.Sandbox.Tenancy;
using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Api;

/// <summary><c>/elements/{keyOrId}/oauth/url</c>, the POST form and the older GET form.</summary>
internal static class OAuthUrlEndpoints
{
    private static readonly string[] Required = ["apiKey", "apiSecret", "callbackUrl"];

    public static void MapOAuthUrl(this IEndpointRouteBuilder api)
    {
        api.MapGet("/elements/{keyOrId}/oauth/url", Get).OptionalSecrets();
        api.MapPost("/elements/{keyOrId}/oauth/url", PostAsync).RequireOrganization();
    }

    private static IResult Get(string keyOrId, HttpRequest request, OwnAddress own) =>
        Answer(request.HttpContext, keyOrId, name => request.Query[name], own.Of(request));

    private static async Task<IResult> PostAsync(string keyOrId, HttpRequest request, SandboxOptions options, OwnAddress own)
    {
        if (!options.OAuthUrlPost)
        {
            request.HttpContext.Response.Headers.Allow = "GET";
            return Results.StatusCode(StatusCodes.Status405MethodNotAllowed);
        }

        var (json, failure) = await RequestBody.ReadAsync(request);
        return failure ?? Answer(request.HttpContext, keyOrId, name => Text(json!, name), own.Of(request));
    }

    private static string? Text(JsonObject json, string name) => InstanceDraft.AsText(json[name]);

    private static IResult Answer(HttpContext http, string keyOrId, Func<string, string?> parameter, string ownAddress)
    {
        if (ElementCatalog.Find(keyOrId) is not { } element)
            return ApiFailure.NoElement(keyOrId);
        var missing = Required.Where(name => string.IsNullOrWhiteSpace(parameter(name))).ToArray();
        if (missing.Length > 0)
            return ApiFailure.BadRequest($"Missing required parameters: {string.Join(", ", missing)}");

        // Without a state the platform puts the element's key, which protects nobody; clients must bring their own.
        var state = parameter("state") is { Length: > 0 } given ? given : element.Key;
        var query = QueryString.Empty
            .Add("scope", "full")
            .Add("response_type", "code")
            .Add("redirect_uri", Instead(FaultKind.UrlOtherRedirectUri, "https://elsewhere.example/oauth/callback") ?? parameter("callbackUrl")!)
            .Add("state", Instead(FaultKind.UrlOtherState, Identifiers.ForeignState()) ?? state)
            .Add("client_id", Instead(FaultKind.UrlOtherClientId, "another-client") ?? parameter("apiKey")!);
        var origin = Instead(FaultKind.UrlOtherHost, "signin.elsewhere.example") is { } other ? $"https://{other}"
            : Instead(FaultKind.UrlPlainHttp, "signin.infusionsoft.com") is { } plain ? $"http://{plain}"
            : ownAddress;
        var address = Instead(FaultKind.UrlNotAnUrl, "not an address") ?? origin + SignInEndpoints.AuthorizePath + query;
        return ApiAnswer.Json(new OAuthUrlBody(address, element.Key));

        string? Instead(FaultKind kind, string standard) => http.FaultOf(kind) is { } fault ? fault.Value ?? standard : null;
    }
}
