using AdminPortal.Provisioning.People;
using Microsoft.AspNetCore.Authorization;

namespace AdminPortal.Features.SignIn;

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
        // A page that is shown in the place of another one is asked for its own policy; the record has the first alone.
        var asked = context.GetEndpoint()?.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy) ?? [];
        foreach (var name in asked)
        {
            if (!Enum.TryParse<Operation>(name, out var operation)) continue;
            await context.RequestServices.GetRequiredService<Gate>().RefusalAsync(context.User.Actor(), operation, context.RequestAborted);
        }
    }
}
