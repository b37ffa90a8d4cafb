using AdminPortal.Access;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain;
using AdminPortal.Hosting;
using AdminPortal.Hosting.SingleSignOn;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.Users;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace AdminPortal.Features.SingleSignOn;

/// <summary>
/// Sends users to the authority, as plain HTTP: a circuit can set no cookies. The OpenID Connect handler answers the callback.
/// </summary>
internal static class SingleSignOnEndpoints
{
    /// <summary>Where single sign-on begins.</summary>
    public const string Path = "/sign-in/sso";

    /// <summary>Where a signed-in person's page about it is.</summary>
    public const string ConnectPath = "/me/single-sign-on";

    /// <summary>Marks sessions that single sign-on began. It is in the session's cookie, where it outlives every renewal.</summary>
    public const string SessionMark = "single-sign-on";

    private const int MaxReturnLength = 1000;

    public static void MapSingleSignOn(this WebApplication app)
    {
        app.MapGet(Path, LeaveAsync)
            .AllowAnonymous() // The way in.
            .RequireRateLimiting(RateLimits.SingleSignOn);
        // The handler answers before this endpoint is run, but after its limit. It is run where there is no single sign-on.
        app.MapGet(PortalAddresses.SingleSignOnCallbackPath, NotThere)
            .AllowAnonymous() // The user is not signed in yet. The state, its cookie and the authority's signature are checked instead.
            .RequireRateLimiting(RateLimits.SingleSignOn);
        app.MapPost("/me/single-sign-on/connect", ConnectAsync).RequireRateLimiting(RateLimits.SingleSignOn);
    }

    /// <summary>The answer to a sign-out that continues at the authority; null for one that ends here.</summary>
    public static async Task<IResult?> EndAsync(HttpContext context)
    {
        // What the cookie said when the request came; the sign-out has only asked the browser to forget it.
        var session = await context.AuthenticateAsync(IdentityConstants.ApplicationScheme);
        if (session.Properties?.Items.ContainsKey(SessionMark) is not true || !Ways(context).HasSingleSignOn) return null;
        var metadata = context.RequestServices.GetRequiredService<AuthorityMetadata>();
        var (found, _) = await metadata.FindAsync(context.RequestAborted);
        if (found?.EndSessionEndpoint is not { Length: > 0 } end || !metadata.IsAddress(end)) return null;
        // No token is sent: none is kept, and addresses end up in logs.
        var services = context.RequestServices;
        return new Onward(QueryHelpers.AddQueryString(end, new Dictionary<string, string?>
        {
            ["client_id"] = services.GetRequiredService<IOptions<PortalOptions>>().Value.SingleSignOn.ClientId,
            ["post_logout_redirect_uri"] = services.GetRequiredService<PortalAddresses>().PublicBaseUrl + "/sign-in",
        }));
    }

    private static async Task<IResult> LeaveAsync(HttpContext context, SignInWays ways)
    {
        if (!ways.HasSingleSignOn) return NotThere(context);
        var query = context.Request.Query;
        var fresh = query["fresh"] == "true";
        // A signed-in user who re-authenticates has to return as the same user.
        var request = new SignInRequest(ReturnTo(query["returnUrl"]), fresh, fresh ? context.User.PersonId() : null);
        var challenged = await ChallengeAsync(context, request);
        return challenged.Succeeded ? new SeeOther(challenged.Value) : new Refusal(challenged.Problems[0]);
    }

    // A form, with the token of a page of ours: a link would let another site connect its own identity with this person.
    // It adds a sign-in method, so that an open session is not enough.
    private static async Task<IResult> ConnectAsync(
        [FromForm(Name = "Input.Proof")] string? proof, HttpContext context, SignInWays ways, PersonProof proofs)
    {
        if (!ways.HasSingleSignOn || context.User.PersonId() is not { } person) return NotThere(context);
        if (await proofs.CheckChangeAsync(context.User.Actor(), proof, context.RequestAborted) is { } problem)
            return new Refusal(new Problem(ProblemKind.NotAllowed, problem.Message));
        var challenged = await ChallengeAsync(context, new SignInRequest(ConnectPath, Fresh: true, person, Connects: true));
        return challenged.Succeeded ? new Onward(challenged.Value) : new Refusal(challenged.Problems[0]);
    }

    // The authority's address that the handler sends the user to. How the user gets there is up to the endpoint.
    private static async Task<Result<string>> ChallengeAsync(HttpContext context, SignInRequest request)
    {
        var services = context.RequestServices;
        var (found, refusal) = await services.GetRequiredService<AuthorityMetadata>().FindAsync(context.RequestAborted);
        var sentences = services.GetRequiredService<IStringLocalizer<ProvisioningText>>();
        if (found is null) return SingleSignOnReturn.Problem(sentences, Ways(context).AuthorityName, refusal);
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        await context.ChallengeAsync(SingleSignOnScheme.Name, request.ToProperties(now));
        var address = context.Response.Headers.Location.ToString();
        context.Response.Headers.Location = default;
        return address;
    }

    // With a body of its own: the page for what is not there asks for a sign-in.
    private static Refusal NotThere(HttpContext context) =>
        new(new Problem(ProblemKind.NotNow, context.RequestServices.GetRequiredService<IStringLocalizer<SingleSignOnText>>()["Connect.None"]));

    private static SignInWays Ways(HttpContext context) => context.RequestServices.GetRequiredService<SignInWays>();

    // The state carries it in the authority's addresses. A longer one is dropped.
    private static string ReturnTo(StringValues values) => values is [{ Length: <= MaxReturnLength } value] ? LocalPath.OrHome(value) : "/";
}
