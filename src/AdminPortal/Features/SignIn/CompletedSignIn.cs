using AdminPortal.Access;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Features.SignIn;

/// <summary>Records a sign-in by password, whose cookie is part of the answer already.</summary>
public sealed class CompletedSignIn(PeopleService people, AccessRecord record, SignInManager<PortalUser> signIn)
{
    /// <summary>Records the sign-in. If that fails, the sign-in fails.</summary>
    public async Task RecordAsync(PortalUser user, SignInFactor factor, HttpContext request)
    {
        try
        {
            await people.MarkSignInAsync(user.Id, CancellationToken.None);
            var actor = new Actor(user.Id, user.UserName) { From = ClientAddress.Of(request) };
            await record.SignedInAsync(actor, factor, CancellationToken.None);
        }
        catch
        {
            await signIn.SignOutAsync();
            throw;
        }
    }
}
