using System.ComponentModel;
using System.Globalization;
using AdminPortal.Access;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Domain.Elements;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace AdminPortal.Features.Api;

/// <summary>Instances: list, look at, rename, check. Nothing here deletes, and nothing tells a token.</summary>
internal static class InstanceEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/instances", ListAsync).Describe(
            ApiScope.Read, "List instances", "One page of the instances that match, as the list in the portal finds them.", ApiExamples.Instances, ApiProblemType.Invalid);
        api.MapGet("/instances/{id:guid}", FindAsync).Describe(
            ApiScope.Read, "Look at an instance", "One instance. Its version is the ETag; with If-None-Match it is sent again only when it has changed.", ApiExamples.Instance, ApiProblemType.NotFound);
        api.MapPatch("/instances/{id:guid}", ChangeAsync).Accepts<ApiInstanceChange>("application/json", "application/merge-patch+json").WithMetadata(new ApiExample(ApiExamples.Change)).Describe(
            ApiScope.Edit, "Rename or tag an instance", "Changes name and tags on the platform and then in the portal. If-Match names the version that was read, so that nothing is overwritten that somebody else changed meanwhile.",
            ApiExamples.Instance, ApiProblemType.Invalid, ApiProblemType.NotFound, ApiProblemType.NotNow, ApiProblemType.Stale, ApiProblemType.TooLarge, ApiProblemType.MediaType, ApiProblemType.VersionRequired,
            ApiProblemType.PlatformRefused, ApiProblemType.PlatformUnreachable, ApiProblemType.PlatformUnclear);
        api.MapPost("/instances/{id:guid}/validate", CheckAsync).Describe(
            ApiScope.Check, "Check an instance", "Asks the platform now whether the instance works, and keeps what it found, as “Validate” in the portal does. It may be sent again: it changes nothing on the platform.",
            ApiExamples.Check, ApiProblemType.NotFound, ApiProblemType.Stale);
    }

    private static async Task<Results<Ok<ApiInstanceList>, ProblemHttpResult>> ListAsync(
        [AsParameters] InstanceListParameters parameters, HttpContext context, InstanceService instances, ElementCatalog catalog, PortalAddresses addresses)
    {
        _ = parameters;
        var asked = new ApiQuery<InstanceListQuery>(context, ApiLists.Instances(catalog));
        var list = $"instances {asked.Value with { PageSize = 0 }}";
        var query = asked.Value with { After = asked.Cursor(list, InstanceEdge.TryRead) };
        if (asked.Problem is { } problem) return problem;

        var page = await instances.ListAsync(query, context.RequestAborted);
        var next = page.Next is { } edge ? ApiPaging.Write(edge.Write(), list) : null;
        ApiPaging.Link(context, addresses.PublicBaseUrl, next);
        return TypedResults.Ok(new ApiInstanceList([.. page.Rows.Select(ApiInstanceLine.Of)], next));
    }

    private static async Task<Results<Ok<ApiInstance>, StatusCodeHttpResult, ProblemHttpResult>> FindAsync(
        Guid id, [FromHeader(Name = "If-None-Match"), Description("An ETag that was read before.")] string? ifNoneMatch, HttpContext context, InstanceService instances, ApiProblems problems)
    {
        if (await instances.FindAsync(id, context.RequestAborted) is not { } view) return problems.Make(ApiProblemType.NotFound);
        var tag = Tag(view.Version);
        context.Response.Headers.ETag = tag;
        return ifNoneMatch is not null && Named(ifNoneMatch).Any(named => named == "*" || named == tag || named == "W/" + tag)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(ApiInstance.Of(view));
    }

    private static async Task<Results<Ok<ApiInstance>, ProblemHttpResult>> ChangeAsync(
        Guid id,
        [FromHeader(Name = "If-Match"), Description("Required: the ETag that was read, or * for whichever version there is.")] string? ifMatch,
        HttpContext context, InstanceService instances, ApiBody bodies, ApiProblems problems)
    {
        if (string.IsNullOrWhiteSpace(ifMatch)) return problems.Make(ApiProblemType.VersionRequired);
        if (await instances.FindAsync(id, context.RequestAborted) is not { } view) return problems.Make(ApiProblemType.NotFound);
        var named = Named(ifMatch);
        if (!named.Contains("*") && !named.Contains(Tag(view.Version))) return problems.Make(ApiProblemType.Stale);
        var (change, _, problem) = await bodies.ReadAsync<ApiInstanceChange>(context.Request);
        if (problem is not null) return problem;

        // What is left out is taken from the version that was compared, and no other one is changed.
        var edit = new InstanceEdit { Name = change!.Name ?? view.Name, Tags = [.. (change.Tags ?? view.Tags).Select(tag => tag ?? "")], Version = view.Version };
        var edited = await instances.EditAsync(id, edit, context.User.Actor(), context.RequestAborted);
        if (!edited.Succeeded) return problems.From(edited.Problems);
        if (await instances.FindAsync(id, context.RequestAborted) is not { } now) return problems.Make(ApiProblemType.NotFound);
        context.Response.Headers.ETag = Tag(now.Version);
        return TypedResults.Ok(ApiInstance.Of(now));
    }

    private static async Task<Results<Ok<ApiCheck>, ProblemHttpResult>> CheckAsync(
        Guid id, HttpContext context, InstanceChecker checker, InstanceService instances, ApiProblems problems)
    {
        var found = await checker.CheckAsync(id, context.User.Actor(), context.RequestAborted);
        if (!found.Succeeded) return problems.From(found.Problems);
        if (await instances.FindAsync(id, context.RequestAborted) is not { } view) return problems.Make(ApiProblemType.NotFound);
        var check = found.Value;
        return TypedResults.Ok(new ApiCheck(check.At.UtcDateTime, check.Outcome, check.Milliseconds, check.Message, check.RequestId, view.State));
    }

    private static string Tag(int version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    private static string[] Named(string header) => header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
