using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Users;

/// <summary>People's sessions: opened by the sign-in, seen while something is done in them, listed and ended by the person.</summary>
public sealed class SessionService(
    IDbContextFactory<PortalDb> databases, IOptions<PortalOptions> options, TimeProvider clock, IStringLocalizer<ProvisioningText> texts, Gate gate)
    : IScheduledTask
{
    private static readonly TimeSpan CleanUpPeriod = TimeSpan.FromHours(1);

    /// <summary>A session is written to at most this often.</summary>
    public static readonly TimeSpan SeenInterval = TimeSpan.FromMinutes(1);

    /// <summary>How long the rows of sessions that are over are kept.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    private SessionOptions Limits => options.Value.Sessions;

    /// <summary>Opens a session for a person who has just proved who they are.</summary>
    /// <param name="person">The person.</param>
    /// <param name="from">The address of the request.</param>
    /// <param name="userAgent">What the browser says that it is.</param>
    /// <param name="replaced">The session that this browser had before; it ends.</param>
    /// <param name="proof">How the person signed in.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The session's id, for the cookie.</returns>
    public async Task<Guid> OpenAsync(
        PortalUser person, string? from, string? userAgent, Guid? replaced, SessionProof proof, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var session = new PersonSession
        {
            Id = Guid.CreateVersion7(now),
            PersonId = person.Id,
            SecurityStamp = person.SecurityStamp ?? "",
            OpenedAt = now,
            SeenAt = now,
            ConfirmedAt = now,
            PasskeyUsedAt = proof == SessionProof.Passkey ? now : null,
            From = OutsideText.Clean(from, ActivityEntry.MaxFromLength),
            Browser = OutsideText.Clean(userAgent, PersonSession.MaxBrowserLength),
        };
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (replaced is { } before) await CloseAsync(db.Sessions.Where(row => row.Id == before), SessionEnding.Replaced, now, cancellationToken).ConfigureAwait(false);
        // Otherwise the password would be enough to re-authenticate: by signing in once more.
        if (proof == SessionProof.PasswordAlone
            && await db.UserPasskeys.AnyAsync(passkey => passkey.UserId == person.Id, cancellationToken).ConfigureAwait(false))
            session.ConfirmedAt = PersonSession.NotConfirmed;
        db.Sessions.Add(session);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return session.Id;
    }

    /// <summary>Lets a session go on after a change of the person's own, such as a new password, which ends all others.</summary>
    public async Task RenewAsync(Guid session, PortalUser person, CancellationToken cancellationToken)
    {
        var stamp = person.SecurityStamp ?? "";
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await db.Sessions.Where(row => row.Id == session && row.PersonId == person.Id && row.EndedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.SecurityStamp, stamp), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Remembers that something was done in a session just now; one that is over stays over.</summary>
    public async Task SeeAsync(Guid session, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var before = now - SeenInterval;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        // Looked at first: reading takes nobody's place for writing.
        if (!await Stale().AnyAsync(cancellationToken).ConfigureAwait(false)) return;
        await Stale().ExecuteUpdateAsync(set => set.SetProperty(row => row.SeenAt, now), cancellationToken).ConfigureAwait(false);

        IQueryable<PersonSession> Stale() => db.Current(Limits, now).Where(row => row.Id == session && row.SeenAt <= before);
    }

    /// <summary>Ends a session by signing out in it.</summary>
    public async Task CloseAsync(Guid session, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await CloseAsync(db.Sessions.Where(row => row.Id == session), SessionEnding.SignedOut, clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One's own open sessions, the one that was used last first.</summary>
    public async Task<Result<IReadOnlyList<SessionLine>>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.KeepSessions, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.Current(Limits, clock.GetUtcNow()).Where(row => row.PersonId == actor.PersonId).OrderByDescending(row => row.SeenAt).ThenByDescending(row => row.Id)
            .Select(row => new SessionLine(row.Id, row.OpenedAt, row.SeenAt, row.From, row.Browser, row.Id == actor.SessionId))
            .ToArrayAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends one of one's own sessions: its pages are led to the sign-in at their next check. All known browsers are forgotten.</summary>
    public Task<Result<int>> EndAsync(Guid id, Actor actor, CancellationToken cancellationToken) => EndAsync(actor, rows => rows.Where(row => row.Id == id), cancellationToken);

    /// <summary>Ends all of one's own sessions but the one that asks. All known browsers are forgotten.</summary>
    /// <returns>How many they were.</returns>
    public Task<Result<int>> EndOthersAsync(Actor actor, CancellationToken cancellationToken) => EndAsync(actor, rows => rows.Where(row => row.Id != actor.SessionId), cancellationToken);

    /// <inheritdoc />
    async Task<DateTimeOffset?> IScheduledTask.RunAsync(CancellationToken cancellationToken)
    {
        _ = await CleanUpAsync(cancellationToken).ConfigureAwait(false);
        return clock.GetUtcNow() + CleanUpPeriod;
    }

    /// <summary>
    /// Marks sessions that are over by themselves, and removes those that have been over for <see cref="KeptFor"/>; erases keys of
    /// authenticator apps that were not confirmed in time.
    /// </summary>
    /// <returns>How many were removed.</returns>
    internal async Task<int> CleanUpAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var current = db.Current(Limits, now).Select(row => row.Id);
        await CloseAsync(db.Sessions.Where(row => !current.Contains(row.Id)), SessionEnding.Lapsed, now, cancellationToken).ConfigureAwait(false);
        await FactorService.ErasePendingAsync(db, now, cancellationToken).ConfigureAwait(false);
        var before = now - KeptFor;
        return await db.Sessions.Where(row => row.EndedAt < before).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<Result<int>> EndAsync(Actor actor, Func<IQueryable<PersonSession>, IQueryable<PersonSession>> which, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.KeepSessions, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var ids = await which(db.Current(Limits, now).Where(row => row.PersonId == actor.PersonId)).Select(row => row.Id).ToListAsync(cancellationToken).ConfigureAwait(false);
        // Whoever sat at one of them may know its browser's cookie.
        await KnownBrowsers.ForgetAllAsync(db, actor.PersonId!.Value, cancellationToken).ConfigureAwait(false);
        if (ids.Count == 0)
        {
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return 0;
        }

        await CloseAsync(db.Sessions.Where(row => EF.Parameter(ids).Contains(row.Id)), SessionEnding.ByPerson, now, cancellationToken).ConfigureAwait(false);
        db.Note(actor, now, ActivityAction.SessionsEnded, actor.Name ?? "", detail: ids.Count == 1 ? texts["Sessions.EndedOne"] : texts["Sessions.Ended", ids.Count]);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return ids.Count;
    }

    /// <summary>Ends all sessions of a person, in the caller's transaction.</summary>
    /// <returns>How many they were.</returns>
    internal static async Task<int> EndAllAsync(PortalDb db, SessionOptions limits, Guid person, SessionEnding ending, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var open = await db.Current(limits, now).CountAsync(row => row.PersonId == person, cancellationToken).ConfigureAwait(false);
        await CloseAsync(db.Sessions.Where(row => row.PersonId == person), ending, now, cancellationToken).ConfigureAwait(false);
        return open;
    }

    private static Task<int> CloseAsync(IQueryable<PersonSession> rows, SessionEnding ending, DateTimeOffset now, CancellationToken cancellationToken) =>
        rows.Where(row => row.EndedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.EndedAt, (DateTimeOffset?)now).SetProperty(row => row.Ending, (SessionEnding?)ending), cancellationToken);
}
