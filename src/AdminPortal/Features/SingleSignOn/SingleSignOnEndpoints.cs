using System.Security.Claims;
using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Users;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.SingleSignOn;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Primitives;

namespace AdminPortal.Features.SingleSignOn;

/// <summary>The way to the authority and back, as plain HTTP: a circuit can set no cookies.</summary>
internal static class SingleSignOnEndpoints
{
    /// <summary>Where the way begins.</summary>
    public const string Path = "/sign-in/sso";

    /// <summary>Where a signed-in person's page about it is.</summary>
    public const string ConnectPath = "/me/single-sign-on";

    private const int MaxReturnLength = 1000;
    private const int MaxParameterLength = 4000;

    // In the session's own cookie, where it outlives every renewal.
    private const string Mark = "single-sign-on";

    public static void MapSingleSignOn(this WebApplication app)
    {
        app.MapGet(Path, LeaveAsync)
            .AllowAnonymous() // The way in.
            .RequireRateLimiting(RateLimits.SingleSignOn);
        app.MapGet(PortalAddresses.SingleSignOnCallbackPath, ReturnAsync)
            .AllowAnonymous() // State, ticket and the authority's signature guard it.
            .RequireRateLimiting(RateLimits.SingleSignOn);
        app.MapPost("/me/single-sign-on/connect", ConnectAsync).RequireRateLimiting(RateLimits.SingleSignOn);
    }

    /// <summary>The answer to a sign-out that goes on at the authority; null for one that ends here.</summary>
    public static async Task<IResult?> EndAsync(HttpContext context)
    {
        // What the cookie said when the request came; the sign-out has only asked the browser to forget it.
        var session = await context.AuthenticateAsync(IdentityConstants.ApplicationScheme);
        if (session.Properties?.Items.ContainsKey(Mark) is not true || !Ways(context).HasSingleSignOn) return null;
        return await context.RequestServices.GetRequiredService<SingleSignOnFlow>().EndSessionAsync(context.RequestAborted) is { } end ? new Onward(end) : null;
    }

    private static async Task<IResult> LeaveAsync(HttpContext context, SingleSignOnFlow flow, PortalAddresses addresses, TimeProvider clock)
    {
        if (!Ways(context).HasSingleSignOn) return NotThere(context);
        var query = context.Request.Query;
        var fresh = query["fresh"] == "true";
        var returnTo = ReturnTo(query["returnUrl"]);
        // Somebody who is signed in and confirms it has to come back as the same person.
        var reason = new DepartureReason(returnTo, fresh, fresh ? context.User.PersonId() : null);
        var departure = await flow.LeaveAsync(reason, context.RequestAborted);
        if (!departure.Succeeded) return new Refusal(departure.Problems[0]);
        Tickets.Give(context, addresses, departure.Value, clock.GetUtcNow());
        return new SeeOther(departure.Value.Url);
    }

    // A form, with the token of a page of ours: a link would let another site connect its own identity with this person.
    // It adds a sign-in method, so that an open session is not enough.
    private static async Task<IResult> ConnectAsync(
        [FromForm(Name = "Input.Proof")] string? proof, HttpContext context, SingleSignOnFlow flow, PersonProof proofs, PortalAddresses addresses, TimeProvider clock)
    {
        if (!Ways(context).HasSingleSignOn || context.User.PersonId() is not { } person) return NotThere(context);
        if (await proofs.CheckChangeAsync(context.User.Actor(), proof, context.RequestAborted) is { } problem) return new Refusal(new Problem(ProblemKind.NotAllowed, problem.Message));
        var departure = await flow.LeaveAsync(new DepartureReason(ConnectPath, Fresh: true, person, Connects: true), context.RequestAborted);
        if (!departure.Succeeded) return new Refusal(departure.Problems[0]);
        Tickets.Give(context, addresses, departure.Value, clock.GetUtcNow());
        return new Onward(departure.Value.Url);
    }

