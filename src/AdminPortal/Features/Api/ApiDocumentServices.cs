using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace AdminPortal.Features.Api;

/// <summary>How the document is made: what the framework finds at the endpoints, and what it cannot see.</summary>
internal static class ApiDocumentServices
{
    private const string SchemeId = "token";
    private const string TypePrefix = "Api";

    public static void AddApiDocument(this IServiceCollection services)
    {
        services.AddOpenApi(ApiDocument.Name, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.ShouldInclude = description => description.RelativePath?.StartsWith(ApiServices.Root[1..], StringComparison.Ordinal) == true;
            options.CreateSchemaReferenceId = type => OpenApiOptions.CreateDefaultSchemaReferenceId(type) is { } id && id.StartsWith(TypePrefix, StringComparison.Ordinal)
                ? id[TypePrefix.Length..]
                : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
            options.AddDocumentTransformer(DescribeDocument);
            options.AddOperationTransformer(DescribeOperation);
        });
        services.AddSingleton<ApiDocument>();
    }

    private static Task DescribeDocument(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "AdminPortal",
            Version = ApiDocument.Name,
            Description = "The portal's API for scripts: the same services and the same rules as its pages. Make a token under “Your account”, “API tokens”.",
        };
        document.Servers = [new OpenApiServer { Url = context.ApplicationServices.GetRequiredService<PortalAddresses>().PublicBaseUrl }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [SchemeId] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "apt_…",
                Description = "An API token, in the header Authorization: Bearer apt_…. A browser's session opens nothing here.",
            },
        };
        return Task.CompletedTask;
    }

    private static Task DescribeOperation(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var json = context.ApplicationServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var problems = context.ApplicationServices.GetRequiredService<ApiProblems>();
        var access = metadata.OfType<ApiAccess>().Single();
        operation.Description = $"{operation.Description} Needs the scope {access.Scope.ToString().ToLowerInvariant()}.";
        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(SchemeId, context.Document)] = [] }];

        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            if (parameter.In == ParameterLocation.Path) parameter.Description = "The portal's id, as lists tell it.";
            // Bound as text that may be missing, so that its absence can be told in words.
            if (parameter.Name is "Idempotency-Key" or "If-Match") parameter.Required = true;
            var described = context.Description.ParameterDescriptions.FirstOrDefault(one => one.Name == parameter.Name)?.ParameterDescriptor;
            var value = (described as IParameterInfoParameterDescriptor)?.ParameterInfo.GetCustomAttributes(typeof(ApiValueAttribute), false).OfType<ApiValueAttribute>().FirstOrDefault();
            if (value is not null) parameter.Schema = SchemaOf(value);
        }

        if (metadata.OfType<ApiExample>().FirstOrDefault() is { } example)
        {
            foreach (var body in operation.RequestBody?.Content?.Values ?? []) ((OpenApiMediaType)body).Example = JsonSerializer.SerializeToNode(example.Body, example.Body.GetType(), json);
        }

        var answer = metadata.OfType<ApiAnswerExample>().Single();
        foreach (var (status, response) in operation.Responses ?? [])
        {
            if (response is not OpenApiResponse known) continue;
            if (status.StartsWith('2'))
            {
                foreach (var body in known.Content?.Values ?? []) ((OpenApiMediaType)body).Example = JsonSerializer.SerializeToNode(answer.Body, answer.Body.GetType(), json);
                continue;
            }

            var types = metadata.OfType<ApiProblemsOf>().Single().Types.Where(type => ApiProblemTypes.Status(type).ToString(CultureInfo.InvariantCulture) == status).ToList();
            if (types.Count > 0) known.Description = string.Join(' ', types.Select(problems.TitleOf).Select(title => title + "."));
        }

        return Task.CompletedTask;
    }

    private static OpenApiSchema SchemaOf(ApiValueAttribute value) => value switch
    {
        { OneOf: { } names } => new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. Enum.GetNames(names).Select(name => (JsonNode)name)] },
        { IsId: true } => new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" },
        { IsFlag: true } => new OpenApiSchema { Type = JsonSchemaType.Boolean },
        _ => new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = ApiPaging.MaxLimit.ToString(CultureInfo.InvariantCulture) },
    };
}
