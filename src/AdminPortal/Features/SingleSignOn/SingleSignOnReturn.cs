using System.Security.Claims;
using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Users;
using AdminPortal.Hosting;
using AdminPortal.Hosting.SingleSignOn;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.SingleSignOn;
using AdminPortal.Provisioning.Users;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AdminPortal.Features.SingleSignOn;

/// <summary>Answers users who return from the authority: signs them in, connects their identity, or says why not.</summary>
internal sealed class SingleSignOnReturn(
    SignInWays ways, SingleSignOnPeople people, PeopleService everybody, SignInManager<PortalUser> signIn, AccessRecord record,
    IOptions<PortalOptions> options, IStringLocalizer<ProvisioningText> sentences, IStringLocalizer<SingleSignOnText> texts,
    ILogger<SingleSignOnReturn> logger)
{
    /// <summary>Answers with a valid ID token.</summary>
    /// <param name="context">The request; its answer has not begun.</param>
    /// <param name="claims">The token's claims.</param>
    /// <param name="request">Why the user was sent to the authority.</param>
    /// <param name="sentAt">When.</param>
    public async Task CompleteAsync(HttpContext context, IReadOnlyCollection<Claim> claims, SignInRequest request, DateTimeOffset sentAt)
    {
        if (request.Fresh && !IdTokenRules.IsAuthenticatedSince(claims.FirstOrDefault(claim => claim.Type == "auth_time")?.Value, sentAt))
        {
            await RefuseAsync(context, SingleSignOnRefusal.NotFresh);
            return;
        }

        if (IdTokenIdentity.Read(claims, options.Value.SingleSignOn) is not { } identity)
        {
            await RefuseAsync(context, SingleSignOnRefusal.TokenInvalid);
            return;
        }

        await ReadSessionAsync(context);
        var problem = request.Connects
            ? await ConnectAsync(context, identity, request.UserId)
            : await SignInAsync(context, identity, request.UserId);
        if (problem is not null)
            await record.RefusedBySingleSignOnAsync(identity.Name, ClientAddress.Of(context), problem.Message, context.RequestAborted);
        IResult answer = problem is null ? new SeeOther(request.ReturnTo) : new Refusal(problem);
        await answer.ExecuteAsync(context);
    }

    /// <summary>Answers with a sentence that says why the user was not signed in.</summary>
    /// <param name="context">The request; its answer has not begun.</param>
    /// <param name="why">Why.</param>
    /// <param name="words">The authority's description, cleaned.</param>
    /// <param name="isRepeated">Whether this may be a repeated request of a user who has signed in meanwhile.</param>
    public async Task RefuseAsync(HttpContext context, SingleSignOnRefusal why, string? words = null, bool isRepeated = false)
    {
        await ReadSessionAsync(context);
        SingleSignOnEventLog.Refused(logger, why);
        var problem = Problem(sentences, ways.AuthorityName, why, words);
        // Anybody can request the callback without having left: such requests fill no record.
        if (why != SingleSignOnRefusal.UnknownState)
            await record.RefusedBySingleSignOnAsync(ways.AuthorityName, ClientAddress.Of(context), problem.Message, context.RequestAborted);
        IResult answer = isRepeated && context.User.PersonId() is not null ? new SeeOther("/") : new Refusal(problem);
        await answer.ExecuteAsync(context);
    }

    /// <summary>The sentence of a refusal.</summary>
    public static Problem Problem(
        IStringLocalizer<ProvisioningText> sentences, string authority, SingleSignOnRefusal why, string? words = null)
    {
        var kind = why switch
        {
            SingleSignOnRefusal.Unreachable => ProblemKind.Unreachable,
            SingleSignOnRefusal.UnknownState => ProblemKind.NotFound,
            _ => ProblemKind.Refused,
        };
        return new Problem(kind, words is not null && why is SingleSignOnRefusal.Denied or SingleSignOnRefusal.CodeRefused
            ? sentences[$"SingleSignOn.{why}.Words", authority, words]
            : sentences[$"SingleSignOn.{why}", authority]);
    }

    // The handler answers before the session's cookie is read.
    private static async Task ReadSessionAsync(HttpContext context)
    {
        if ((await context.AuthenticateAsync()).Principal is { } user) context.User = user;
    }

    private async Task<Problem?> ConnectAsync(HttpContext context, ExternalIdentity identity, Guid? userId)
    {
        // The session that asked for it must still be open. The cookie alone is checked from time to time only.
        var stamp = context.User.FindFirstValue(signIn.Options.ClaimsIdentity.SecurityStampClaimType);
        var connected = userId is { } me && context.User.PersonId() == me
            && await everybody.IsCurrentAsync(me, stamp, context.User.SessionId(), context.RequestAborted)
            ? await people.ConnectAsync(me, identity, ClientAddress.Of(context), context.RequestAborted)
            : new Problem(ProblemKind.NotAllowed, texts["Connect.SignedOut"]);
        return connected.Succeeded ? null : connected.Problems[0];
    }

    private async Task<Problem?> SignInAsync(HttpContext context, ExternalIdentity identity, Guid? expected)
    {
        var from = ClientAddress.Of(context);
        var arrived = await people.ArriveAsync(identity, expected, from, context.RequestAborted);
        if (!arrived.Succeeded) return arrived.Problems[0];
        var person = arrived.Value;
        // Record the sign-in first. If that fails, the sign-in fails.
        await everybody.MarkSignInAsync(person.Id, context.RequestAborted);
        var actor = new Actor(person.Id, person.UserName) { Role = person.Role, From = from };
        await record.SignedInBySingleSignOnAsync(actor, ways.AuthorityName, context.RequestAborted);
        var session = new AuthenticationProperties { IsPersistent = true, Items = { [SingleSignOnEndpoints.SessionMark] = "" } };
        await signIn.SignInAsync(person, session, "sso");
        return null;
    }
}