    private static async Task<IResult> ReturnAsync(
        HttpContext context, SingleSignOnFlow flow, SingleSignOnPeople people, PeopleService everybody, SignInManager<PortalUser> signIn, AccessRecord record, PortalAddresses addresses)
    {
        var ways = Ways(context);
        if (!ways.HasSingleSignOn) return NotThere(context);
        var query = context.Request.Query;
        var state = One(query["state"]);
        var ticket = Tickets.Take(context, addresses, state);
        var from = ClientAddress.Of(context);
        var arrival = await flow.ReturnAsync(
            new AuthorityReply(state, One(query["code"]), One(query["error"]), One(query["error_description"]), One(query["iss"])), ticket, context.RequestAborted);
        if (arrival is Arrival.Refused refused)
        {
            // Anybody can ask for this address without having left: such tries fill no record.
            if (refused.Why == SingleSignOnRefusal.UnknownState)
            {
                // A reload, or the way back through the history, of somebody who is in already.
                if (context.User.PersonId() is not null && ticket is null) return new SeeOther("/");
                return new Refusal(new Problem(ProblemKind.NotFound, refused.Sentence));
            }

            await record.RefusedBySingleSignOnAsync(ways.AuthorityName, from, refused.Sentence, context.RequestAborted);
            return new Refusal(new Problem(refused.Why == SingleSignOnRefusal.Unreachable ? ProblemKind.Unreachable : ProblemKind.Refused, refused.Sentence));
        }

        var (identity, reason) = (Arrival.Known)arrival;
        if (reason.Connects)
        {
            // The session that asked for it has to be there still: the cookie alone is checked from time to time.
            var stamp = context.User.FindFirstValue(signIn.Options.ClaimsIdentity.SecurityStampClaimType);
            var connected = context.User.PersonId() == reason.PersonId && reason.PersonId is { } me
                && await everybody.IsCurrentAsync(me, stamp, context.User.SessionId(), context.RequestAborted)
                ? await people.ConnectAsync(me, identity, from, context.RequestAborted)
                : new Problem(ProblemKind.NotAllowed, context.RequestServices.GetRequiredService<IStringLocalizer<SingleSignOnText>>()["Connect.SignedOut"]);
            if (connected.Succeeded) return new SeeOther(reason.ReturnTo);
            await record.RefusedBySingleSignOnAsync(identity.Name, from, connected.Problems[0].Message, context.RequestAborted);
            return new Refusal(connected.Problems[0]);
        }

        var arrived = await people.ArriveAsync(identity, reason.PersonId, from, context.RequestAborted);
        if (!arrived.Succeeded)
        {
            await record.RefusedBySingleSignOnAsync(identity.Name, from, arrived.Problems[0].Message, context.RequestAborted);
            return new Refusal(arrived.Problems[0]);
        }

        var person = arrived.Value;
        // Record the sign-in first. If that fails, the sign-in fails.
        await everybody.MarkSignInAsync(person.Id, context.RequestAborted);
        await record.SignedInBySingleSignOnAsync(new Actor(person.Id, person.UserName) { Role = person.Role, From = from }, ways.AuthorityName, context.RequestAborted);
        await signIn.SignInAsync(person, new AuthenticationProperties { IsPersistent = true, Items = { [Mark] = "" } }, "sso");
        return new SeeOther(reason.ReturnTo);
    }

    // With a body of its own: the page for what is not there asks for a sign-in.
    private static Refusal NotThere(HttpContext context) =>
        new(new Problem(ProblemKind.NotNow, context.RequestServices.GetRequiredService<IStringLocalizer<SingleSignOnText>>()["Connect.None"]));

    private static SignInWays Ways(HttpContext context) => context.RequestServices.GetRequiredService<SignInWays>();

    // What is too long for a cookie is left behind: it is where the person goes, not who it is.
    private static string ReturnTo(StringValues values) => values is [{ Length: <= MaxReturnLength } value] ? LocalPath.OrHome(value) : "/";

    // A parameter that comes twice is ambiguous, and one that is too long is none of the authority's.
    private static string? One(StringValues values) => values is [{ Length: > 0 and <= MaxParameterLength } value] ? value : null;
}
