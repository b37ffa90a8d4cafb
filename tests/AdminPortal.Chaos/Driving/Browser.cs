using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace AdminPortal.Chaos.Driving;

/// <summary>A browser as far as HTTP goes: it keeps cookies, and follows nothing by itself.</summary>
public sealed partial class Browser : IDisposable
{
    // The portal's cookies go to whichever of its processes is asked, so they are kept by hand.
    private readonly Dictionary<string, string> _cookies = [];
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>The cookies that it has.</summary>
    public IReadOnlyDictionary<string, string> Cookies => _cookies;

    /// <summary>The cookies as a request carries them.</summary>
    public string CookieHeader => string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));

    /// <summary>Asks for a path of the portal.</summary>
    public Task<HttpResponseMessage> GetAsync(PortalProcess portal, string pathAndQuery) => GetAsync(new Uri(portal.Address, pathAndQuery));

    public async Task<HttpResponseMessage> GetAsync(Uri address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        return await SendAsync(request);
    }

    /// <summary>Sends a form that was read from a page.</summary>
    public Task<HttpResponseMessage> PostAsync(PortalProcess portal, string pathAndQuery, IEnumerable<KeyValuePair<string, string>> fields) =>
        PostAsync(new Uri(portal.Address, pathAndQuery), fields);

    /// <summary>The fields of a page's first form, hidden ones included.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Fields(string page) =>
    [
        .. Input().Matches(page).Select(match => match.Value)
            .Where(input => NameOf().IsMatch(input)).DistinctBy(input => NameOf().Match(input).Groups[1].Value)
            .Select(input => KeyValuePair.Create(NameOf().Match(input).Groups[1].Value, WebUtility.HtmlDecode(ValueOf().Match(input).Groups[1].Value))),
    ];

    /// <summary>Creates the administrator with the link from the console, which signs this browser in.</summary>
    public async Task SetUpAsync(PortalProcess portal) => await SetUpAsync(portal.Address, await portal.SetupLinkAsync());

    /// <summary>The same with the link's path and query, for a portal that was started elsewhere.</summary>
    public async Task SetUpAsync(Uri portal, string setup)
    {
        using var page = await GetAsync(new Uri(portal, setup));
        var fields = Fields(await page.Content.ReadAsStringAsync()).Select(field => field.Key switch
        {
            var name when name.EndsWith("Email", StringComparison.Ordinal) => KeyValuePair.Create(name, "chaos@example.com"),
            var name when name.EndsWith("Password", StringComparison.Ordinal) => KeyValuePair.Create(name, "a long enough passphrase 1!"),
            _ => field,
        });
        using var answer = await PostAsync(new Uri(portal, setup), fields);
        if (answer.StatusCode is not (HttpStatusCode.Found or HttpStatusCode.SeeOther))
            throw new InvalidOperationException($"Creating the administrator answered {(int)answer.StatusCode}.");
    }

    /// <summary>The address of somebody. The portal's rate limits are for one address; what is driven stands for many people.</summary>
    public static string SomeAddress() => string.Create(
        CultureInfo.InvariantCulture, $"10.{Random.Shared.Next(256)}.{Random.Shared.Next(256)}.{Random.Shared.Next(1, 255)}");

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> PostAsync(Uri address, IEnumerable<KeyValuePair<string, string>> fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(fields) };
        return await SendAsync(request);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        _ = request.Headers.TryAddWithoutValidation("X-Forwarded-For", SomeAddress());
        if (_cookies.Count > 0) _ = request.Headers.TryAddWithoutValidation("Cookie", CookieHeader);
        var answer = await _http.SendAsync(request);
        foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var all) ? all : [])
        {
            var pair = cookie.Split(';')[0].Split('=', 2);
            _cookies[pair[0]] = pair[1];
        }

        return answer;
    }

    [GeneratedRegex("<input[^>]*>")]
    private static partial Regex Input();

    [GeneratedRegex("name=\"([^\"]*)\"")]
    private static partial Regex NameOf();

    [GeneratedRegex("value=\"([^\"]*)\"")]
    private static partial Regex ValueOf();
}
