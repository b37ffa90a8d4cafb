using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Hosting;

/// <summary>
/// Refuses whatever could change something and does not bring the antiforgery token of one of our pages. It holds for
/// every endpoint that does not expressly say otherwise, so that a new one is guarded before anybody thinks of it:
/// the framework itself checks only forms, and leaves it to an endpoint to look at the result.
/// </summary>
internal static class ForgeryGate
{
    /// <summary>After <c>UseAntiforgery</c>.</summary>
    public static void Use(WebApplication app) => app.Use(async (context, next) =>
    {
        if (!Guards(context) || await IsValidAsync(context))
        {
            await next(context);
            return;
        }

        context.RequestServices.GetRequiredService<RefusalLog>().Forged(context);
        var texts = context.RequestServices.GetRequiredService<IStringLocalizer<HostingText>>();
        await PlainPage.AnswerAsync(
            context, StatusCodes.Status400BadRequest, texts["Forged.Title"], [texts["Forged.What"], texts["Forged.Do"]], (texts["Overview"], "/"));
    });

    /// <summary>
    /// The pages for errors are read, whatever was asked for: shown in answer to a form they would be taken for its target.
    /// Before <c>UseRouting</c>.
    /// </summary>
    public static void UseReadingOfErrorPages(WebApplication app) => app.Use((context, next) =>
    {
        if (context.Features.Get<IStatusCodeReExecuteFeature>() is not null || context.Features.Get<IExceptionHandlerFeature>() is not null)
            context.Request.Method = HttpMethods.Get;
        return next(context);
    });

    private static bool Guards(HttpContext context) =>
        !IsRead(context.Request.Method)
        && context.GetEndpoint() is RouteEndpoint endpoint
        && endpoint.Metadata.GetMetadata<IAntiforgeryMetadata>() is not { RequiresValidation: false }
        // No browser sends an API token by itself, so no other site can make one send it.
        && !IsTokenCall(context, context.RequestServices.GetRequiredService<IApiBoundary>())
        // Circuits are guarded by their origin; their requests come from the framework's script, which knows no token.
        && !CircuitOrigin.Guards(context.Request.Path);

    private static bool IsTokenCall(HttpContext context, IApiBoundary api) => api.Covers(context.Request.Path) && api.IsAuthenticatedByToken(context);

    private static bool IsRead(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);

    private static async Task<bool> IsValidAsync(HttpContext context)
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is { } looked) return looked.IsValid;
        try
        {
            return await context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context);
        }
        catch (AntiforgeryValidationException)
        {
            // A form that cannot be read holds no token.
            return false;
        }
    }
}
