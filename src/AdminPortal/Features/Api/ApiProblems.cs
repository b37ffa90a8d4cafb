using AdminPortal.Domain;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Features.Api;

/// <summary>Makes the API's problems (RFC 9457): a type that leads to the reference, and a sentence that says what, why and what to do.</summary>
internal sealed class ApiProblems(IStringLocalizer<ApiText> texts, PortalAddresses addresses)
{
    /// <summary>Where the reference stands, with all types of problems.</summary>
    public const string ReferencePath = "/help/api";

    private static readonly Dictionary<string, string> FieldNames = new(StringComparer.Ordinal)
    {
        ["ElementKey"] = "element",
        ["PlatformAccountId"] = "accountId",
        ["ProviderAppId"] = "providerAppId",
        ["Name"] = "name",
        ["Tags"] = "tags",
        ["infusionsoft.server"] = "server",
        ["infusionsoft.private.key"] = "encryptedKey",
        ["Events"] = "events",
        ["Events.CallbackUrl"] = "events.callbackUrl",
        ["Events.Minutes"] = "events.minutes",
        ["Events.Resources"] = "events.resources",
        ["Events.PollerConfiguration"] = "events.pollerConfiguration",
        ["SignatureKey"] = "events.signatureKey",
    };

    /// <summary>A problem with its sentence.</summary>
    public ProblemHttpResult Make(ApiProblemType type, string detail) => TypedResults.Problem(Details(type, detail));

    /// <summary>A problem with the sentence of its type.</summary>
    public ProblemHttpResult Make(ApiProblemType type) => Make(type, texts[$"Problem.{type}.Text"]);

    /// <summary>What is wrong with the parameters or the body, by name.</summary>
    public ProblemHttpResult Invalid(IReadOnlyDictionary<string, string[]> errors)
    {
        var problem = Details(ApiProblemType.Invalid, string.Join(' ', errors.Values.SelectMany(sentences => sentences).Distinct()));
        problem.Extensions["errors"] = errors;
        return TypedResults.Problem(problem);
    }

    /// <summary>One thing that is wrong with a parameter, a header or the body.</summary>
    public ProblemHttpResult Invalid(string name, string sentence) => Invalid(new Dictionary<string, string[]> { [name] = [sentence] });

    /// <summary>A bug of ours: its trace id alone.</summary>
    public ProblemHttpResult Failed(string traceId)
    {
        var problem = Details(ApiProblemType.Failed, texts["Problem.Failed.Text"]);
        problem.Extensions["traceId"] = traceId;
        return TypedResults.Problem(problem);
    }

    /// <summary>What a service call ran into.</summary>
    public ProblemHttpResult From(IReadOnlyList<Problem> problems)
    {
        if (problems.All(problem => problem.Kind == ProblemKind.Invalid))
        {
            return Invalid(problems.GroupBy(problem => problem.Field is { } field ? FieldNames.GetValueOrDefault(field, field) : "body")
                .ToDictionary(group => group.Key, group => group.Select(problem => problem.Message).ToArray()));
        }

        var first = problems.First(problem => problem.Kind != ProblemKind.Invalid);
        return Make(TypeOf(first.Kind), first.Message);
    }

    /// <summary>The address of a type.</summary>
    public string AddressOf(ApiProblemType type) => $"{addresses.PublicBaseUrl}{ReferencePath}#{ApiProblemTypes.Slug(type)}";

    /// <summary>A type in words.</summary>
    public string TitleOf(ApiProblemType type) => texts[$"Problem.{type}.Title"];

    private static ApiProblemType TypeOf(ProblemKind kind) => kind switch
    {
        ProblemKind.NotAllowed => ApiProblemType.RoleMissing,
        ProblemKind.NotFound => ApiProblemType.NotFound,
        ProblemKind.NotNow => ApiProblemType.NotNow,
        ProblemKind.Stale => ApiProblemType.Stale,
        ProblemKind.Refused => ApiProblemType.PlatformRefused,
        ProblemKind.Unreachable => ApiProblemType.PlatformUnreachable,
        ProblemKind.Unknown => ApiProblemType.PlatformUnclear,
        _ => ApiProblemType.Invalid,
    };

    private ProblemDetails Details(ApiProblemType type, string detail) => new()
    {
        Type = AddressOf(type),
        Title = TitleOf(type),
        Status = ApiProblemTypes.Status(type),
        Detail = detail,
    };
}
