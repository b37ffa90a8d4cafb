using AdminPortal.Domain.Access;
using AdminPortal.Provisioning.Access;
using Microsoft.AspNetCore.Authorization;

namespace AdminPortal.Access;

/// <summary>One policy for each <see cref="Operation"/>, of its name: pages and endpoints ask the same table as the services.</summary>
internal static class OperationPolicies
{
    public static void AddOperationPolicies(this AuthorizationBuilder authorization)
    {
        foreach (var operation in Enum.GetValues<Operation>())
        {
            authorization.AddPolicy(operation.ToString(), policy => policy
                .RequireAuthenticatedUser()
                .RequireAssertion(context => Permissions.Allows(context.User.Actor(), operation)));
        }
    }

    /// <summary>Lets in only whose role may do this.</summary>
    public static TBuilder RequireOperation<TBuilder>(this TBuilder endpoint, Operation operation)
        where TBuilder : IEndpointConventionBuilder => endpoint.RequireAuthorization(operation.ToString());

    /// <summary>Answers 403 to a person whose role does not allow it, and writes it down.</summary>
    public static async Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.Headers.CacheControl = "no-store";
        var gate = context.RequestServices.GetRequiredService<Gate>();
        foreach (var data in context.GetEndpoint()?.Metadata.GetOrderedMetadata<IAuthorizeData>() ?? [])
        {
            if (!Enum.TryParse<Operation>(data.Policy, out var operation)
                || await gate.RefusalAsync(context.User.Actor(), operation, context.RequestAborted) is not { } refusal) continue;
            // Whoever asks for a page is shown one; a script reads the sentence.
            if (!HttpMethods.IsGet(context.Request.Method)) await context.Response.WriteAsync(refusal.Message, context.RequestAborted);
            return;
        }
    }
}
