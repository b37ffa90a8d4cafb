using AdminPortal.Storage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Features.Api;

/// <summary>Whatever goes wrong under <c>/api</c> is answered as a problem, and never with a page.</summary>
internal static partial class ApiErrors
{
    private const string RetryAfterSeconds = "5";

    private static readonly PathString Root = "/api";

    /// <summary>Whether the path is one of the API's, known or not.</summary>
    public static bool Covers(PathString path) => path.StartsWithSegments(Root);

    /// <summary>Behind the pages for errors, before <c>UseRouting</c>.</summary>
    public static void Use(WebApplication app) => app.Use(async (context, next) =>
    {
        if (!Covers(context.Request.Path))
        {
            await next(context);
            return;
        }

        var problems = context.RequestServices.GetRequiredService<ApiProblems>();
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            await problems.Make(ApiProblemTypes.Of(exception.StatusCode)).ExecuteAsync(context);
        }
        catch (Exception exception) when (StorageProblems.Find(exception) is { } trouble && !context.Response.HasStarted)
        {
            context.RequestServices.GetRequiredService<DamageWatch>().Report(exception);
            Log.NotStored(app.Logger, context.Request.Method, trouble);
            context.Response.Clear();
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
            await problems.Make(ApiProblemType.StorageTrouble, Explain(trouble, context.RequestServices.GetRequiredService<IStringLocalizer<StorageText>>())).ExecuteAsync(context);
        }
#pragma warning disable CA1031 // It is written to the log, and whoever called is told the trace id alone.
        catch (Exception exception) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
#pragma warning restore CA1031
        {
            var traceId = System.Diagnostics.Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
            Log.Failed(app.Logger, context.Request.Method, traceId, exception);
            context.Response.Clear();
            await problems.Failed(traceId).ExecuteAsync(context);
        }

        var response = context.Response;
        if (response is { StatusCode: >= 400, HasStarted: false, ContentLength: null } && string.IsNullOrEmpty(response.ContentType))
            await problems.Make(ApiProblemTypes.Of(response.StatusCode)).ExecuteAsync(context);
    });

    /// <summary>
    /// Answers what no endpoint of the API takes, before anybody is asked to sign in: an address that is not there is not
    /// there for anybody. Behind <c>UseRouting</c>.
    /// </summary>
    public static void UseForUnknown(WebApplication app) => app.Use(async (context, next) =>
    {
        var endpoint = context.GetEndpoint();
        if (!Covers(context.Request.Path) || endpoint?.Metadata.GetMetadata<IAuthorizeData>() is not null || endpoint?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            await next(context);
        else if (endpoint is RouteEndpoint or { RequestDelegate: null } or null)
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        else
            // Routing's own word on a method or a content type that is not taken.
            await endpoint.RequestDelegate(context);
    });

    private static string Explain(StorageProblem trouble, IStringLocalizer<StorageText> texts) => $"{texts[$"Storage.{trouble}.What"].Value} {texts[$"Storage.{trouble}.Do"].Value}";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A call of the API ({Method}) could not be answered: the database is in trouble ({Problem}).")]
        public static partial void NotStored(ILogger logger, string method, StorageProblem problem);

        [LoggerMessage(2, LogLevel.Error, "A call of the API ({Method}) failed; its caller was told the trace id {TraceId}.")]
        public static partial void Failed(ILogger logger, string method, string traceId, Exception exception);
    }
}
