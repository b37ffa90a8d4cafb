using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Reveals;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Reveals;

/// <summary>
/// Where <c>Portal:Reveal:NeedsSecondPerson</c> is on, secrets are sent to a further host only after a second person has approved
/// exactly that. Requests are decided on with <see cref="RevealService.DecideAsync"/>.
/// </summary>
public sealed class ApprovalService(
    IDbContextFactory<PortalDb> databases, IOptions<PortalOptions> options, TimeProvider clock, IStringLocalizer<ProvisioningText> texts, Gate gate)
{
    /// <summary>Whether a second person has to approve.</summary>
    public bool NeedsSecondPerson => options.Value.Reveal.NeedsSecondPerson;

    /// <summary>Uses up the approval of exactly this, in the transaction of the change that it is for.</summary>
    /// <returns>Null where it was approved, or needs no approval; otherwise <see cref="ProblemKind.ApprovalNeeded"/>.</returns>
    internal async Task<Problem?> UseAsync(PortalDb db, ApprovalTarget target, Actor actor, CancellationToken cancellationToken)
    {
        if (!NeedsSecondPerson || actor.IsPortal) return null;
        var now = clock.GetUtcNow();
        var used = await Of(db, target, actor).Where(row => row.State == RevealRequestState.Approved && row.ExpiresAt > now)
            .OrderBy(row => row.Id).Take(1)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.State, RevealRequestState.Used), cancellationToken).ConfigureAwait(false);
        if (used == 1) return null;
        var isAsked = await Of(db, target, actor).AnyAsync(row => row.State == RevealRequestState.Waiting && row.ExpiresAt > now, cancellationToken).ConfigureAwait(false);
        return new Problem(ProblemKind.ApprovalNeeded, texts[isAsked ? "Approval.Waiting" : "Approval.Needed"]);
    }

    /// <summary>Asks that a second person approve something.</summary>
    internal async Task<Result<Done>> AskAsync(ApprovalTarget target, string subject, string? reason, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, ApprovalTarget.OperationOf(target.Kind), cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        if (!NeedsSecondPerson || actor.PersonId is not { } person) return new Problem(ProblemKind.NotNow, texts["Approval.NeedsNobody"]);
        if (RevealService.Read(reason) is not { } read)
            return new Problem(ProblemKind.Invalid, texts["Reveal.Reason", RevealService.MinReasonLength, RevealService.MaxReasonLength], "Reason");
        if (target.Text.Length > RevealRequest.MaxTargetLength) return new Problem(ProblemKind.Invalid, texts["Approval.TooLong"]);

        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        if (await Of(db, target, actor).AnyAsync(row => (row.State == RevealRequestState.Waiting || row.State == RevealRequestState.Approved) && row.ExpiresAt > now, cancellationToken).ConfigureAwait(false))
            return new Problem(ProblemKind.NotNow, texts["Approval.AskedAlready"]);
        await RevealService.RemoveOldAsync(db, now, cancellationToken).ConfigureAwait(false);
        var apps = ApprovalTarget.AppsIn(target.Text).ToList();
        var names = await db.ProviderApps.Where(app => apps.Contains(app.Id)).OrderBy(app => app.Name).Select(app => app.Name)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        var shown = string.Join(", ", ApprovalTarget.HostsIn(target.Text).Concat(names));
        db.RevealRequests.Add(new RevealRequest
        {
            Id = Guid.CreateVersion7(now),
            Kind = target.Kind,
            InstanceId = Guid.Empty,
            TargetId = target.Id,
            Target = target.Text,
            PersonId = person,
            PersonName = OutsideText.Clean(actor.Name, RevealRequest.MaxNameLength) ?? "",
            Reason = read,
            AskedAt = now,
            State = RevealRequestState.Waiting,
            ExpiresAt = now + RevealService.RequestLifetime,
        });
        db.Note(
            actor, now, ActivityAction.ApprovalAsked, subject, detail: texts["Approval.For", shown, read],
            accountId: target.Kind == ApprovalKind.ProviderAppOrigin ? null : target.Id, appId: target.Kind == ApprovalKind.ProviderAppOrigin ? target.Id : null);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    private static IQueryable<RevealRequest> Of(PortalDb db, ApprovalTarget target, Actor actor) =>
        db.RevealRequests.Where(row => row.PersonId == actor.PersonId && row.Kind == target.Kind && row.TargetId == target.Id && row.Target == target.Text);
}
