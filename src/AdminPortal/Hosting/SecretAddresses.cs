using System.Text.RegularExpressions;
using AdminPortal.Provisioning.Lapses;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.Http.Extensions;

namespace AdminPortal.Hosting;

/// <summary>
/// Knows which addresses hold a secret or a code, so that none of them is repeated: not as the address to return to after
/// the sign-in, and not in a log. A new route of this kind is added here; a test asks all of them by every method.
/// </summary>
internal static partial class SecretAddresses
{
    /// <summary>The query parameter with the address to return to after the sign-in.</summary>
    public const string ReturnParameter = "returnUrl";

    /// <summary>Written in a secret's place.</summary>
    public const string Placeholder = "…";

    // Shorter values are words, numbers and names, which would be replaced wherever they occur.
    private const int ShortestValue = 8;

    /// <summary>The routes with a code or a secret in the query.</summary>
    public static IReadOnlyList<string> ByQuery { get; } =
        [PortalAddresses.CallbackPath, PortalAddresses.SingleSignOnCallbackPath, "/setup", "/join", "/let-in"];

    /// <summary>The routes below which the rest of the path is a secret.</summary>
    public static IReadOnlyList<string> ByPath { get; } = [LapseAddress.Path];

    // Names of query parameters that hold a secret, whatever the route.
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        "code", "token", "access_token", "id_token", "refresh_token", "client_secret", "secret", "password", "passphrase", "api_key", "apikey", "api_secret", "apisecret",
    };

    // The values in the address of the request that is being answered.
    private static readonly AsyncLocal<IReadOnlyList<string>?> OfRequest = new();

    /// <summary>Whether an address of the portal holds a secret or a code.</summary>
    /// <param name="address">A path, with or without a query.</param>
    public static bool Holds(string address)
    {
        var query = address.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? address : address[..query];
        return IsRoute(Uri.UnescapeDataString(path))
            || query >= 0 && new QueryString(address[query..]) is var text && Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(text.Value).Keys.Any(Names.Contains);
    }

    /// <summary>Whether a path is one of the routes that hold a secret.</summary>
    public static bool IsRoute(string? path)
    {
        var value = (path ?? "").TrimEnd('/');
        return ByQuery.Contains(value, StringComparer.OrdinalIgnoreCase) || ByPath.Any(route => value.StartsWith(route + "/", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The address that a person is led back to after the sign-in.</summary>
    /// <returns>Null where the request's address holds a secret, is none of the portal's, or was not asked for by reading.</returns>
    public static string? ReturnAddress(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method)) return null;
        if (context.GetEndpoint() is not RouteEndpoint) return null;
        var address = request.GetEncodedPathAndQuery();
        return Holds(address) || IsRoute(request.Path.Value) ? null : address;
    }

    /// <summary>Remembers the values in a secret address for as long as its request is answered. To be used first of all.</summary>
    public static void Use(WebApplication app) => app.Use(async (context, next) =>
    {
        OfRequest.Value = Values(context.Request);
        await next(context);
    });

    /// <summary>
    /// Leads away from an address whose way back holds a secret, to the same page without it: the page would repeat its address
    /// in its forms. No page of the portal links to one; releases before 0.2 did.
    /// </summary>
    public static void UseForWaysBack(WebApplication app) => app.Use(async (context, next) =>
    {
        if (context.Request.Query[ReturnParameter].Any(address => address is not null && Holds(address)))
        {
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = context.Request.Path.ToUriComponent() is ['/', not '/', ..] path && !IsRoute(context.Request.Path.Value) ? path : "/";
        }
        else
        {
            await next(context);
        }
    });

    /// <summary>
    /// Answers a method that a secret route does not take. Behind <c>UseRouting</c>, before anybody is asked to sign in: nobody
    /// is led anywhere from there.
    /// </summary>
    public static void UseForOtherMethods(WebApplication app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint() is { RequestDelegate: { } refuse } and not RouteEndpoint && IsRoute(context.Request.Path.Value)) await refuse(context);
        else await next(context);
    });

    /// <summary>A text without the secrets of addresses in it, and without those of the request's own address.</summary>
    public static string Redact(string text)
    {
        if (OfRequest.Value is { } values)
        {
            foreach (var value in values) text = text.Replace(value, Placeholder, StringComparison.Ordinal);
        }

        // Nearly every line of a log has neither.
        if (text.Contains('=', StringComparison.Ordinal) || text.Contains("%3D", StringComparison.OrdinalIgnoreCase)) text = Parameter().Replace(text, "$1" + Placeholder);
        return text.Contains(LapseAddress.Path[1..], StringComparison.OrdinalIgnoreCase) ? Calendar().Replace(text, "$1" + Placeholder) : text;
    }

    private static List<string>? Values(HttpRequest request)
    {
        var isRoute = IsRoute(request.Path.Value);
        var values = request.Query.Where(pair => isRoute || Names.Contains(pair.Key)).SelectMany(pair => pair.Value).OfType<string>().ToList();
        if (isRoute && ByPath.FirstOrDefault(route => request.Path.StartsWithSegments(route, StringComparison.OrdinalIgnoreCase)) is { } below)
            values.AddRange(request.Path.Value![below.Length..].Split('/').Select(part => part.EndsWith(".ics", StringComparison.OrdinalIgnoreCase) ? part[..^4] : part));
        return values.Exists(value => value.Length >= ShortestValue)
            ? [.. values.Where(value => value.Length >= ShortestValue).SelectMany(value => new[] { value, Uri.EscapeDataString(value) }).Distinct().OrderByDescending(value => value.Length)]
            : null;
    }

    [GeneratedRegex(
        @"((?:[?&]|%3F|%26|&amp;|\\u0026)(?:code|state|session_state|token|access_token|id_token|refresh_token|client_secret|secret|password|passphrase|api_?key|api_?secret)(?:=|%3D))(?:(?!%26|&|\\u0026)[^\s#""'<>\]),;}])+",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"((?:\b|%2F)lapses(?:/|%2F))[^\s/?#""'.%]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Calendar();
}
