using System.Security.Claims;
using System.Text.Encodings.Web;
using AdminPortal.Access;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.ApiTokens;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace AdminPortal.Features.Api;

/// <summary>
/// <c>Authorization: Bearer apt_...</c>, for the API alone. A browser sends no such header by itself, so nothing that
/// comes with one was forged by another site; and a session's cookie opens nothing here.
/// </summary>
internal sealed partial class ApiAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    ApiTokenService tokens,
    ApiLimits limits,
    ApiProblems problems,
    IStringLocalizer<ApiText> texts,
    Gate gate) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "ApiToken";
    public const string PolicyName = "Api";

    private const string Realm = "AdminPortal";
    private const string BearerPrefix = "Bearer ";

    private ApiTokenState? _refused;
    private int? _wait;

    /// <summary>Whether a request was let in by a token, and by nothing else.</summary>
    public static bool Vouches(HttpContext context) => context.User.Identities.Any() && context.User.Identities.All(identity => identity.AuthenticationType is SchemeName or null)
        && context.User.Identity is { IsAuthenticated: true, AuthenticationType: SchemeName };

    /// <summary>The value that a request came with; null for none.</summary>
    public static string? ValueOf(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) ? header[BearerPrefix.Length..].Trim() : null;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (ValueOf(Request) is not { } value) return AuthenticateResult.NoResult();
        var look = await tokens.FindAsync(value, ClientAddress.Of(Context), Context.RequestAborted);
        if (look.Caller is not { } caller)
        {
            _refused = look.State;
            return AuthenticateResult.Fail(look.State.ToString());
        }

        using var lease = limits.Call(caller.TokenId);
        if (!lease.IsAcquired)
        {
            _wait = RateLimits.WriteRetryAfter(Response, lease);
            return AuthenticateResult.Fail("Too many calls.");
        }

        // The name is what the activity record shows: who, and by which token.
        var claims = new List<Claim>
        {
            new(ClaimTypes.NameIdentifier, caller.PersonId.ToString()),
            new(ClaimTypes.Name, texts["Caller", caller.PersonName, caller.TokenName]),
            new(ApiAccess.TokenClaim, caller.TokenId.ToString()),
        };
        if (caller.Role is { } role) claims.Add(new Claim(ClaimTypes.Role, role.ToString()));
        claims.AddRange(caller.Scopes.Select(scope => new Claim(ApiAccess.ScopeClaim, scope.ToString())));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(claims, SchemeName)), SchemeName));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_wait is { } wait)
        {
            await problems.Make(ApiProblemType.TooManyRequests, texts["TooMany.Calls", wait]).ExecuteAsync(Context);
            return;
        }

        using var lease = limits.Refuse(Context.Connection.RemoteIpAddress);
        if (!lease.IsAcquired)
        {
            await problems.Make(ApiProblemType.TooManyRequests, texts["TooMany.Refusals", RateLimits.WriteRetryAfter(Response, lease)]).ExecuteAsync(Context);
            return;
        }

        if (_refused is { } state) Refused(Logger, state);
        if (_refused == ApiTokenState.SecondFactorMissing)
        {
            await problems.Make(ApiProblemType.SecondFactorMissing).ExecuteAsync(Context);
            return;
        }

        var sentence = texts[$"Refused.{_refused?.ToString() ?? "None"}"].Value;
        Response.Headers[HeaderNames.WWWAuthenticate] = _refused is null ? $"Bearer realm=\"{Realm}\"" : $"Bearer realm=\"{Realm}\", error=\"invalid_token\"";
        await problems.Make(ApiProblemType.Unauthorized, sentence).ExecuteAsync(Context);
    }

    protected override async Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        if (ApiAccess.Of(Context.GetEndpoint()) is not { } access || !access.HasScope(Context.User))
        {
            var scope = ApiAccess.Of(Context.GetEndpoint())?.Scope ?? ApiScope.Read;
            Response.Headers[HeaderNames.WWWAuthenticate] = $"Bearer realm=\"{Realm}\", error=\"insufficient_scope\", scope=\"{scope.ToString().ToLowerInvariant()}\"";
            await problems.Make(ApiProblemType.ScopeMissing, texts["ScopeMissing", scope.ToString().ToLowerInvariant()]).ExecuteAsync(Context);
            return;
        }

        // As at a page that a role may not see: with a line in the record.
        var refusal = access.Operation is { } operation ? await gate.RefusalAsync(Context.User.Actor(), operation, Context.RequestAborted) : null;
        await problems.Make(ApiProblemType.RoleMissing, refusal?.Message ?? texts["RoleUnknown"]).ExecuteAsync(Context);
    }

    [LoggerMessage(1, LogLevel.Warning, "A call of the API was refused: its token is not good ({State}).")]
    private static partial void Refused(ILogger logger, ApiTokenState state);
}
