using AdminPortal.Hosting;

namespace AdminPortal.Features.Api;

/// <summary>Tells the pipeline which requests are calls of the API, and answers those that it refuses.</summary>
internal sealed class ApiBoundary(ApiProblems problems) : IApiBoundary
{
    public bool Covers(PathString path) => ApiErrors.Covers(path);

    public bool IsAuthenticatedByToken(HttpContext context) => ApiAuthentication.Vouches(context);

    public Task RefuseAsync(HttpContext context, int status, string detail) =>
        problems.Make(ApiProblemTypes.Of(status), detail).ExecuteAsync(context);
}
