using AdminPortal.Sandbox.Pages;

namespace AdminPortal.Sandbox.SignIn;

internal static class SignInPages
{
    public const string SignInPath = "/app/oauth/signin";
    public const string ConsentPath = "/app/oauth/consent";

    public static IResult SignIn(AuthorizeRequest request, string? error) => Html.Page("Sign In", $"""
        <main>
        <h1>Sign In</h1>
        <p class="quiet">Any user name and any password do.</p>
        {Error(error)}
        <form method="post" action="{SignInPath}">
        {request.HiddenFields()}
        <div class="field"><label for="username">User name</label><input id="username" name="username" type="text" autocomplete="off" autocapitalize="none" spellcheck="false" required maxlength="255" autofocus></div>
        <div class="field"><label for="password">Password</label><input id="password" name="password" type="password" autocomplete="off" required maxlength="255"></div>
        <div class="actions"><button class="btn btn-primary" type="submit">Sign In</button></div>
        </form>
        </main>
        """);

    public static IResult Consent(AuthorizeRequest request, string userName, IReadOnlyList<string> accounts, string? error) =>
        Html.Page("Allow access", $"""
            <main>
            <h1>Allow access to your account?</h1>
            <p>Signed in as <strong>{Html.Encode(userName)}</strong>. The application <code>{Html.Encode(request.ClientId)}</code> asks for full access and will be sent back to <strong>{Html.Encode(new Uri(request.RedirectUri).Authority)}</strong>.</p>
            {Error(error)}
            <form method="post" action="{ConsentPath}">
            {request.HiddenFields()}
            {Html.Hidden("username", userName)}
            <fieldset>
            <legend>Choose the account</legend>
            {string.Join('\n', accounts.Select((account, index) => Choice(account, index)))}
            </fieldset>
            <div class="actions"><button class="btn btn-primary" type="submit" name="decision" value="allow">Allow</button><button class="btn" type="submit" name="decision" value="deny">Deny</button></div>
            </form>
            </main>
            """);

    public static IResult Refusal(string problem) => Html.Page(
        "Invalid request",
        $"""
        <main>
        <h1>This sign-in link cannot be used</h1>
        <p class="error">{Html.Encode(problem)}</p>
        <p>Go back to the application that sent you here and start again.</p>
        </main>
        """,
        StatusCodes.Status400BadRequest);

    /// <summary>
    /// Sends the browser to the callback twice: as an image, which cannot show what comes back, and then for good. The image takes
    /// the portal's cookies along only where sandbox and portal are one site, as on loopback.
    /// </summary>
    public static IResult Twice(string callback) => new HtmlPage("Back twice", $"""
        <main>
        <h1>You are sent back twice</h1>
        <p>The application gets the same answer a second time in a moment.</p>
        <p><img src="{Html.Encode(callback)}" alt="" width="1" height="1"><a id="go-on" href="{Html.Encode(callback)}">Go back to the application</a></p>
        </main>
        """)
    {
        Head = $"""<meta http-equiv="refresh" content="1;url={Html.Encode(callback)}">""",
        ImageSource = new Uri(callback).GetLeftPart(UriPartial.Authority),
    };

    /// <summary>The sign-in does not work, whatever was asked of it.</summary>
    public static IResult OutOfOrder(string message, int status) => Html.Page(
        "Sign-in unavailable",
        $"""
        <main>
        <h1>The sign-in does not work just now</h1>
        <p class="error">{Html.Encode(message)}</p>
        </main>
        """,
        status);

    private static string Choice(string account, int index) =>
        $"""<label class="choice"><input type="radio" name="account" value="{Html.Encode(account)}" required{(index == 0 ? " checked" : string.Empty)}> {Html.Encode(account)}</label>""";

    private static string Error(string? text) => text is null ? string.Empty : $"""<p class="error" role="alert">{Html.Encode(text)}</p>""";
}
