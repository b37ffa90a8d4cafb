using AdminPortal.Domain.ApiTokens;

namespace AdminPortal.Features.Api;

/// <summary>An example of an endpoint's request body.</summary>
internal sealed record ApiExample(object Body);

/// <summary>An example of what an endpoint answers with when all is well.</summary>
internal sealed record ApiAnswerExample(object Body);

/// <summary>The problems that an endpoint answers with.</summary>
internal sealed record ApiProblemsOf(IReadOnlyList<ApiProblemType> Types);

internal static class ApiDescription
{
    private const string ProblemJson = "application/problem+json";

    // Whatever is asked for.
    private static readonly ApiProblemType[] Everywhere =
    [
        ApiProblemType.Unauthorized, ApiProblemType.ScopeMissing, ApiProblemType.SecondFactorMissing, ApiProblemType.TooManyRequests, ApiProblemType.Failed, ApiProblemType.StorageTrouble,
    ];

    /// <summary>Says who may call an endpoint, what it is for and what it answers: the document and the reference are made of it.</summary>
    public static RouteHandlerBuilder Describe(
        this RouteHandlerBuilder endpoint, ApiScope scope, string summary, string description, object example, params ApiProblemType[] problems)
    {
        var access = new ApiAccess(scope);
        var all = problems.Concat(Everywhere).Concat(access.Operation is null ? [] : [ApiProblemType.RoleMissing]).OrderBy(ApiProblemTypes.Status).Distinct().ToList();
        endpoint.WithMetadata(access, new ApiAnswerExample(example), new ApiProblemsOf(all)).WithSummary(summary).WithDescription(description);
        foreach (var status in all.Select(ApiProblemTypes.Status).Distinct()) endpoint.Produces<ApiProblem>(status, ProblemJson);
        return endpoint;
    }
}
