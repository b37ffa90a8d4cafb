using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.People;

/// <summary>
/// Where every service asks before it does anything, whatever the page above it showed. It goes by
/// <see cref="Permissions"/>, and writes down whom it turned away.
/// </summary>
public sealed class Gate(IDbContextFactory<PortalDb> databases, TimeProvider clock, IStringLocalizer<ProvisioningText> texts)
{
    /// <summary>What stands in the way of somebody who may not do this; null when nothing does.</summary>
    public async Task<Problem?> RefusalAsync(Actor actor, Operation operation, CancellationToken cancellationToken)
    {
        if (Permissions.Allows(actor, operation)) return null;
        string sentence = texts["NotAllowed", Explain(actor.PersonId is null ? null : actor.Role, operation)];
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        db.Note(actor, clock.GetUtcNow(), ActivityAction.NotAllowed, texts[$"Operation.{operation}"], succeeded: false, sentence);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        return new Problem(ProblemKind.NotAllowed, sentence);
    }

    /// <summary>Who may do this, and what the role of somebody is who may not, as a sentence.</summary>
    public string Explain(Role? role, Operation operation)
    {
        string what = texts[$"Operation.{operation}"];
        string least = texts[$"Role.{Permissions.LeastRole(operation)}"];
        return role is { } known && Enum.IsDefined(known) ? texts["NotAllowed.Role", what, least, texts[$"Role.{known}"]] : texts["NotAllowed.Nobody", what, least];
    }
}
