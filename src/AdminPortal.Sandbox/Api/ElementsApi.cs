namespace AdminPortal.Sandbox.Api;

/// <summary>The platform's HTTP API, as far as the sandbox simulates it.</summary>
internal static class ElementsApi
{
    public const string BasePath = "/elements/api-v2";

    public static bool Owns(PathString path) => path.StartsWithSegments(BasePath, StringComparison.Ordinal);

    public static void MapElementsApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup(BasePath);
        api.MapOAuthUrl();
        api.MapCatalog();
        api.MapInstances();
        api.MapInstanceConfiguration();
        api.MapInstanceEvents();
        api.MapInstanceDocs();
        api.MapTraceLogging();
        api.MapPing();
        api.MapRecords();
    }
}
