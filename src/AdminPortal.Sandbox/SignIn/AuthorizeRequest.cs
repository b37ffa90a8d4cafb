using AdminPortal.Sandbox.Pages;

namespace AdminPortal.Sandbox.SignIn;

/// <summary>
/// What the sign-in was called with. It travels through the steps in hidden fields, so that a page left open still works after a
/// restart, and is checked at every step anew.
/// </summary>
internal sealed record AuthorizeRequest(string ClientId, string RedirectUri, string? State)
{
    /// <returns>The request, or the sentence that says why there can be none.</returns>
    public static (AuthorizeRequest? Request, string? Problem) From(Func<string, string?> parameter)
    {
        var (clientId, redirectUri) = (parameter("client_id"), parameter("redirect_uri"));
        if (string.IsNullOrWhiteSpace(clientId))
            return (null, "Invalid Client: client_id is missing.");
        if (parameter("response_type") != "code")
            return (null, "response_type must be code.");
        if (parameter("scope") != "full")
            return (null, "scope must be full.");
        if (!IsUsable(redirectUri))
            return (null, "redirect_uri must be an absolute https address without a fragment (http on this machine's loopback only).");
        return (new AuthorizeRequest(clientId, redirectUri!, parameter("state")), null);
    }

    public string HiddenFields() => string.Concat(
        Html.Hidden("client_id", ClientId),
        Html.Hidden("redirect_uri", RedirectUri),
        Html.Hidden("response_type", "code"),
        Html.Hidden("scope", "full"),
        State is null ? string.Empty : Html.Hidden("state", State));

    // Keap wants https. Loopback without it is the sandbox's own allowance, for portals under development.
    private static bool IsUsable(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && text.All(character => character is > ' ' and < '\x7f')
        && uri.Fragment.Length == 0
        && !text.EndsWith('#')
        && uri.UserInfo.Length == 0
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && SandboxOptions.IsLoopback(uri.Host)));
}
