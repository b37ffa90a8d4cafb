using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Instances;

/// <summary>How an instance is changed by way of the platform: asked first, written down afterwards, with a line in the activity record.</summary>
public sealed class InstanceWork(IDbContextFactory<PortalDb> databases, TimeProvider clock, IStringLocalizer<ProvisioningText> texts)
{
    /// <summary>Makes one change.</summary>
    /// <param name="id">The instance.</param>
    /// <param name="actor">Who changes it.</param>
    /// <param name="action">What the record calls it.</param>
    /// <param name="detail">What the record adds to that; never a secret.</param>
    /// <param name="call">Asks the platform, and sets on the row what came of it. It checks nothing that needs no platform: that is done before.</param>
    /// <param name="cancellationToken">Gives up before the platform is asked.</param>
    /// <param name="changes">What the record says of what was changed on the platform, where the row does not show it; asked for when it was done.</param>
    /// <param name="version">The version that is to be changed; another one is not, and the platform is not asked. Null changes whichever there is.</param>
    internal async Task<Result<T>> ChangeAsync<T>(
        Guid id, Actor actor, ActivityAction action, string? detail, Func<PlatformAccount, ElementInstance, Task<Result<T>>> call, CancellationToken cancellationToken,
        Func<FieldChanges>? changes = null, int? version = null)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var instance = await db.Instances.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (instance is null) return Gone();
        if (version is { } wanted && instance.Version != wanted) return new Problem(ProblemKind.Stale, texts["Instance.Stale"]);
        var account = await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == instance.PlatformAccountId, cancellationToken).ConfigureAwait(false);

        var result = await call(account, instance).ConfigureAwait(false);
        var problem = result.Succeeded ? null : result.Problems[0];
        // A platform that was not reached, or that answered nothing clear, has told nothing.
        if (problem is not { Kind: ProblemKind.Unreachable or ProblemKind.Unknown }) instance.LastCheckedAt = clock.GetUtcNow();
        var changed = problem is null && changes is not null ? changes() : RowChanges.Of(db.Entry(instance));
        Note();
        try
        {
            // The platform has already changed it: that is written down even if the page was closed meanwhile.
            await db.SaveChangesAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Somebody else saved the row meanwhile. The platform did what it was asked for all the same: that stays written down.
            db.ChangeTracker.Clear();
            Note();
            await db.SaveChangesAsync(CancellationToken.None).ConfigureAwait(false);
            return problem ?? new Problem(ProblemKind.Stale, texts["Instance.Stale"]);
        }

        return result;

        void Note() => db.Note(
            actor, clock.GetUtcNow(), action, instance, problem is null, (detail, problem) switch
            {
                (null, _) => problem?.Message,
                (_, null) => detail,
                _ => $"{detail}: {problem.Message}",
            }, changed);
    }

    /// <summary>Asks the platform something about an instance, without changing anything.</summary>
    public async Task<Result<T>> AskAsync<T>(Guid id, Func<PlatformAccount, ElementInstance, Task<Result<T>>> call, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var instance = await db.Instances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (instance is null) return Gone();
        var account = await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == instance.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        return await call(account, instance).ConfigureAwait(false);
    }

    private Problem Gone() => new(ProblemKind.NotFound, texts["Instance.Gone"]);
}
