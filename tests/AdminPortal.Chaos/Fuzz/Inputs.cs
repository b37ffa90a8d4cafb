using System.Globalization;
using System.Text;

namespace AdminPortal.Chaos.Fuzz;

/// <summary>What is known of the portal to make inputs that go deep.</summary>
/// <param name="State">The state of an attempt that awaits its consent, in another browser.</param>
/// <param name="Attempt">That attempt.</param>
/// <param name="Forms">Hidden fields of the form pages, by their address.</param>
/// <param name="Cookie">The cookies that came with them.</param>
public sealed record Known(string State, Guid Attempt, IReadOnlyDictionary<string, IReadOnlyList<KeyValuePair<string, string>>> Forms, string Cookie);

/// <summary>One made-up request; the same seed and number make the same one.</summary>
public sealed class Input
{
    private static readonly string[] Pages =
        ["/oauth/callback", "/oauth/callback", "/oauth/callback", "/sign-in", "/setup", "/oauth/landing/", "/connect/", "/calendar/", "/not-found", "/_blazor", "/health", "/error", "/",
            "/join", "/let-in", "/sign-in/second", "/sign-in/passkey", "/sign-in/passkey/options", "/sign-in/sso", "/sign-in/sso/callback", "/api/v1/instances", "/api/v1/attempts"];

    private static readonly string[] Names = ["code", "state", "error", "error_description", "scope", "came", "attempt", "returnUrl", "Code", "STATE", "code[]", "state.x", "", "id"];

    private readonly Random _random;
    private readonly Known _known;

    public Input(int seed, int number, Known known)
    {
        _random = new Random(HashCode(seed, number));
        _known = known;
        Marker = string.Create(CultureInfo.InvariantCulture, $"zq{number}");
        Bytes = Make();
    }

    /// <summary>What the planted values begin with.</summary>
    public string Marker { get; }

    public byte[] Bytes { get; }

    /// <summary>How it begins, for the output.</summary>
    public string Title => Encoding.Latin1.GetString(Bytes, 0, Math.Min(Bytes.Length, 160)).Split("\r\n")[0];

    // The framework's own hash differs from run to run.
    private static int HashCode(int seed, int number) => unchecked((seed * 486_187_739) + (number * 16_777_619));

