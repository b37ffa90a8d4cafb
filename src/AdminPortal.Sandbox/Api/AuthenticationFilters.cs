namespace AdminPortal.Sandbox.Api;

internal static class AuthenticationFilters
{
    /// <summary>Platform calls: user and organization.</summary>
    public static TBuilder RequireOrganization<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter<TBuilder, OrganizationFilter>();

    /// <summary>Platform calls about the instance of the element token: user, organization and element.</summary>
    public static TBuilder RequireToken<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter<TBuilder, TokenFilter>();

    /// <summary>
    /// Calls that the vendor's portal documents without secrets and later pages with them: none are needed, but wrong ones are refused.
    /// </summary>
    public static TBuilder OptionalSecrets<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter<TBuilder, OptionalSecretsFilter>();

    private sealed class OrganizationFilter(Authenticator authenticator) : IEndpointFilter
    {
        public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
            authenticator.Check(context.HttpContext.Request) is { Organization: true }
                ? next(context)
                : ValueTask.FromResult<object?>(Authenticator.Refusal);
    }

    private sealed class TokenFilter(Authenticator authenticator) : IEndpointFilter
    {
        public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
            authenticator.Check(context.HttpContext.Request) is { Organization: true, Instance: not null }
                ? next(context)
                : ValueTask.FromResult<object?>(Authenticator.Refusal);
    }

    private sealed class OptionalSecretsFilter(Authenticator authenticator) : IEndpointFilter
    {
        public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
        {
            var request = context.HttpContext.Request;
            return request.Headers.Authorization.Count == 0 || authenticator.Check(request) is not null
                ? next(context)
                : ValueTask.FromResult<object?>(Authenticator.Refusal);
        }
    }
}
