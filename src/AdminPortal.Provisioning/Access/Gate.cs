using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Access;

/// <summary>
/// Where every service asks before it does anything, whatever the page above it showed. It goes by
/// <see cref="Permissions"/>, and writes down whom it turned away.
/// </summary>
public sealed class Gate(IDbContextFactory<PortalDb> databases, IOptions<PortalOptions> options, TimeProvider clock, IStringLocalizer<ProvisioningText> texts)
{
    /// <summary>What stands in the way of somebody who may not do this; null when nothing does.</summary>
    public async Task<Problem?> RefusalAsync(Actor actor, Operation operation, CancellationToken cancellationToken)
    {
        if (Permissions.Allows(actor, operation)) return null;
        return await RefuseAsync(actor, operation, texts["NotAllowed", Explain(actor.PersonId is null ? null : actor.Role, operation)], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The same for what is dangerous: it needs the role, and a person who has lately proved who they are in the session that
    /// asks. <see cref="ProblemKind.ConfirmationNeeded"/> where that is too long ago: see <c>PersonProof</c>.
    /// </summary>
    public async Task<Problem?> RefusalUnlessConfirmedAsync(Actor actor, Operation operation, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(actor, operation, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        if (actor.IsPortal) return null;
        string what = texts[$"Operation.{operation}"];
        // Whoever comes without a browser cannot be asked.
        if (actor.SessionId is not { } session) return await RefuseAsync(actor, operation, texts["Confirmation.NoSession", what], cancellationToken).ConfigureAwait(false);

        var limits = options.Value.Sessions;
        var now = clock.GetUtcNow();
        DateTimeOffset? confirmed;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false))
        {
            confirmed = await db.Current(limits, now).Where(row => row.Id == session && row.PersonId == actor.PersonId).Select(row => (DateTimeOffset?)row.ConfirmedAt)
                .SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        }

        if (confirmed is null) return await RefuseAsync(actor, operation, texts["Confirmation.SessionOver"], cancellationToken).ConfigureAwait(false);
        return confirmed > now - limits.ConfirmationLifetime ? null : new Problem(ProblemKind.ConfirmationNeeded, texts["Confirmation.Needed", what]);
    }

    /// <summary>Who may do this, and what the role of somebody is who may not, as a sentence.</summary>
    public string Explain(Role? role, Operation operation)
    {
        string what = texts[$"Operation.{operation}"];
        string least = texts[$"Role.{Permissions.LeastRole(operation)}"];
        return role is { } known && Enum.IsDefined(known) ? texts["NotAllowed.Role", what, least, texts[$"Role.{known}"]] : texts["NotAllowed.Nobody", what, least];
    }

    private async Task<Problem> RefuseAsync(Actor actor, Operation operation, string sentence, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        db.Note(actor, clock.GetUtcNow(), ActivityAction.NotAllowed, texts[$"Operation.{operation}"], succeeded: false, sentence);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        return new Problem(ProblemKind.NotAllowed, sentence);
    }
}
