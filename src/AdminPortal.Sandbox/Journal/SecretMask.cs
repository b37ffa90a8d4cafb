using System.Text.Json;
using System.Text.Json.Nodes;
using AdminPortal.Sandbox.Wire;
using Microsoft.AspNetCore.WebUtilities;
using static AdminPortal.Sandbox.Tenancy.ConfigurationKeys;

namespace AdminPortal.Sandbox.Journal;

/// <summary>Makes requests and answers fit to be kept: secrets masked by their names, bodies bounded.</summary>
internal sealed class SecretMask(SandboxOptions options)
{
    private const int LongestBody = 8_192;

    // Whole pages of instances are neither parsed nor kept: that would take longer than answering them.
    private const int LongestRead = 65_536;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static readonly HashSet<string> SecretNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "apiSecret", "code", "token", "secret", "password", "client_secret", "access_token", "refresh_token", "requestToken",
        ApiSecret, PrivateKey, UserToken, RefreshToken, SignatureKey, BasicPassword,
    };

    public IReadOnlyDictionary<string, string> Headers(IHeaderDictionary headers) => headers.ToDictionary(
        header => header.Key,
        header => header.Key switch
        {
            _ when header.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase) => Schemes(header.Value.ToString()),
            _ when header.Key.Equals("Cookie", StringComparison.OrdinalIgnoreCase) => Masked,

            // The page that a person came from may carry a code in its query.
            _ when header.Key.Equals("Referer", StringComparison.OrdinalIgnoreCase) => WithoutQuery(header.Value.ToString()),
            _ => Known(header.Value.ToString()),
        },
        StringComparer.OrdinalIgnoreCase);

    public string Query(QueryString query) => Known(Pairs(query.Value?.TrimStart('?')) is { Length: > 0 } pairs ? "?" + pairs : string.Empty);

    /// <summary>A path has no place for a secret, but a wrong client may put one there.</summary>
    public string Path(PathString path) => Known(path.Value ?? string.Empty);

    /// <returns>Null for no body. What is not JSON and not a form is described, not kept: nobody can tell what in it is secret.</returns>
    public string? Body(ReadOnlySpan<byte> bytes, string? contentType)
    {
        if (bytes.IsEmpty)
            return null;
        var text = contentType switch
        {
            _ when bytes.Length > LongestRead => null,
            not null when contentType.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) =>
                Pairs(System.Text.Encoding.UTF8.GetString(bytes)),
            not null when contentType.Contains("json", StringComparison.OrdinalIgnoreCase) => Json(bytes),
            _ => null,
        };
        text = text is null ? $"({bytes.Length} bytes of {contentType ?? "no type"})" : Known(text);
        return text.Length <= LongestBody ? text : $"{text[..LongestBody]}... ({text.Length} characters)";
    }

    private static string? Json(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var node = JsonNode.Parse(bytes, documentOptions: Strict);
            Mask(node);
            return node?.ToJsonString(WireFormat.Json) ?? "null";
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            // Not JSON, or JSON whose texts are no texts (half a surrogate pair).
            return null;
        }
    }

    private static void Mask(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray list:
                foreach (var item in list)
                    Mask(item);
                break;
            case JsonObject json:
                foreach (var (name, value) in json.ToArray())
                {
                    if (value is not null && IsSecret(name, json))
                        json[name] = Masked;
                    else
                        Mask(value);
                }

                break;
        }
    }

    // A configuration value goes by the key beside it; where a request sends the value alone, it might be any of them.
    private static bool IsSecret(string name, JsonObject siblings) =>
        name == "propertyValue"
            ? siblings["key"] is not JsonValue key || !key.TryGetValue<string>(out var text) || SecretNames.Contains(text)
            : SecretNames.Contains(name);

    private static string Pairs(string? encoded)
    {
        var pairs = new QueryString();
        foreach (var (name, values) in QueryHelpers.ParseQuery(encoded))
        {
            foreach (var value in values)
                pairs = pairs.Add(name, SecretNames.Contains(name) ? Masked : value ?? string.Empty);
        }

        return pairs.Value?.TrimStart('?') ?? string.Empty;
    }

    private static string Schemes(string authorization) => string.Join(", ", authorization
        .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(part => part.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space ? $"{part[..space]} {Masked}" : Masked));

    private static string WithoutQuery(string url) => url.Split('?', '#')[0];

    // Whatever the name it stood under, the organization's own secrets are never kept.
    private string Known(string text) => text
        .Replace(options.OrganizationSecret, Masked, StringComparison.Ordinal)
        .Replace(options.UserSecret, Masked, StringComparison.Ordinal)
        .Replace(Uri.EscapeDataString(options.UserSecret), Masked, StringComparison.Ordinal);
}
