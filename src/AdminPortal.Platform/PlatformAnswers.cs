using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AdminPortal.Domain.Text;
using AdminPortal.Platform.Wire;

namespace AdminPortal.Platform;

/// <summary>Reads the platform's answers. A body that is not what is documented throws <see cref="JsonException"/>.</summary>
internal static class PlatformAnswers
{
    public const string RequestIdHeader = "Elements-Request-Id";
    public const int MaxMessageLength = 1000;

    public static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? OutsideText.Clean(values.FirstOrDefault(), 500) : null;

    public static WireError? ReadError(byte[] content)
    {
        try
        {
            return JsonSerializer.Deserialize(content, WireJson.Default.WireError);
        }
        catch (JsonException)
        {
            // An HTML page of a proxy, or nothing: the status speaks for itself.
            return null;
        }
    }

    // The readers throw JsonException for whatever the contract does not know: that is an unreadable answer.

    public static string ReadOAuthUrl(PlatformAnswer answer) =>
        JsonSerializer.Deserialize(answer.Content, WireJson.Default.WireOAuthUrl)?.OauthUrl is { Length: > 0 } url
            ? url
            : throw new JsonException("The answer has no oauthUrl.");

    public static PlatformInstance ReadInstance(PlatformAnswer answer) => Read(JsonSerializer.Deserialize(answer.Content, WireJson.Default.WireInstance));

    // One row that cannot be read fails the page: without it a listing would look complete when it is not.
    public static PlatformInstancePage ReadPage(PlatformAnswer answer) =>
        new([.. Rows(answer, WireJson.Default.ListWireInstance).Select(Read)], answer.NextPage);

    public static IReadOnlyList<PlatformConfigurationEntry> ReadConfiguration(PlatformAnswer answer) =>
    [
        .. Rows(answer, WireJson.Default.ListWireConfigurationEntry)
            .Where(row => !string.IsNullOrEmpty(row?.Key))
            .Select(row => new PlatformConfigurationEntry(row.Key!, row.Name, row.Type, row.Required ?? false, row.Internal ?? false)
            {
                HasDefault = !string.IsNullOrEmpty(row.DefaultValue),
                SaysWhetherRequired = row.Required is not null,
            }),
    ];

    public static PlatformElement ReadElement(PlatformAnswer answer) =>
        JsonSerializer.Deserialize(answer.Content, WireJson.Default.WireElement) is { } element
            ? new PlatformElement(element.Active, element.Deleted)
            : throw new JsonException("The answer is null.");

    public static List<T> Rows<T>(PlatformAnswer answer, JsonTypeInfo<List<T>> type) =>
        JsonSerializer.Deserialize(answer.Content, type) ?? throw new JsonException("The answer is null.");

    public static PlatformInstance Read(WireInstance? wire)
    {
        if (wire?.Id is not { } id) throw new JsonException("An instance has no id.");
        var configuration = wire.Configuration.ValueKind == JsonValueKind.Object
            ? wire.Configuration.EnumerateObject().GroupBy(entry => entry.Name).ToDictionary(entry => entry.Key, entry => WireText.Read(entry.Last().Value))
            : [];
        var elementKey = wire.Element.ValueKind == JsonValueKind.Object && wire.Element.TryGetProperty("key", out var key) ? WireText.Read(key) : null;
        DateTimeOffset? createdAt = DateTimeOffset.TryParse(wire.CreatedDate, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? date.ToUniversalTime()
            : null;
        return new PlatformInstance(
            id,
            OutsideText.Clean(wire.Name, 255),
            wire.Token,
            OutsideText.Clean(elementKey, 100),
            wire.Tags?.Select(tag => OutsideText.Clean(tag, 255)).OfType<string>().ToList(),
            wire.Valid,
            wire.Disabled,
            createdAt,
            configuration)
        {
            IsTraced = wire.TraceLoggingEnabled,
        };
    }

    public static PlatformPong ReadPong(PlatformAnswer answer) =>
        new(JsonSerializer.Deserialize(answer.Content, WireJson.Default.WirePong)?.Valid);

    public static InstanceConfigurationEntry Read(WireInstanceConfigurationEntry? wire) =>
        wire is { Id: { } id, Key.Length: > 0 }
            ? new InstanceConfigurationEntry(
                id,
                OutsideText.Clean(wire.Key, 255) ?? throw new JsonException("A configuration entry has no key."),
                OutsideText.Clean(wire.Name, 255),
                wire.PropertyValue,
                OutsideText.Clean(wire.Type, 50),
                wire.Required ?? false,
                wire.HideFromConsole ?? false,
                OutsideText.Clean(wire.Description, MaxMessageLength))
            : throw new JsonException("A configuration entry has no id or no key.");

    public static InstanceResponse ReadResponse(HttpResponseMessage response, byte[] content, TimeSpan duration)
    {
        var body = Encoding.UTF8.GetString(content);
        var headers = response.Headers.Concat(response.Content.Headers)
            .Where(header => !header.Key.Equals("Set-Cookie", StringComparison.OrdinalIgnoreCase))
            .Select(header => KeyValuePair.Create(header.Key, OutsideText.Clean(string.Join(", ", header.Value), 2000) ?? ""))
            .OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase)
            .Take(100);
        return new InstanceResponse(
            (int)response.StatusCode,
            [.. headers],
            body.Length > InstanceResponse.MaxBodyLength ? body[..InstanceResponse.MaxBodyLength] : body,
            body.Length > InstanceResponse.MaxBodyLength,
            duration,
            Header(response, RequestIdHeader));
    }
}

/// <summary>The body of a success, and the cursor of the next page if there is one.</summary>
internal sealed record PlatformAnswer(byte[] Content, string? NextPage);
