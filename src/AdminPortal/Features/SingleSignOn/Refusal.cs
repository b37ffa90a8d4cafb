using AdminPortal.Domain;
using AdminPortal.Hosting;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Features.SingleSignOn;

/// <summary>Says in a sentence why somebody was not let in.</summary>
internal sealed class Refusal(Problem problem) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var texts = httpContext.RequestServices.GetRequiredService<IStringLocalizer<SingleSignOnText>>();
        var status = problem.Kind switch
        {
            ProblemKind.Unreachable => StatusCodes.Status502BadGateway,
            ProblemKind.NotNow => StatusCodes.Status404NotFound,
            ProblemKind.NotAllowed => StatusCodes.Status403Forbidden,
            _ => StatusCodes.Status400BadRequest,
        };
        // Who is in and wanted to connect or to confirm it stays in.
        return httpContext.User.Identity is { IsAuthenticated: true }
            ? PlainPage.AnswerAsync(httpContext, status, texts["Refused.TitleInside"], [problem.Message], (texts["Refused.Back"], "/"))
            : PlainPage.AnswerAsync(httpContext, status, texts["Refused.Title"], [problem.Message], (texts["Refused.Again"], "/sign-in"));
    }
}
