using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.People;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Reveals;

/// <summary>
/// Shows an instance's token to a person, who says what for and proves anew who they are each time; where it is configured,
/// after somebody else has approved it.
/// </summary>
public sealed class RevealService(
    IDbContextFactory<PortalDb> databases,
    ISecretBox secrets,
    PersonProof proof,
    IOptions<PortalOptions> options,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    Gate gate)
{
    public const int MinReasonLength = 10;
    public const int MaxReasonLength = 500;

    /// <summary>How long a request waits for somebody to decide.</summary>
    public static readonly TimeSpan RequestLifetime = TimeSpan.FromHours(1);

    /// <summary>How long an approval can be used, once.</summary>
    public static readonly TimeSpan ApprovalLifetime = TimeSpan.FromMinutes(15);

    /// <summary>How many open requests are listed at most.</summary>
    private const int MaxListed = 200;

    // Rows of requests are there to be decided and used; what became of them stands in the activity record.
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(1);

    /// <summary>Whether somebody else has to approve.</summary>
    public bool NeedsSecondPerson => options.Value.Reveal.NeedsSecondPerson;

    /// <summary>Opens an instance's token: for the one endpoint that hands it to the person who asked for it.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="reason">What for; not looked at where a request says so already.</param>
    /// <param name="secret">The person's password, or a code of the authenticator.</param>
    /// <param name="actor">Who wants to see it.</param>
    /// <param name="cancellationToken">Gives up before it is written down.</param>
    public async Task<Result<string>> RevealAsync(Guid instanceId, string? reason, string? secret, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.RevealTokens, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await db.Instances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == instanceId, cancellationToken).ConfigureAwait(false) is not { } instance) return Gone();

        var needsApproval = NeedsSecondPerson && !actor.IsPortal;
        RevealRequest? request = null;
        if (needsApproval)
        {
            request = await Usable(db, instanceId, actor).AsNoTracking().FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
            if (request is null) return NotApproved();
            reason = request.Reason;
        }
        else if (!actor.IsPortal)
        {
            if (Read(reason) is not { } read) return BadReason();
            reason = read;
        }

        if (await proof.CheckAsync(actor, secret, cancellationToken).ConfigureAwait(false) is { } problem) return problem;

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var token = Open(instance);
        // Of two that use one approval at the same moment, the second one finds it used.
        if (request is not null && token.Succeeded && await Usable(db, instanceId, actor).Where(row => row.Id == request.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.State, RevealRequestState.Used), cancellationToken).ConfigureAwait(false) == 0)
            return NotApproved();

        // Written down before it leaves: what cannot be written down is not shown.
        var detail = request is null ? reason : texts["Reveal.ApprovedBy", request.Reason, request.DecidedByName ?? ""];
        db.Note(actor, clock.GetUtcNow(), ActivityAction.TokenRevealed, instance, token.Succeeded, token.Succeeded ? detail : $"{token.Problems[0].Message} {detail}".Trim());
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return token;
    }

    /// <summary>Asks that somebody else approve a look at an instance's token.</summary>
    public async Task<Result<Done>> AskAsync(Guid instanceId, string? reason, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.RevealTokens, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        if (!NeedsSecondPerson || actor.PersonId is not { } person) return new Problem(ProblemKind.NotNow, texts["Reveal.NeedsNobody"]);
        if (Read(reason) is not { } read) return BadReason();

        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (await db.Instances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == instanceId, cancellationToken).ConfigureAwait(false) is not { } instance) return Gone();
        var now = clock.GetUtcNow();
        if (await Open(db, now).AnyAsync(row => row.InstanceId == instanceId && row.PersonId == person, cancellationToken).ConfigureAwait(false))
            return new Problem(ProblemKind.NotNow, texts["Reveal.AskedAlready"]);
        var forgotten = now - KeptFor;
        await db.RevealRequests.Where(row => row.ExpiresAt < forgotten).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        db.RevealRequests.Add(new RevealRequest
        {
            Id = Guid.CreateVersion7(now),
            InstanceId = instanceId,
            PersonId = person,
            PersonName = OutsideText.Clean(actor.Name, RevealRequest.MaxNameLength) ?? "",
            Reason = read,
            AskedAt = now,
            State = RevealRequestState.Waiting,
            ExpiresAt = now + RequestLifetime,
        });
        db.Note(actor, now, ActivityAction.RevealAsked, instance, detail: read);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    /// <summary>Approves somebody else's request, or refuses it.</summary>
    public async Task<Result<Done>> DecideAsync(Guid requestId, bool approve, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalUnlessConfirmedAsync(actor, Operation.RevealTokens, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        if (await db.RevealRequests.AsNoTracking().SingleOrDefaultAsync(row => row.Id == requestId, cancellationToken).ConfigureAwait(false) is not { } request
            || await db.Instances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.InstanceId, cancellationToken).ConfigureAwait(false) is not { } instance)
            return new Problem(ProblemKind.NotFound, texts["Reveal.RequestGone"]);
        var action = approve ? ActivityAction.RevealApproved : ActivityAction.RevealRefused;
        // Two pairs of eyes: nobody approves what is one's own. The portal has none.
        if (actor.PersonId is not { } person || person == request.PersonId)
        {
            string sentence = texts["Reveal.OwnRequest"];
            db.Note(actor, now, action, instance, succeeded: false, sentence);
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return new Problem(ProblemKind.NotNow, sentence);
        }

        var name = OutsideText.Clean(actor.Name, RevealRequest.MaxNameLength);
        var state = approve ? RevealRequestState.Approved : RevealRequestState.Refused;
        var expires = approve ? now + ApprovalLifetime : request.ExpiresAt;
        var decided = await Waiting(db, now).Where(row => row.Id == requestId).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.State, state).SetProperty(row => row.ExpiresAt, expires)
                .SetProperty(row => row.DecidedBy, (Guid?)person).SetProperty(row => row.DecidedByName, name), cancellationToken).ConfigureAwait(false);
        if (decided == 0) return new Problem(ProblemKind.NotNow, texts["Reveal.TooLate"]);
        db.Note(actor, now, action, instance, detail: texts["Reveal.For", request.PersonName, request.Reason]);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    /// <summary>The requests that wait for somebody, and those that were approved and not used yet; the oldest first.</summary>
    public async Task<Result<IReadOnlyList<RevealRequestLine>>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.RevealTokens, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await Lines(db, Open(db, clock.GetUtcNow()).OrderBy(row => row.Id), actor).Take(MaxListed).ToArrayAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many requests wait for somebody other than whoever asks this.</summary>
    public async Task<int> CountWaitingAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (!NeedsSecondPerson || !Permissions.Allows(actor, Operation.RevealTokens)) return 0;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await Waiting(db, clock.GetUtcNow()).CountAsync(row => row.PersonId != actor.PersonId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One's own last request for an instance's token, as long as it waits, can be used, or was refused a short while ago; null where there is none.</summary>
    public async Task<RevealRequestLine?> FindOwnAsync(Guid instanceId, Actor actor, CancellationToken cancellationToken)
    {
        if (!NeedsSecondPerson || actor.PersonId is not { } person) return null;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var rows = db.RevealRequests.Where(row => row.InstanceId == instanceId && row.PersonId == person && row.ExpiresAt > now && row.State != RevealRequestState.Used);
        return await Lines(db, rows.OrderByDescending(row => row.Id), actor).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    private static IQueryable<RevealRequest> Waiting(PortalDb db, DateTimeOffset now) =>
        db.RevealRequests.Where(row => row.State == RevealRequestState.Waiting && row.ExpiresAt > now);

    private static IQueryable<RevealRequest> Open(PortalDb db, DateTimeOffset now) =>
        db.RevealRequests.Where(row => (row.State == RevealRequestState.Waiting || row.State == RevealRequestState.Approved) && row.ExpiresAt > now);

    private IQueryable<RevealRequest> Usable(PortalDb db, Guid instanceId, Actor actor)
    {
        var now = clock.GetUtcNow();
        return db.RevealRequests.Where(row => row.InstanceId == instanceId && row.PersonId == actor.PersonId && row.State == RevealRequestState.Approved && row.ExpiresAt > now);
    }

    private static IQueryable<RevealRequestLine> Lines(PortalDb db, IQueryable<RevealRequest> rows, Actor actor) =>
        from row in rows
        join instance in db.Instances on row.InstanceId equals instance.Id
        select new RevealRequestLine(
            row.Id, row.InstanceId, instance.Name, row.PersonName, row.Reason, row.AskedAt, row.State, row.ExpiresAt, row.DecidedByName, row.PersonId == actor.PersonId);

    private Result<string> Open(ElementInstance instance)
    {
        try
        {
            return secrets.Open(instance.TokenOf);
        }
        catch (SecretUnreadableException)
        {
            return new Problem(ProblemKind.NotNow, texts["Instance.TokenUnreadable"]);
        }
    }

    private static string? Read(string? reason) => reason is { Length: <= 10 * MaxReasonLength } && OutsideText.Clean(reason, MaxReasonLength + 1) is { Length: >= MinReasonLength and <= MaxReasonLength } read ? read : null;

    private Problem BadReason() => new(ProblemKind.Invalid, texts["Reveal.Reason", MinReasonLength, MaxReasonLength], "Reason");

    private Problem NotApproved() => new(ProblemKind.NotNow, texts["Reveal.NotApproved"]);

    private Problem Gone() => new(ProblemKind.NotFound, texts["Instance.Gone"]);
}
