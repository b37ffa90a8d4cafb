using AdminPortal.Sandbox.Faults;
using AdminPortal.Sandbox.Tenancy;
using Microsoft.AspNetCore.Mvc;

namespace AdminPortal.Sandbox.SignIn;

/// <summary>The simulated Infusionsoft sign-in: user name and password, then the account with Allow and Deny.</summary>
internal static class SignInEndpoints
{
    public const string BasePath = "/app/oauth";
    public const string AuthorizePath = BasePath + "/authorize";

    // The address that Keap gives with its errors, already encoded for a query.
    private const string ErrorUri = "https%3A%2F%2Fdeveloper.infusionsoft.com%2Fdocs%2Fread%2FGetting_Started_With_OAuth2";
    private const string UserWithoutAccount = "noapp";
    private const string UnknownClients = "invalid";

    public static bool Owns(PathString path) => path.StartsWithSegments(BasePath, StringComparison.Ordinal);

    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
        app.MapGet(AuthorizePath, Start);
        app.MapPost(SignInPages.SignInPath, SignInAsync);
        app.MapPost(SignInPages.ConsentPath, ConsentAsync);
    }

    private static IResult Start(HttpRequest http)
    {
        var (request, problem) = AuthorizeRequest.From(name => http.Query[name]);
        if (request is null)
            return SignInPages.Refusal(problem!);
        if (request.ClientId.StartsWith(UnknownClients, StringComparison.OrdinalIgnoreCase))
            return Back(request, $"error=server_error&error_description=An+error+occurred&error_uri={ErrorUri}{State(request, "&")}");
        return SignInPages.SignIn(request, null);
    }

    private static async Task<IResult> SignInAsync(HttpRequest http, SandboxOptions options)
    {
        var (request, form, refusal) = await ReadAsync(http);
        if (refusal is not null)
            return refusal;
        var userName = form!["username"].ToString().Trim();
        return userName.Length == 0 || form["password"].ToString().Length == 0
            ? SignInPages.SignIn(request!, "Type a user name and a password.")
            : SignInPages.Consent(request!, userName, options.Tenants, null);
    }

    // The framework takes the door's BindAsync, which binds listeners, for a way to read it from the request, unless it is told where it is from.
    private static async Task<IResult> ConsentAsync(HttpRequest http, SandboxOptions options, Tenant tenant, [FromServices] FrontDoor door)
    {
        var (request, form, refusal) = await ReadAsync(http);
        if (refusal is not null)
            return refusal;

        var fault = http.HttpContext.Features.Get<Fault>();
        if (fault?.Kind is FaultKind.ConsentError)
            return Back(request!, Error(fault, "An error occurred") + State(request!, "&"));

        var userName = form!["username"].ToString();
        if (userName.Length == 0)
            return SignInPages.SignIn(request!, "Sign in first.");
        if (fault?.Kind is FaultKind.ConsentDeny || form["decision"] != "allow" || userName.Equals(UserWithoutAccount, StringComparison.OrdinalIgnoreCase))
        {
            // The same answer to whoever denies and to whoever has no account and allows, as Keap's users report.
            var denial = $"error=access_denied&error_description=User+denied+access+to+resource&error_uri={ErrorUri}";
            return Back(request!, $"state={Uri.EscapeDataString(request!.State ?? string.Empty)}&{denial}");
        }

        var account = options.Tenants.FirstOrDefault(host => host == form["account"]);
        if (account is null)
            return SignInPages.Consent(request!, userName, options.Tenants, "Choose an account.");

        if (fault is { Kind: FaultKind.PlatformGone, Seconds: { } seconds })
        {
            // Before the answer: whoever has it must find nobody here.
            await door.CloseAsync(TimeSpan.FromSeconds(seconds), http.HttpContext.Connection.Id);
            http.HttpContext.Response.Headers.Connection = "close";
        }

        return Granted(request!, account, fault, options, tenant);
    }

    /// <summary>The way back with a code, and everything that a fault can do to it.</summary>
    private static IResult Granted(AuthorizeRequest request, string account, Fault? fault, SandboxOptions options, Tenant tenant)
    {
        if (fault?.Kind is FaultKind.CallbackNoQuery)
            return new RedirectBack(request.RedirectUri);
        if (fault?.Kind is FaultKind.CallbackOtherTenant)
            account = fault.Value ?? options.Tenants.FirstOrDefault(host => host != account) ?? "zz999.infusionsoft.com";

        var tooOld = IssuedCode.Lifetime + TimeSpan.FromMinutes(1);
        var code = tenant.IssueCode(request.ClientId, request.RedirectUri, account, request.State, fault?.Kind is FaultKind.CodeExpired ? tooOld : null);
        if (fault?.Kind is FaultKind.CodeReused)
            tenant.SpendCode(code);

        string[] parts =
        [
            fault?.Kind is FaultKind.CallbackNoScope ? string.Empty : $"scope={Uri.EscapeDataString($"full|{account}")}",
            fault?.Kind is FaultKind.CallbackNoCode ? string.Empty : $"code={code}",
            fault?.Kind is FaultKind.CallbackCodeAndError ? Error(fault, "An error occurred") : string.Empty,
            fault?.Kind switch
            {
                FaultKind.CallbackNoState => string.Empty,
                FaultKind.CallbackOtherState => $"state={Uri.EscapeDataString(fault.Value ?? Identifiers.ForeignState())}",
                _ => State(request, string.Empty),
            },
        ];
        var address = Address(request, string.Join('&', parts.Where(part => part.Length > 0)));
        return fault?.Kind is FaultKind.CallbackTwice ? SignInPages.Twice(address) : new RedirectBack(address);
    }

    private static async Task<(AuthorizeRequest? Request, IFormCollection? Form, IResult? Refusal)> ReadAsync(HttpRequest http)
    {
        if (!http.HasFormContentType)
            return (null, null, SignInPages.Refusal("A form is expected here."));
        var form = await http.ReadFormAsync(http.HttpContext.RequestAborted);
        var (request, problem) = AuthorizeRequest.From(name => form.TryGetValue(name, out var value) ? value.ToString() : null);
        return request is null ? (null, null, SignInPages.Refusal(problem!)) : (request, form, null);
    }

    private static string State(AuthorizeRequest request, string before) =>
        request.State is null ? string.Empty : $"{before}state={Uri.EscapeDataString(request.State)}";

    private static string Error(Fault fault, string description) =>
        $"error={Uri.EscapeDataString(fault.Value ?? "server_error")}&error_description={Uri.EscapeDataString(fault.Message ?? description)}";

    private static RedirectBack Back(AuthorizeRequest request, string query) => new(Address(request, query));

    private static string Address(AuthorizeRequest request, string query) =>
        request.RedirectUri + (request.RedirectUri.Contains('?', StringComparison.Ordinal) ? "&" : "?") + query;
}
