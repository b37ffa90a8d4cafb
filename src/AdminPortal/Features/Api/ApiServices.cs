using System.Text.Json;
using System.Text.Json.Serialization;
using AdminPortal.Hosting;
using Microsoft.AspNetCore.Authentication;

namespace AdminPortal.Features.Api;

/// <summary>The slice's face: the HTTP API for scripts, at <see cref="Root"/>.</summary>
internal static class ApiServices
{
    public const string Root = "/api/v1";

    public static void AddPortalApi(this IServiceCollection services)
    {
        services.AddSingleton<ApiLimits>();
        services.AddSingleton<ApiProblems>();
        services.AddSingleton<IApiBoundary, ApiBoundary>();
        services.AddSingleton<ApiBody>();
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, ApiAuthentication>(ApiAuthentication.SchemeName, null);
        // The scheme alone: whoever has a session and no token is nobody here.
        services.AddAuthorizationBuilder().AddPolicy(ApiAuthentication.PolicyName, policy => policy
            .AddAuthenticationSchemes(ApiAuthentication.SchemeName)
            .RequireAuthenticatedUser()
            .RequireAssertion(context => context.Resource is HttpContext http && ApiAccess.Of(http.GetEndpoint())?.Allows(context.User) == true));
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            // Names alone: a number would change its meaning when a member is inserted.
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false));
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.AllowDuplicateProperties = false;
            json.SerializerOptions.ReadCommentHandling = JsonCommentHandling.Disallow;
        });
        services.AddApiDocument();
    }

    public static void MapPortalApi(this WebApplication app)
    {
        var api = app.MapGroup(Root).RequireAuthorization(ApiAuthentication.PolicyName);
        InstanceEndpoints.Map(Tagged("Instances"));
        AttemptEndpoints.Map(Tagged("Attempts"));
        CatalogEndpoints.Map(Tagged("Accounts, elements, apps and differences"));
        api.MapGet("/openapi.json", static async (HttpContext context, ApiDocument document) =>
                TypedResults.Bytes(await document.JsonAsync(context.RequestAborted), "application/json"))
            .AllowAnonymous() // It says what the README says: how to ask, and nothing of what is stored.
            .ExcludeFromDescription();

        RouteGroupBuilder Tagged(string tag) => api.MapGroup("").WithTags(tag);
    }
}
