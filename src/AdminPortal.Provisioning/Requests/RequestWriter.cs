using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using AdminPortal.Domain;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Shared;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Requests;

/// <summary>
/// Makes the request out of what a person entered. No value, and no path of the person's own, leads out of
/// <c>/elements/api-v2</c> or to the platform's administration, whose answers hold the credentials of other instances.
/// </summary>
internal static partial class RequestWriter
{
    private static readonly string[] Administration = ["instances", "elements", "organizations"];

    // What decides who asks, where to, and how the message is framed is the portal's and the transport's to say.
    private static readonly string[] SafeHeaders = ["Accept", "Accept-Language", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"];

    /// <summary>Whether a person may set this header.</summary>
    public static bool IsSafeHeader(string name) =>
        HeaderName().IsMatch(name)
        && (SafeHeaders.Contains(name, StringComparer.OrdinalIgnoreCase) || name.StartsWith("Elements-", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a path of a description has a form that can be filled in.</summary>
    public static bool IsTemplate(string path) =>
        path.StartsWith('/') && Segments(Placeholder().Replace(path, "x")) is not null && !Placeholder().Replace(path, "").AsSpan().ContainsAny('{', '}');

    /// <summary>The names in braces.</summary>
    public static IReadOnlyList<string> Names(string path) => [.. Placeholder().Matches(path).Select(match => match.Groups[1].Value).Distinct()];

    /// <summary>Whether a path leads to the platform's own administration instead of the instance's data.</summary>
    public static bool IsAdministration(string path)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return segments.Length > 0
            && (Administration.Contains(segments[0], StringComparer.OrdinalIgnoreCase) || segments.Contains("instances", StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>The request, or what is wrong with each field; <see cref="Problem.Field"/> is the parameter's key.</summary>
    public static Result<InstanceRequest> Write(RequestInput input, IStringLocalizer<ProvisioningText> texts) =>
        input.Operation is { } operation ? WriteOperation(operation, input, texts) : WriteAddress(input.Address ?? "", texts);

    private static Result<InstanceRequest> WriteOperation(ApiOperation operation, RequestInput input, IStringLocalizer<ProvisioningText> texts)
    {
        var problems = new List<Problem>();
        var path = operation.Path;
        var query = new List<string>();
        var headers = new List<KeyValuePair<string, string>>();
        string? body = null;
        foreach (var parameter in operation.Parameters)
        {
            var value = input.Values.GetValueOrDefault(parameter.Key) ?? "";
            if (parameter.Place != ParameterPlace.Body) value = value.Trim();
            if (string.IsNullOrWhiteSpace(value))
            {
                if (parameter.Required) Add(texts["Request.Required", parameter.Name]);
                continue;
            }

            if (Refusal(parameter, value, texts) is { } refusal)
            {
                Add(refusal);
                continue;
            }

            switch (parameter.Place)
            {
                case ParameterPlace.Path:
                    path = path.Replace($"{{{parameter.Name}}}", Uri.EscapeDataString(value), StringComparison.Ordinal);
                    break;
                case ParameterPlace.Query:
                    query.AddRange(Query(parameter, value));
                    break;
                case ParameterPlace.Header:
                    headers.Add(KeyValuePair.Create(parameter.Name, value));
                    break;
                default:
                    body = value;
                    break;
            }

            void Add(string message) => problems.Add(new Problem(ProblemKind.Invalid, message, parameter.Key));
        }

        if (problems.Count > 0) return problems.ToArray();
        if (!IsWithin(path)) return new Problem(ProblemKind.Invalid, texts["Request.Address"]);
        return new InstanceRequest(operation.Method, path + (query.Count == 0 ? "" : "?" + string.Join('&', query)), body) { Headers = headers };
    }

    private static Result<InstanceRequest> WriteAddress(string address, IStringLocalizer<ProvisioningText> texts)
    {
        address = address.Trim();
        if (address.Length == 0) return Wrong(texts["Request.AddressRequired"]);
        if (address.Length > RequestInput.MaxValueLength) return Wrong(texts["Request.TooLong", RequestInput.MaxValueLength]);
        if (Rules.HasControls(address) || address.Contains('#', StringComparison.Ordinal)) return Wrong(texts["Request.Address"]);

        var mark = address.IndexOf('?', StringComparison.Ordinal);
        if (Segments(mark < 0 ? address : address[..mark]) is not { } segments) return Wrong(texts["Request.Address"]);
        var path = string.Concat(segments.Select(segment => "/" + Uri.EscapeDataString(segment)));
        if (IsAdministration(string.Concat(segments.Select(segment => "/" + segment)))) return Wrong(texts["Request.Administration"]);
        if (!IsWithin(path)) return Wrong(texts["Request.Address"]);

        // The query is taken as it was written, but for what no query can carry.
        var query = mark < 0 ? "" : "?" + string.Concat(address[(mark + 1)..].EnumerateRunes().Select(Escape));
        return new InstanceRequest("GET", path + query, null);

        static Problem Wrong(string message) => new(ProblemKind.Invalid, message, RequestInput.AddressField);
    }

    private static string? Refusal(ApiParameter parameter, string value, IStringLocalizer<ProvisioningText> texts)
    {
        var limit = parameter.Place == ParameterPlace.Body ? RequestInput.MaxBodyLength : RequestInput.MaxValueLength;
        if (value.Length > limit) return texts["Request.TooLong", limit];
        if (parameter.Type == ParameterType.Json) return JsonRefusal(value, texts);
        if (Rules.HasControls(value)) return texts["Request.Control"];
        if (parameter.Place == ParameterPlace.Header && value.AsSpan().ContainsAnyExceptInRange(' ', '~')) return texts["Request.Header"];
        if (parameter.Place == ParameterPlace.Path && Segments("/" + value) is not [_]) return texts["Request.PathValue"];
        if (parameter.Choices.Count > 0 && parameter.Type != ParameterType.List && !parameter.Choices.Contains(value)) return texts["Request.Choice"];
        return parameter.Type switch
        {
            ParameterType.WholeNumber when !long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) => texts["Request.Integer"].Value,
            ParameterType.Number when !decimal.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _) => texts["Request.Number"].Value,
            ParameterType.Boolean when value is not ("true" or "false") => texts["Request.Boolean"].Value,
            _ => null,
        };
    }

    private static string? JsonRefusal(string value, IStringLocalizer<ProvisioningText> texts)
    {
        try
        {
            using var parsed = JsonDocument.Parse(value);
            return null;
        }
        catch (JsonException exception)
        {
            return texts["Request.Json", (exception.LineNumber ?? 0) + 1, (exception.BytePositionInLine ?? 0) + 1];
        }
        // Half a surrogate pair cannot be written as UTF-8 at all.
        catch (ArgumentException)
        {
            return texts["Request.Control"];
        }
    }

    private static IEnumerable<string> Query(ApiParameter parameter, string value)
    {
        var name = Uri.EscapeDataString(parameter.Name);
        if (parameter.Type != ParameterType.List) return [$"{name}={Uri.EscapeDataString(value)}"];
        var values = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parameter.Separator is { } separator
            ? [$"{name}={Uri.EscapeDataString(string.Join(separator, values))}"]
            : values.Select(one => $"{name}={Uri.EscapeDataString(one)}");
    }

    /// <summary>
    /// The parts of a path, decoded; null where one of them, read once or twice, is empty, leads upwards or hides a slash.
    /// Servers and proxies differ in how often they decode and in what they take for a slash.
    /// </summary>
    private static List<string>? Segments(string path)
    {
        if (!path.StartsWith('/') || path.Length < 2) return null;
        var segments = new List<string>();
        foreach (var written in path[1..].Split('/'))
        {
            var once = Uri.UnescapeDataString(written);
            var twice = Uri.UnescapeDataString(once);
            if (!IsPlain(written) || !IsPlain(once) || !IsPlain(twice)) return null;
            segments.Add(once);
        }

        return segments;

        static bool IsPlain(string part) =>
            part.Length > 0 && !part.AsSpan().ContainsAny("/\\?#;") && !Rules.HasControls(part) && part.Trim() is not ("." or ".." or "");
    }

    /// <summary>The last word: as an address reads it, the path is below the API's root and says what it was meant to say.</summary>
    private static bool IsWithin(string path) =>
        Uri.TryCreate("https://platform.invalid/elements/api-v2" + path, UriKind.Absolute, out var address)
        && address.Host == "platform.invalid"
        && string.Equals(address.AbsolutePath, "/elements/api-v2" + path, StringComparison.Ordinal)
        && !IsAdministration(Uri.UnescapeDataString(path));

    private static string Escape(Rune rune) =>
        rune.Value is > ' ' and <= '~' and not ('"' or '<' or '>' or '\\' or '^' or '`' or '{' or '|' or '}' or '\'') ? rune.ToString() : Uri.EscapeDataString(rune.ToString());

    [GeneratedRegex(@"\{([^{}/]{1,100})\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9-]{0,99}$", RegexOptions.CultureInvariant)]
    private static partial Regex HeaderName();
}
