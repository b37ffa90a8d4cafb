using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AdminPortal.Access;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Provisioning.ApiTokens;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace AdminPortal.Features.Api;

/// <summary>Attempts: list, look at, and make a complete draft that a person then authorizes in a browser.</summary>
internal static class AttemptEndpoints
{
    private const string KeyHeader = "Idempotency-Key";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/attempts", ListAsync).Describe(
            ApiScope.Read, "List attempts", "One page of the attempts at connecting an account, what changed last first. Attempts that change while pages are read move to the top.", ApiExamples.Attempts, ApiProblemType.Invalid);
        api.MapGet("/attempts/{id:guid}", FindAsync).Describe(
            ApiScope.Read, "Look at an attempt", "One attempt with its history: poll it to see whether a person has authorized it, and what came of that.", ApiExamples.Attempt, ApiProblemType.NotFound);
        api.MapPost("/attempts", CreateAsync).Accepts<ApiNewAttempt>("application/json").Produces<ApiAttempt>(StatusCodes.Status201Created).WithMetadata(new ApiExample(ApiExamples.NewAttempt)).Describe(
            ApiScope.Connect, "Make a draft",
            "Makes a complete draft. Nothing is created on the platform yet: send authorizeUrl to somebody who can sign in to the portal; the consent is given in that person's browser. "
            + "The same Idempotency-Key with the same body answers as the first time for 24 hours, with Idempotent-Replayed: true, and makes nothing; a call that comes while the first is under way waits for it. "
            + "A call that was answered with a problem made nothing, and its key can be used again.",
            ApiExamples.Attempt, ApiProblemType.Invalid, ApiProblemType.TooLarge, ApiProblemType.MediaType, ApiProblemType.KeyReused);
    }

    private static async Task<Results<Ok<ApiAttemptList>, ProblemHttpResult>> ListAsync(
        [AsParameters] AttemptListParameters parameters, HttpContext context, AttemptListService attempts, PortalAddresses addresses)
    {
        _ = parameters;
        var asked = new ApiQuery<AttemptListQuery>(context, ApiLists.Attempts);
        var list = $"attempts {asked.Value with { PageSize = 0 }}";
        var query = asked.Value with { After = asked.Cursor(list, AttemptEdge.TryRead) };
        if (asked.Problem is { } problem) return problem;

        var page = await attempts.ListAsync(query, context.RequestAborted);
        var next = page is { HasOlder: true, Lines: [.., var last] } ? ApiPaging.Write(last.Edge.Write(), list) : null;
        ApiPaging.Link(context, addresses.PublicBaseUrl, next);
        return TypedResults.Ok(new ApiAttemptList([.. page.Lines.Select(ApiAttemptLine.Of)], next));
    }

    private static async Task<Results<Ok<ApiAttempt>, ProblemHttpResult>> FindAsync(Guid id, HttpContext context, AttemptService attempts, PortalAddresses addresses, ApiProblems problems) =>
        await attempts.FindAsync(id, context.RequestAborted) is { } view ? TypedResults.Ok(ApiAttempt.Of(view, addresses.PublicBaseUrl)) : problems.Make(ApiProblemType.NotFound);

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> CreateAsync(
        [FromHeader(Name = KeyHeader), Description("Required: what makes this call one of its kind, for example a UUID. 1 to 100 letters, digits and - _ . :")] string? key,
        HttpContext context, ApiDraftService drafts, ApiBody bodies, ApiProblems problems, PortalAddresses addresses, IOptions<JsonOptions> json, IStringLocalizer<ApiText> texts)
    {
        if (!ApiCall.IsKey(key)) return problems.Invalid(KeyHeader, texts[string.IsNullOrEmpty(key) ? "Key.Missing" : "Key.Form", ApiReceipt.MaxKeyLength]);
        var (body, bytes, problem) = await bodies.ReadAsync<ApiNewAttempt>(context.Request);
        if (problem is not null) return problem;

        // Keyed with the token's value, which the portal does not keep: the body may hold a secret.
        var hash = HMACSHA256.HashData(Encoding.ASCII.GetBytes(ApiAuthentication.ValueOf(context.Request)!), bytes);
        var made = await drafts.CreateAsync(
            Draft(body!), new ApiCall(ApiAccess.TokenOf(context.User), key!, hash),
            view => JsonSerializer.Serialize(ApiAttempt.Of(view, addresses.PublicBaseUrl), json.Value.SerializerOptions), context.User.Actor(), context.RequestAborted);
        if (!made.Succeeded) return problems.From(made.Problems);
        var answer = made.Value;
        if (answer.Kind == ApiAnswerKind.OtherBody) return problems.Make(ApiProblemType.KeyReused);
        if (answer.Kind == ApiAnswerKind.Repeated) context.Response.Headers["Idempotent-Replayed"] = "true";
        context.Response.Headers.Location = $"{addresses.PublicBaseUrl}{ApiServices.Root}/attempts/{answer.AttemptId}";
        return TypedResults.Text(answer.Body, "application/json", Encoding.UTF8, answer.Status);
    }

    private static WholeDraft Draft(ApiNewAttempt body)
    {
        var values = new Dictionary<string, string>();
        if (body.Server is { } server) values[ElementCatalog.ServerKey] = server;
        if (body.EncryptedKey is { } encryptedKey) values[ElementCatalog.EncryptedKeyKey] = encryptedKey;
        return new WholeDraft
        {
            Element = new ElementChoice { ElementKey = body.Element ?? "", PlatformAccountId = body.AccountId },
            Provider = new ProviderChoice { ProviderAppId = body.ProviderAppId },
            Account = new AccountDetails { Values = values },
            Options = new InstanceOptions
            {
                Name = body.Name ?? "",
                Tags = [.. (body.Tags ?? []).Select(tag => tag ?? "")],
                Events = body.Events is not { } events ? null : new EventSettings
                {
                    Enabled = true,
                    CallbackUrl = events.CallbackUrl ?? "",
                    Minutes = events.Minutes ?? new EventSettings().Minutes,
                    Resources = [.. (events.Resources ?? []).Select(resource => resource ?? "")],
                    PollerConfiguration = events.PollerConfiguration ?? "",
                },
                SignatureKey = body.Events?.SignatureKey ?? "",
            },
        };
    }
}
