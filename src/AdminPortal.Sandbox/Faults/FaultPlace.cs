using System.IO.Enumeration;
using AdminPortal.Sandbox.Api;
using AdminPortal.Sandbox.SignIn;

namespace AdminPortal.Sandbox.Faults;

/// <summary>Where a fault can happen, written as in <see cref="Fault.Match"/>.</summary>
internal static class FaultPlace
{
    private static readonly string[] OAuthUrl = ["* /elements/*/oauth/url"];
    private static readonly string[] Consent = ["POST " + SignInPages.ConsentPath];
    private static readonly string[] Creation = ["POST /instances", "POST /elements/*/instances"];
    private static readonly string[] Listing = ["GET /instances", "GET /elements/*/instances"];

    /// <summary>The call as a fault names it: API paths below the base path, those of the sign-in whole.</summary>
    /// <returns>Null for calls that no fault can meet.</returns>
    public static string? CallOf(HttpRequest request)
    {
        if (SignInEndpoints.Owns(request.Path))
            return $"{request.Method} {request.Path}";
        if (!request.Path.StartsWithSegments(ElementsApi.BasePath, StringComparison.Ordinal, out var path))
            return null;
        return $"{request.Method} {(path.HasValue && path.Value.Length > 1 ? path.Value.TrimEnd('/') : "/")}";
    }

    public static bool Has(string call, Fault fault) => fault.Kind is { } kind
        ? Array.Exists(Of(kind), place => Fits(place, call)) && (fault.Match is null || Fits(fault.Match, call))
        : fault.Match is { } match && Fits(match, call) && (!NamesSignIn(call) || NamesSignIn(match));

    private static string[] Of(FaultKind kind) => kind switch
    {
        >= FaultKind.UrlOtherRedirectUri and <= FaultKind.UrlNotAnUrl => OAuthUrl,
        >= FaultKind.ConsentDeny and <= FaultKind.PlatformGone => Consent,
        FaultKind.CreateTwice or FaultKind.AppearLate => Creation,
        FaultKind.ListEmptyPage or FaultKind.ListRepeatedToken or FaultKind.ListIgnoreTags or FaultKind.ListByOffset => Listing,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static bool Fits(string pattern, string call) => FileSystemName.MatchesSimpleExpression(pattern, call);

    // A star alone means the API: whoever wants the sign-in to go wrong says so.
    private static bool NamesSignIn(string text) => text.Contains(SignInEndpoints.BasePath, StringComparison.OrdinalIgnoreCase);
}
