using AdminPortal.Sandbox.Tenancy;
using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Api;

internal static class CatalogEndpoints
{
    public static void MapCatalog(this IEndpointRouteBuilder api)
    {
        api.MapGet("/elements", () => ApiAnswer.Json(ElementCatalog.All.Select(element => ElementBody.From(element)))).OptionalSecrets();
        api.MapGet("/elements/{keyOrId}", (string keyOrId) => Of(keyOrId, element => ElementBody.From(element, true))).OptionalSecrets();
        api.MapGet("/elements/{keyOrId}/configuration", (string keyOrId) => Of(keyOrId, ElementConfigurationBody.From)).RequireOrganization();
    }

    private static IResult Of<T>(string keyOrId, Func<ElementDefinition, T> body) =>
        ElementCatalog.Find(keyOrId) is { } element ? ApiAnswer.Json(body(element)) : ApiFailure.NoElement(keyOrId);
}
