using AdminPortal.Domain.Access;
using AdminPortal.Domain.Users;
using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Access;

/// <summary>Keeps the session of a request, after a change of its user's sign-in methods that ended all others.</summary>
public sealed class SessionRenewal(IServiceScopeFactory scopes)
{
    /// <summary>Signs the user of this request in again.</summary>
    public async Task RenewAsync(Actor actor)
    {
        // What this request has read of the user is from before the change.
        await using var scope = scopes.CreateAsyncScope();
        var fresh = scope.ServiceProvider.GetRequiredService<SignInManager<PortalUser>>();
        if (actor.PersonId is { } id && await fresh.UserManager.FindByIdAsync(id.ToString()) is { } person) await fresh.RefreshSignInAsync(person);
    }
}