    private byte[] Make()
    {
        var page = Pick(Pages);
        var path = page switch
        {
            "/oauth/landing/" => page + (_random.Next(3) == 0 ? Encoded() : Pick(["signed-out", "other-browser", "unknown"])),
            "/connect/" => page + (_random.Next(2) == 0 ? _known.Attempt.ToString() : Encoded()) + (_random.Next(4) == 0 ? "" : "/go"),
            "/calendar/" => page + Encoded() + (_random.Next(2) == 0 ? ".ics" : ""),
            "/not-found" => "/" + Encoded(),
            "/_blazor" => page + Pick(["", "/negotiate", "/disconnect", "/initializers", "/" + Encoded()]),
            _ => page,
        };

        var method = page switch
        {
            "/sign-in" or "/setup" or "/join" or "/let-in" or "/sign-in/second" => Pick(["GET", "POST", "POST", "POST"]),
            "/sign-in/passkey" or "/sign-in/passkey/options" => "POST",
            "/api/v1/instances" or "/api/v1/attempts" => Pick(["GET", "GET", "POST"]),
            "/_blazor" => Pick(["GET", "POST", "POST", "DELETE"]),
            _ => _random.Next(12) == 0 ? Pick(["POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "ZQ", "PATCH"]) : "GET",
        };

        var query = page == "/_blazor" && _random.Next(2) == 0 ? "?id=" + Encoded() : Query();
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"{method} {path}{query} HTTP/1.1\r\n");
        head.Append(_random.Next(15) == 0 ? $"Host: {HeaderValue()}\r\n" : "Host: 127.0.0.1\r\n");
        // Each from another address, so that it is not the limit for one address that is tested.
        head.Append(CultureInfo.InvariantCulture, $"X-Forwarded-For: {(_random.Next(30) == 0 ? HeaderValue() : $"10.{_random.Next(256)}.{_random.Next(256)}.{_random.Next(256)}")}\r\n");
        if (_random.Next(10) == 0) head.Append(CultureInfo.InvariantCulture, $"X-Forwarded-Proto: {HeaderValue()}\r\nX-Forwarded-Host: {HeaderValue()}\r\n");
        if (_random.Next(10) == 0) head.Append(CultureInfo.InvariantCulture, $"Accept-Language: {HeaderValue()}\r\n");
        if (_random.Next(20) == 0) head.Append(CultureInfo.InvariantCulture, $"{Pick(["Referer", "Origin", "User-Agent", "Accept", "Accept-Encoding", "Range", "If-None-Match", "If-Modified-Since", "Expect", "Authorization"])}: {HeaderValue()}\r\n");
        if (page == "/_blazor" && _random.Next(3) == 0) head.Append("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        if (page.StartsWith("/api/", StringComparison.Ordinal) && _random.Next(4) != 0)
            head.Append(CultureInfo.InvariantCulture, $"Authorization: {Pick(["Bearer ", "bearer ", "Basic ", "Bearer", ""])}{HeaderValue()}\r\nIdempotency-Key: {HeaderValue()}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Cookie: {Cookies()}\r\n");

        var body = Array.Empty<byte>();
        if (method is not ("GET" or "HEAD" or "OPTIONS" or "TRACE" or "DELETE"))
        {
            var isForm = _random.Next(8) != 0 && !page.StartsWith("/api/", StringComparison.Ordinal);
            body = Encoding.Latin1.GetBytes(isForm ? Form(page) : Value());
            head.Append(CultureInfo.InvariantCulture, $"Content-Type: {(isForm ? "application/x-www-form-urlencoded" : Pick(["multipart/form-data; boundary=zq", "application/json", "text/plain", HeaderValue()]))}\r\n");
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        }

        head.Append("\r\n");
        return [.. Encoding.Latin1.GetBytes(head.ToString()), .. body];
    }

    private string Query()
    {
        var pairs = Enumerable.Range(0, _random.Next(7)).Select(_ => Pair(Pick(Names)));
        if (_random.Next(2) == 0) pairs = pairs.Append("state=" + Uri.EscapeDataString(_known.State)).OrderBy(_ => _random.Next());
        var query = string.Join('&', pairs);
        return query.Length == 0 && _random.Next(2) == 0 ? "" : "?" + query;
    }

    private string Pair(string name) => _random.Next(8) == 0 ? Encoded() + "=" + Encoded() : name + "=" + Encoded();

    private string Form(string page)
    {
        IEnumerable<KeyValuePair<string, string>> fields = _known.Forms.TryGetValue(page, out var known) && _random.Next(6) != 0
            ? known
            : [KeyValuePair.Create("_handler", Value()), KeyValuePair.Create("__RequestVerificationToken", Value())];
        var pairs = fields.Select(field => KeyValuePair.Create(
                field.Key,
                field.Key.EndsWith("Email", StringComparison.Ordinal) || field.Key.EndsWith("Password", StringComparison.Ordinal) || _random.Next(15) == 0 ? Value() : field.Value))
            .Select(field => Uri.EscapeDataString(field.Key) + "=" + (_random.Next(6) == 0 ? Encoded() : Uri.EscapeDataString(Printable(field.Value)))).ToList();
        if (_random.Next(5) == 0) pairs.Add(Pair("Input.Email"));
        if (_random.Next(8) == 0) pairs.AddRange(Enumerable.Range(0, _random.Next(1500)).Select(number => $"a{number}=b"));
        return string.Join('&', pairs);
    }

    private string Cookies()
    {
        var cookies = new List<string>();
        if (_random.Next(3) != 0) cookies.Add(_known.Cookie);
        if (_random.Next(2) == 0) cookies.Add("portal-browser=" + Plain(Value()));
        if (_random.Next(4) == 0) cookies.Add("portal-session=" + Plain(Value()));
        if (_random.Next(4) == 0) cookies.Add("theme=" + Plain(Value()));
        if (_random.Next(4) == 0) cookies.Add("time-zone=" + Plain(Value()));
        if (_random.Next(40) == 0) cookies.AddRange(Enumerable.Range(0, _random.Next(400)).Select(number => $"c{number}={Marker}"));
        return string.Join("; ", cookies);
    }

    /// <summary>A value as bytes one to one, anything but the end of a line.</summary>
    private string HeaderValue() => Plain(Value());

    private static string Plain(string value) => new([.. value.Select(character => character is '\r' or '\n' or > '\u00ff' ? '?' : character)]);

    private static string Printable(string value) => value.Any(char.IsSurrogate) ? "😀" : value;

    /// <summary>A value for an address: encoded, badly encoded, or not at all.</summary>
    private string Encoded()
    {
        var value = Value();
        return _random.Next(6) switch
        {
            0 => string.Concat(Encoding.UTF8.GetBytes(Printable(value)).Select(one => "%" + one.ToString("x2", CultureInfo.InvariantCulture))),
            1 => Pick(["%", "%z", "%zz", "%00", "%c0%af", "%ff%fe", "%u0041", "%ed%a0%80", "%0d%0aX-Zq:%201", "%0d%0a%0d%0a", "..%2f..%2f", "%2e%2e/", "%252e"]) + Marker,
            _ => Uri.EscapeDataString(Printable(value)),
        };
    }

    private string Value() => _random.Next(20) switch
    {
        0 => "",
        1 or 2 => $"{Marker}<b>\"'&",
        3 => $"{Marker}<script>alert(1)</script>",
        4 => $"{Marker}\"><img src=x onerror=alert(1)>",
        5 => Marker + "\r\nX-Zq: 1\r\n\r\n",
        6 => Marker + "\0\u0001\u001b[31m",
        7 => new string('a', _random.Next(9_000)) + Marker,
        8 => new string((char)_random.Next(1, 255), _random.Next(300)),
        9 => "\u202e" + Marker + "\u2066é中😀",
        10 => $"javascript:{Marker}",
        11 => $"//{Marker}.example.com/",
        12 => $"/\\{Marker}.example.com/",
        13 => _known.State,
        14 => _known.Attempt.ToString(),
        15 => Convert.ToBase64String(Bytes32()).TrimEnd('=').Replace('+', '-').Replace('/', '_'),
        16 => $"full|{Marker}.infusionsoft.com",
        17 => $"' OR 1=1 --{Marker}",
        18 => "access_denied",
        _ => $"{{\"{Marker}\":[[[[[[]]]]]],\"n\":{_random.NextDouble().ToString(CultureInfo.InvariantCulture)}}}",
    };

    private byte[] Bytes32()
    {
        var bytes = new byte[32];
        _random.NextBytes(bytes);
        return bytes;
    }

    private string Pick(ReadOnlySpan<string> choices) => choices[_random.Next(choices.Length)];
}
