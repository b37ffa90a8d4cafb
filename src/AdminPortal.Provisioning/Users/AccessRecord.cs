using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Users;

/// <summary>Writes down who came in, who was turned away, and who left.</summary>
public sealed class AccessRecord(IDbContextFactory<PortalDb> databases, TimeProvider clock, IStringLocalizer<ProvisioningText> texts)
{
    /// <summary>Somebody signed in. Where this cannot be written down, the caller lets nobody in.</summary>
    public Task SignedInAsync(Actor actor, SignInFactor factor, CancellationToken cancellationToken) =>
        WriteAsync(actor, ActivityAction.SignedIn, actor.Name ?? "", true, cancellationToken, texts[$"SignInFactor.{factor}"]);

    /// <summary>Somebody was not let in.</summary>
    /// <param name="name">The name that was given, whether anybody has it or not; nothing else that was entered.</param>
    /// <param name="from">The address of the request.</param>
    /// <param name="lockedOut">Whether the name is locked for a while.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task RefusedAsync(string name, string? from, bool lockedOut, CancellationToken cancellationToken) =>
        WriteAsync(Actor.Nobody with { From = from }, lockedOut ? ActivityAction.SignInLockedOut : ActivityAction.SignInRefused, name, false, cancellationToken);

    /// <summary>Somebody knew the password and was not let in by the second step.</summary>
    /// <param name="name">The person's name.</param>
    /// <param name="from">The address of the request.</param>
    /// <param name="lockedOut">Whether the name is locked for a while.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task SecondStepRefusedAsync(string name, string? from, bool lockedOut, CancellationToken cancellationToken) =>
        WriteAsync(Actor.Nobody with { From = from }, lockedOut ? ActivityAction.SignInLockedOut : ActivityAction.SignInRefused, name, false, cancellationToken, texts["SecondStep.Refused"]);

    /// <summary>Somebody signed in by single sign-on. Where this cannot be written down, the caller lets nobody in.</summary>
    /// <param name="actor">Who.</param>
    /// <param name="authority">What people call the authority.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task SignedInBySingleSignOnAsync(Actor actor, string authority, CancellationToken cancellationToken) =>
        WriteAsync(actor, ActivityAction.SignedIn, actor.Name ?? "", true, cancellationToken, authority);

    /// <summary>Somebody came back from the authority and was not let in.</summary>
    /// <param name="name">The name that the authority told, where its word could be believed; otherwise what people call it.</param>
    /// <param name="from">The address of the request.</param>
    /// <param name="reason">The sentence that was shown.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task RefusedBySingleSignOnAsync(string name, string? from, string reason, CancellationToken cancellationToken) =>
        WriteAsync(Actor.Nobody with { From = from }, ActivityAction.SignInRefused, name, false, cancellationToken, reason);

    /// <summary>Somebody signed out.</summary>
    public Task SignedOutAsync(Actor actor, CancellationToken cancellationToken) => WriteAsync(actor, ActivityAction.SignedOut, actor.Name ?? "", true, cancellationToken);

    private async Task WriteAsync(Actor actor, ActivityAction action, string person, bool succeeded, CancellationToken cancellationToken, string? detail = null)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        db.Note(actor, clock.GetUtcNow(), action, person, succeeded, detail);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
    }
}
