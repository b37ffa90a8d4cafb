using System.Text;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace AdminPortal.Features.Api;

/// <summary>The OpenAPI document, made once from the endpoints that are mapped; the reference in the portal is made of it.</summary>
internal sealed class ApiDocument([FromKeyedServices(ApiDocument.Name)] IOpenApiDocumentProvider provider)
{
    public const string Name = "v1";

    private readonly Lazy<Task<OpenApiDocument>> _document = new(() => provider.GetOpenApiDocumentAsync(CancellationToken.None));
    private byte[]? _json;

    /// <summary>The document.</summary>
    public Task<OpenApiDocument> ReadAsync(CancellationToken cancellationToken) => _document.Value.WaitAsync(cancellationToken);

    /// <summary>The document as JSON, OpenAPI 3.1.</summary>
    public async Task<byte[]> JsonAsync(CancellationToken cancellationToken) =>
        _json ??= Encoding.UTF8.GetBytes(await (await ReadAsync(cancellationToken)).SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellationToken));
}
