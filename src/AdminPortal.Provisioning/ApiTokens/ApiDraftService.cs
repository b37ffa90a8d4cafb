using System.Security.Cryptography;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.ApiTokens;

/// <summary>
/// Makes complete drafts for scripts, once for each key. Draft and receipt are saved in one transaction, which on SQLite
/// begins as the writer: of two calls with the same key at the same moment, the second waits for the first and is given
/// its answer, so that there is no state in between that a crash could leave behind.
/// </summary>
public sealed class ApiDraftService(IDbContextFactory<PortalDb> databases, DraftService drafts, AttemptService attempts, TimeProvider clock, Gate gate)
{
    /// <summary>How long a key is remembered.</summary>
    public static readonly TimeSpan KeysKeptFor = TimeSpan.FromHours(24);

    private const int Created = 201;

    /// <summary>Makes a draft, or answers as before where the key was used already.</summary>
    /// <param name="draft">Everything that the wizard asks.</param>
    /// <param name="call">The call's key and body.</param>
    /// <param name="write">Writes the answer's body; it must hold no secret.</param>
    /// <param name="actor">Who makes it.</param>
    /// <param name="cancellationToken">Gives up; nothing is made then.</param>
    public async Task<Result<ApiAnswer>> CreateAsync(WholeDraft draft, ApiCall call, Func<AttemptView, string> write, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Connect, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        var now = clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await db.ApiReceipts.Where(receipt => receipt.ExpiresAt <= now).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        var known = await db.ApiReceipts.AsNoTracking().SingleOrDefaultAsync(receipt => receipt.TokenId == call.TokenId && receipt.Key == call.Key, cancellationToken).ConfigureAwait(false);
        if (known is not null)
        {
            return CryptographicOperations.FixedTimeEquals(known.BodyHash, call.BodyHash)
                ? new ApiAnswer(ApiAnswerKind.Repeated, known.AttemptId, known.Status, known.Body)
                : new ApiAnswer(ApiAnswerKind.OtherBody, known.AttemptId, 0, "");
        }

        var added = await drafts.AddAsync(db, draft, actor, now, cancellationToken).ConfigureAwait(false);
        if (!added.Succeeded) return added.Problems.ToArray();
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);

        var body = write((await attempts.FindAsync(db, added.Value, cancellationToken).ConfigureAwait(false))!);
        db.ApiReceipts.Add(new ApiReceipt
        {
            Id = Guid.CreateVersion7(now),
            TokenId = call.TokenId,
            Key = call.Key,
            BodyHash = call.BodyHash,
            ExpiresAt = now + KeysKeptFor,
            AttemptId = added.Value,
            Status = Created,
            Body = body,
        });
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return new ApiAnswer(ApiAnswerKind.New, added.Value, Created, body);
    }
}
