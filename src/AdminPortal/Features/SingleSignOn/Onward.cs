using AdminPortal.Hosting;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Features.SingleSignOn;

/// <summary>
/// A page that leads on to the authority, in answer to a form. A redirect would not do: our content policy lets forms go to
/// the portal alone, and browsers hold redirects of a form to it as well.
/// </summary>
/// <param name="url">An address of the authority, as it has told.</param>
internal sealed class Onward(string url) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var texts = httpContext.RequestServices.GetRequiredService<IStringLocalizer<SingleSignOnText>>();
        httpContext.Response.Headers["Refresh"] = $"0; url={url}";
        return PlainPage.AnswerAsync(httpContext, StatusCodes.Status200OK, texts["Onward.Title"], [texts["Onward.Text"]], (texts["Onward.Go"], url));
    }
}
