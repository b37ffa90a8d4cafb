using System.Security.Claims;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Users;
using AdminPortal.Storage;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace AdminPortal.Access;

/// <summary>Looks from time to time whether the person of an open circuit may still be signed in.</summary>
internal sealed partial class CircuitSignIn(
    ILoggerFactory loggers, PeopleService people, IOptions<IdentityOptions> identity, IOptions<PortalOptions> portal)
    : RevalidatingServerAuthenticationStateProvider(loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<CircuitSignIn>();

    protected override TimeSpan RevalidationInterval => portal.Value.SessionCheckInterval;

    protected override Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        HoldsAsync(authenticationState.User, cancellationToken);

    /// <summary>Whether a session still holds.</summary>
    /// <remarks>
    /// An exception would sign the person out. A database in trouble has not said no: it is asked again the next time,
    /// and until then it lets nobody do anything anyway.
    /// </remarks>
    internal async Task<bool> HoldsAsync(ClaimsPrincipal signedIn, CancellationToken cancellationToken)
    {
        if (signedIn.PersonId() is not { } person) return false;
        var stamp = signedIn.FindFirst(identity.Value.ClaimsIdentity.SecurityStampClaimType)?.Value;
        try
        {
            return await people.IsCurrentAsync(person, stamp, signedIn.SessionId(), cancellationToken);
        }
        catch (Exception exception) when (StorageProblems.Find(exception) is not null)
        {
            NotChecked(_logger, StorageProblems.Find(exception)!.Value);
            return true;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Whether a session still holds could not be checked: the database is in trouble ({Problem}).")]
    private static partial void NotChecked(ILogger logger, StorageProblem problem);
}
