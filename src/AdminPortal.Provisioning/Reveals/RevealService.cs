using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Reveals;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
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
    public const int MaxReasonLength = RevealRequest.MaxReasonLength;

    /// <summary>How long a request waits for somebody to decide.</summary>
    public static readonly TimeSpan RequestLifetime = TimeSpan.FromHours(1);

    /// <summary>How long an approval can be used, once.</summary>
    public static readonly TimeSpan ApprovalLifetime = TimeSpan.FromMinutes(15);

    /// <summary>How many open requests are listed at most.</summary>
    private const int MaxListed = 200;

    // Requests are deleted after a day. The activity record keeps the outcome.
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
        var baseUrl = await db.Accounts.Where(row => row.Id == instance.PlatformAccountId).Select(row => row.BaseUrl).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);

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
        var token = Open(instance, baseUrl);
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
        if (await Open(db, now).AnyAsync(row => row.Kind == ApprovalKind.TokenReveal && row.InstanceId == instanceId && row.PersonId == person, cancellationToken).ConfigureAwait(false))
            return new Problem(ProblemKind.NotNow, texts["Reveal.AskedAlready"]);
        await RemoveOldAsync(db, now, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Approves somebody else's request, of whatever kind, or refuses it.</summary>
    public async Task<Result<Done>> DecideAsync(Guid requestId, bool approve, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var request = await db.RevealRequests.AsNoTracking().SingleOrDefaultAsync(row => row.Id == requestId, cancellationToken).ConfigureAwait(false);
        // What can be approved is what the approver may do.
        var operation = ApprovalTarget.OperationOf(request?.Kind ?? ApprovalKind.TokenReveal);
        if (await gate.RefusalUnlessConfirmedAsync(actor, operation, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (request is null || (await DescribeAsync(db, [request], cancellationToken).ConfigureAwait(false)).GetValueOrDefault(requestId) is not { } subject)
            return new Problem(ProblemKind.NotFound, texts["Reveal.RequestGone"]);

        var now = clock.GetUtcNow();
        // Requesters cannot approve their own request. The portal itself cannot approve.
        if (actor.PersonId is not { } person || person == request.PersonId)
        {
            string sentence = texts["Reveal.OwnRequest"];
            Note(db, request, subject, approve, actor, now, succeeded: false, sentence);
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
        Note(db, request, subject, approve, actor, now, succeeded: true, texts["Reveal.For", request.PersonName, request.Reason]);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    /// <summary>The requests that wait for somebody, and those that were approved and not used yet; the oldest first.</summary>
    public async Task<Result<IReadOnlyList<RevealRequestLine>>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.RevealTokens, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var kinds = KindsFor(actor);
        var rows = Open(db, clock.GetUtcNow()).Where(row => kinds.Contains(row.Kind)).OrderBy(row => row.Id).Take(MaxListed);
        return await LinesAsync(db, rows, actor, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many requests wait for somebody other than whoever asks this, and may be decided on by them.</summary>
    public async Task<int> CountWaitingAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (!NeedsSecondPerson || !Permissions.Allows(actor, Operation.RevealTokens)) return 0;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var kinds = KindsFor(actor);
        return await Waiting(db, clock.GetUtcNow()).CountAsync(row => row.PersonId != actor.PersonId && kinds.Contains(row.Kind), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One's own last request for an instance's token, as long as it waits, can be used, or was refused a short while ago; null where there is none.</summary>
    public async Task<RevealRequestLine?> FindOwnAsync(Guid instanceId, Actor actor, CancellationToken cancellationToken)
    {
        if (!NeedsSecondPerson || actor.PersonId is not { } person) return null;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var rows = db.RevealRequests.Where(row => row.Kind == ApprovalKind.TokenReveal && row.InstanceId == instanceId && row.PersonId == person && row.ExpiresAt > now && row.State != RevealRequestState.Used);
        return (await LinesAsync(db, rows.OrderByDescending(row => row.Id).Take(1), actor, cancellationToken).ConfigureAwait(false)).FirstOrDefault();
    }

    private static IQueryable<RevealRequest> Waiting(PortalDb db, DateTimeOffset now) =>
        db.RevealRequests.Where(row => row.State == RevealRequestState.Waiting && row.ExpiresAt > now);

    private static IQueryable<RevealRequest> Open(PortalDb db, DateTimeOffset now) =>
        db.RevealRequests.Where(row => (row.State == RevealRequestState.Waiting || row.State == RevealRequestState.Approved) && row.ExpiresAt > now);

    private IQueryable<RevealRequest> Usable(PortalDb db, Guid instanceId, Actor actor)
    {
        var now = clock.GetUtcNow();
        return db.RevealRequests.Where(row => row.Kind == ApprovalKind.TokenReveal && row.InstanceId == instanceId && row.PersonId == actor.PersonId && row.State == RevealRequestState.Approved && row.ExpiresAt > now);
    }

    private static List<ApprovalKind> KindsFor(Actor actor) => [.. Enum.GetValues<ApprovalKind>().Where(kind => Permissions.Allows(actor, ApprovalTarget.OperationOf(kind)))];

    private async Task<RevealRequestLine[]> LinesAsync(PortalDb db, IQueryable<RevealRequest> rows, Actor actor, CancellationToken cancellationToken)
    {
        var requests = await rows.AsNoTracking().ToListAsync(cancellationToken).ConfigureAwait(false);
        var subjects = await DescribeAsync(db, requests, cancellationToken).ConfigureAwait(false);
        var moving = new Dictionary<Guid, int>();
        foreach (var row in requests.Where(row => row.Kind == ApprovalKind.PlatformMove))
        {
            moving[row.Id] = await db.Instances.CountAsync(instance => instance.PlatformAccountId == row.TargetId, cancellationToken)
                .ConfigureAwait(false);
        }

        return [.. requests.Where(row => subjects.ContainsKey(row.Id)).Select(row => new RevealRequestLine(
            row.Id, row.InstanceId, subjects[row.Id].Name, row.PersonName, row.Reason, row.AskedAt, row.State, row.ExpiresAt, row.DecidedByName, row.PersonId == actor.PersonId)
        {
            Kind = row.Kind,
            Target = ApprovalTarget.HostsIn(row.Target),
            Apps = subjects[row.Id].Apps,
            Instances = moving.GetValueOrDefault(row.Id),
        })];
    }

    // What each request is about, by its present name; one whose instance, account or app is gone has none.
    private async Task<Dictionary<Guid, Subject>> DescribeAsync(PortalDb db, IReadOnlyList<RevealRequest> requests, CancellationToken cancellationToken)
    {
        var ids = requests.SelectMany(row => ApprovalTarget.AppsIn(row.Target).Append(row.TargetId ?? row.InstanceId)).Distinct().ToList();
        var instances = await db.Instances.AsNoTracking().Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => row.Id, cancellationToken).ConfigureAwait(false);
        var accounts = await db.Accounts.Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Name, cancellationToken).ConfigureAwait(false);
        var apps = await db.ProviderApps.Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => $"{row.Name} ({row.ClientId})", cancellationToken).ConfigureAwait(false);
        var subjects = new Dictionary<Guid, Subject>();
        foreach (var row in requests)
        {
            var subject = row.Kind switch
            {
                ApprovalKind.TokenReveal => instances.GetValueOrDefault(row.InstanceId) is { } instance ? new Subject(instance.Name, instance) : null,
                ApprovalKind.ProviderAppOrigin => apps.GetValueOrDefault(row.TargetId ?? Guid.Empty) is { } app ? new Subject(app, null) : null,
                _ => row.TargetId is not { } id ? new Subject(texts["Approval.NewAccount"], null) : accounts.GetValueOrDefault(id) is { } account ? new Subject(account, null) : null,
            };
            var named = ApprovalTarget.AppsIn(row.Target).Select(id => apps.GetValueOrDefault(id) ?? id.ToString());
            if (subject is not null) subjects[row.Id] = subject with { Apps = [.. named] };
        }

        return subjects;
    }

    private static void Note(PortalDb db, RevealRequest request, Subject subject, bool approve, Actor actor, DateTimeOffset now, bool succeeded, string detail)
    {
        if (subject.Instance is { } instance)
        {
            db.Note(actor, now, approve ? ActivityAction.RevealApproved : ActivityAction.RevealRefused, instance, succeeded, detail);
            return;
        }

        var isApp = request.Kind == ApprovalKind.ProviderAppOrigin;
        var shown = string.Join(", ", ApprovalTarget.HostsIn(request.Target).Concat(subject.Apps));
        db.Note(
            actor, now, approve ? ActivityAction.ApprovalGiven : ActivityAction.ApprovalRefused, subject.Name, succeeded, $"{shown}. {detail}",
            accountId: isApp ? null : request.TargetId, appId: isApp ? request.TargetId : null);
    }

    private Result<string> Open(ElementInstance instance, string? baseUrl)
    {
        try
        {
            return secrets.Open(instance.TokenOf, SecretOrigin.Of(baseUrl ?? ""));
        }
        catch (SecretUnreadableException)
        {
            return new Problem(ProblemKind.NotNow, texts["Instance.TokenUnreadable"]);
        }
    }

    internal static string? Read(string? reason) => reason is { Length: <= 10 * MaxReasonLength } && OutsideText.Clean(reason, MaxReasonLength + 1) is { Length: >= MinReasonLength and <= MaxReasonLength } read ? read : null;

    /// <summary>Removes requests that are over for long.</summary>
    internal static Task RemoveOldAsync(PortalDb db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var forgotten = now - KeptFor;
        return db.RevealRequests.Where(row => row.ExpiresAt < forgotten).ExecuteDeleteAsync(cancellationToken);
    }

    private Problem BadReason() => new(ProblemKind.Invalid, texts["Reveal.Reason", MinReasonLength, MaxReasonLength], "Reason");

    private Problem NotApproved() => new(ProblemKind.NotNow, texts["Reveal.NotApproved"]);

    private Problem Gone() => new(ProblemKind.NotFound, texts["Instance.Gone"]);

    private sealed record Subject(string Name, ElementInstance? Instance)
    {
        public IReadOnlyList<string> Apps { get; init; } = [];
    }
}
