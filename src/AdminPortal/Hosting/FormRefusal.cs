using AdminPortal.Domain;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AdminPortal.Hosting;

/// <summary>Why a form that the page's script sends by itself was refused: a sentence, and the field that it points at.</summary>
internal sealed record FormRefusal(string Message, string? Field)
{
    public static JsonHttpResult<FormRefusal> Of(Problem problem) => TypedResults.Json(
        new FormRefusal(problem.Message, problem.Field),
        statusCode: problem.Kind switch
        {
            ProblemKind.NotFound => StatusCodes.Status404NotFound,
            ProblemKind.NotAllowed => StatusCodes.Status403Forbidden,
            ProblemKind.Invalid => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status409Conflict,
        });
}
