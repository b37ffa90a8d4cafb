using System.Text.RegularExpressions;
using AdminPortal.Domain.Attempts;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.Extensions.Primitives;
using CallbackData = AdminPortal.Provisioning.Attempts.Consent.Callback;

namespace AdminPortal.Features.Callback;

/// <summary>
/// Where the provider sends a person back to. Plain HTTP: it stores what came, wakes the worker and leads on, so that
/// neither prerendering nor a reload can use a code twice, and no circuit can lose one.
/// </summary>
internal static partial class CallbackEndpoint
{
    private const int MaxParameterLength = 2000;
    private const int MaxNames = 10;
    private const int MaxTries = 2;
    private static readonly TimeSpan RetryWait = TimeSpan.FromMilliseconds(200);

    public static void MapCallback(this WebApplication app) =>
        app.MapGet(PortalAddresses.CallbackPath, HandleAsync)
            // The provider's redirect may come after the person's session has ended; state and cookie guard it.
            .AllowAnonymous()
            .RequireRateLimiting(RateLimits.Callback);

    private static async Task<SeeOther> HandleAsync(HttpContext context, ConsentService consents, PortalAddresses addresses)
    {
        var query = context.Request.Query;
        var (outcome, moved) = await ReceiveAsync(
            consents,
            new CallbackData(
                One(query["code"]), One(query["state"]), One(query["error"]), One(query["error_description"]), One(query["scope"]),
                BrowserBinding.Read(context.Request, addresses)),
            context.RequestAborted);

        return new SeeOther(outcome switch
        {
            CallbackOutcome.Attempt attempt when context.User.Identity?.IsAuthenticated == true => $"/connect/{attempt.AttemptId}" + (attempt.Again ? "?again=1" : ""),
            CallbackOutcome.Attempt attempt => $"/oauth/landing/signed-out?attempt={attempt.AttemptId}" + (moved is { } state ? $"&stands={state}" : ""),
            CallbackOutcome.OtherBrowser other => $"/oauth/landing/other-browser?attempt={other.AttemptId}",
            CallbackOutcome.Incomplete => "/oauth/landing/incomplete" + Names(query),
            _ => "/oauth/landing/unknown" + Names(query),
        });
    }

    // A lock that another program holds may end in a moment. Any other trouble is told at once: see StorageTrouble.
    private static async Task<(CallbackOutcome Outcome, AttemptState? Moved)> ReceiveAsync(ConsentService consents, CallbackData callback, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await consents.TakeAsync(callback, cancellationToken);
            }
            catch (Exception exception) when (tries < MaxTries && StorageProblems.Find(exception) == StorageProblem.Locked)
            {
                await Task.Delay(RetryWait, cancellationToken);
            }
        }
    }

    // A parameter that comes twice is ambiguous, and one that is too long is none of the provider's.
    private static string? One(StringValues values) => values is [{ Length: > 0 and <= MaxParameterLength } value] ? value : null;

    // The names of what came, never the values: they help to find the proxy that dropped the rest.
    private static string Names(IQueryCollection query) =>
        query.Count == 0 ? "" : "?came=" + Uri.EscapeDataString(string.Join(' ', query.Keys.Where(name => PlainName().IsMatch(name)).Take(MaxNames)));

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_.-]{0,39}$", RegexOptions.CultureInvariant)]
    internal static partial Regex PlainName();
}
