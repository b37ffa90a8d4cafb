using System.Collections.Frozen;
using System.Text.Json.Serialization;
using AdminPortal.Sandbox.Tenancy;

namespace AdminPortal.Sandbox.Wire;

/// <summary>An element, alone or inside an instance. Members are in the documented order.</summary>
internal sealed record ElementBody
{
    private static readonly FrozenDictionary<string, ElementBody> Bare =
        ElementCatalog.All.ToFrozenDictionary(element => element.Key, element => From(element), StringComparer.Ordinal);

    public required int Id { get; init; }

    public required string Name { get; init; }

    public required string HookName { get; init; }

    public required string Key { get; init; }

    public required string Description { get; init; }

    public required string Image { get; init; }

    public bool Active { get; init; } = true;

    public bool Deleted { get; init; }

    // False although the authentication is OAuth 2: the platform says so, and clients that trust it are wrong.
    public bool TypeOauth { get; init; }

    public bool TrialAccount { get; init; }

    public IReadOnlyList<string> Resources { get; init; } = [];

    public bool TransformationsEnabled { get; init; } = true;

    public bool BulkDownloadEnabled { get; init; }

    public bool BulkUploadEnabled { get; init; }

    public bool Cloneable { get; init; } = true;

    public bool Extendable { get; init; } = true;

    public bool Beta { get; init; } = true;

    public AuthenticationBody Authentication { get; init; } = new("oauth2");

    public bool Extended { get; init; }

    public required string Hub { get; init; }

    public string ProtocolType { get; init; } = "http";

    public IReadOnlyList<string> Parameters { get; init; } = [];

    public bool Private { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ElementConfigurationBody>? Configuration { get; init; }

    /// <summary>As instances carry it, made once for each element.</summary>
    public static ElementBody Of(string elementKey) =>
        Bare.TryGetValue(elementKey, out var body) ? body : throw new InvalidOperationException($"The element '{elementKey}' is unknown.");

    public static ElementBody From(ElementDefinition element, bool withConfiguration = false) => new()
    {
        Id = element.Id,
        Name = element.Name,
        HookName = element.Vendor,
        Key = element.Key,
        Description = element.Description,
        Image = $"elements/provider_{element.Key}.png",
        BulkDownloadEnabled = element.BulkDownload,
        Hub = element.Hub,
        Configuration = withConfiguration ? ElementConfigurationBody.From(element) : null,
    };
}
