using System.Linq.Expressions;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Sync;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Reveals;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Accounts;

/// <summary>
/// Moves a platform account to another host with everything that is sealed for the present one. Nothing else lets the token of
/// an instance be sent to another host than the one it came from.
/// </summary>
/// <remarks>
/// A code that the provider gave is exchanged by the platform that asked for it, so no code moves: attempts that hold one, or wait
/// for an answer, have to end first, which takes minutes. Attempts that wait for a consent become drafts again.
/// </remarks>
public sealed class AccountMoveService(
    IDbContextFactory<PortalDb> databases,
    AccountReseal reseal,
    ISecretBox secrets,
    IValidator<AccountInput> validator,
    OutgoingAddresses outgoing,
    WriteTurns turns,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    ApprovalService approvals,
    Gate gate)
{
    private static readonly Expression<Func<ProvisioningAttempt, bool>> IsUnfinished = attempt =>
        attempt.State == AttemptState.AwaitingDecision || attempt.State == AttemptState.CodeReceived || attempt.State == AttemptState.Provisioning || attempt.State == AttemptState.Ambiguous;

    /// <summary>What would move; null when there is no such account.</summary>
    public async Task<AccountMove?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await db.Accounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false) is not { } account) return null;
        var instances = db.Instances.AsNoTracking().Where(row => row.PlatformAccountId == id);
        var attempts = db.Attempts.AsNoTracking().Where(row => row.PlatformAccountId == id);
        return new AccountMove(
            AccountSummary.Of(account),
            await instances.CountAsync(cancellationToken).ConfigureAwait(false),
            await instances.OrderBy(row => row.NameKey).ThenBy(row => row.Number).Select(row => row.Name).Take(AccountMove.Named).ToListAsync(cancellationToken).ConfigureAwait(false),
            await SealedRows.CountAsync(db, AccountReseal.OfAttempts, id, cancellationToken).ConfigureAwait(false),
            await SealedRows.CountAsync(db, AccountReseal.OfListings, id, cancellationToken).ConfigureAwait(false),
            await attempts.CountAsync(row => row.State == AttemptState.AwaitingConsent, cancellationToken).ConfigureAwait(false),
            await attempts.CountAsync(IsUnfinished, cancellationToken).ConfigureAwait(false),
            [.. (await FindAppsAsync(db, account, cancellationToken).ConfigureAwait(false)).Select(app => app.Name)],
            await HasOtherAsync(db, account, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Moves the account that the input names. Both secrets have to be entered again.</summary>
    public async Task<Result<Done>> MoveAsync(AccountInput input, Actor actor, CancellationToken cancellationToken)
    {
        var (account, obstacles) = await CheckAsync(input, actor, cancellationToken).ConfigureAwait(false);
        if (account is null) return obstacles;
        if (await gate.RefusalUnlessConfirmedAsync(actor, Operation.ManageAccounts, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;

        var destination = SecretOrigin.Of(input.RootUrl());
        // Sealing takes the most time: it is done before others have to wait for the database.
        var prepared = await reseal.PrepareAsync(account, destination, cancellationToken).ConfigureAwait(false);
        using var turn = await turns.TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var stored = await db.Accounts.SingleOrDefaultAsync(row => row.Id == account.Id, cancellationToken).ConfigureAwait(false);
        if (stored is null || stored.Version != account.Version) return new Problem(ProblemKind.Stale, texts["Account.Stale"]);
        if (await FindUnfinishedAsync(db, stored, cancellationToken).ConfigureAwait(false) is { } unfinished) return unfinished;
        var used = await FindAppsAsync(db, stored, cancellationToken).ConfigureAwait(false);
        var target = ApprovalTarget.Move(stored.Id, destination, input.SignInHostList(), used.Select(app => app.Id));
        if (await approvals.UseAsync(db, target, actor, cancellationToken).ConfigureAwait(false) is { } unapproved) return unapproved;

        var now = clock.GetUtcNow();
        var apps = ExtendApps(db, used, stored, destination, actor, now);
        await EndPresentHostAsync(db, stored, actor, now, cancellationToken).ConfigureAwait(false);
        var awaiting = await db.Attempts.Where(row => row.PlatformAccountId == stored.Id && row.State == AttemptState.AwaitingConsent).ToListAsync(cancellationToken).ConfigureAwait(false);
        foreach (var attempt in awaiting) attempt.Reopen(now);
        // Save the attempts first: the following statements bypass the change tracker.
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        var moved = await reseal.WriteAsync(db, account, destination, prepared, cancellationToken).ConfigureAwait(false);

        var changes = new FieldChanges().Add("BaseUrl", stored.BaseUrl, input.RootUrl()).Add("SignInHosts", stored.SignInHosts, input.SignInHostList())
            .Secret("OrganizationSecret", true).Secret("UserSecret", true);
        stored.BaseUrl = input.RootUrl();
        stored.SignInHosts = [.. input.SignInHostList()];
        stored.OrganizationSecret = secrets.Seal(SecretKind.OrganizationSecret, stored.Id, destination, PastedText.Clean(input.OrganizationSecret));
        stored.UserSecret = secrets.Seal(SecretKind.UserSecret, stored.Id, destination, PastedText.Clean(input.UserSecret));
        string names = apps.Count == 0 ? texts["Account.Moved.NoApps"] : string.Join(", ", apps);
        db.Note(
            actor, now, ActivityAction.AccountMoved, stored.Name, detail: texts["Account.Moved", moved.Instances, moved.Attempts, awaiting.Count, names, moved.Unreadable],
            accountId: stored.Id, changes: changes);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    /// <summary>Asks that a second person approve what <see cref="MoveAsync"/> was refused for.</summary>
    public async Task<Result<Done>> AskApprovalAsync(AccountInput input, string? reason, Actor actor, CancellationToken cancellationToken)
    {
        var (account, obstacles) = await CheckAsync(input, actor, cancellationToken).ConfigureAwait(false);
        if (account is null) return obstacles;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var used = await FindAppsAsync(db, account, cancellationToken).ConfigureAwait(false);
        var target = ApprovalTarget.Move(account.Id, SecretOrigin.Of(input.RootUrl()), input.SignInHostList(), used.Select(app => app.Id));
        return await approvals.AskAsync(target, account.Name, reason, actor, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(PlatformAccount? Account, Problem[] Obstacles)> CheckAsync(AccountInput input, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.ManageAccounts, cancellationToken).ConfigureAwait(false) is { } refusal) return (null, [refusal]);
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await db.Accounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == input.Id, cancellationToken).ConfigureAwait(false) is not { } account)
            return (null, [new Problem(ProblemKind.NotFound, texts["Account.Gone"])]);
        // The name stays as it is.
        input.Name = account.Name;
        if (validator.Check(input) is { Length: > 0 } invalid) return (null, invalid);
        var destination = SecretOrigin.Of(input.RootUrl());
        if (destination == SecretOrigin.Find(account.BaseUrl))
            return (null, [new Problem(ProblemKind.Invalid, texts["Account.Move.SameHost", account.BaseUrl], nameof(AccountInput.BaseUrl))]);
        List<Problem> problems = [];
        Require(input.OrganizationSecret, texts["Account.OrganizationSecret"], nameof(AccountInput.OrganizationSecret));
        Require(input.UserSecret, texts["Account.UserSecret"], nameof(AccountInput.UserSecret));
        if (problems.Count == 0 && await AccountService.FindForbiddenAsync(input, outgoing, texts, cancellationToken).ConfigureAwait(false) is { } forbidden)
            problems.Add(forbidden);
        return problems.Count > 0 ? (null, [.. problems]) : (account, []);

        void Require(string value, string label, string field)
        {
            if (PastedText.Clean(value).Length == 0) problems.Add(new Problem(ProblemKind.Invalid, texts["Account.EnterAgain", label], field));
        }
    }

    private async Task<Problem?> FindUnfinishedAsync(PortalDb db, PlatformAccount account, CancellationToken cancellationToken)
    {
        // A listing that comes from the present host must not be written when the account is at another.
        if (await db.SyncRuns.AnyAsync(run => run.PlatformAccountId == account.Id && run.State == SyncState.Running, cancellationToken).ConfigureAwait(false))
            return new Problem(ProblemKind.NotNow, texts["Account.Move.SyncRunning"]);
        var unfinished = await db.Attempts.Where(row => row.PlatformAccountId == account.Id).CountAsync(IsUnfinished, cancellationToken).ConfigureAwait(false);
        return unfinished == 0 ? null : new Problem(ProblemKind.NotNow, texts["Account.Move.Unfinished", account.BaseUrl, unfinished]);
    }

    // The apps that the account uses and that are allowed for its present origin.
    private static async Task<List<ProviderApp>> FindAppsAsync(PortalDb db, PlatformAccount account, CancellationToken cancellationToken)
    {
        var origin = SecretOrigin.Find(account.BaseUrl)?.Text;
        return await db.ProviderApps.Where(app => app.Origins.Any(allowed => allowed.Origin == origin)
                && (db.Attempts.Any(attempt => attempt.ProviderAppId == app.Id && attempt.PlatformAccountId == account.Id)
                    || db.Instances.Any(instance => instance.ProviderAppId == app.Id && instance.PlatformAccountId == account.Id)))
            .OrderBy(app => app.Name).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<bool> HasOtherAsync(PortalDb db, PlatformAccount account, CancellationToken cancellationToken)
    {
        var origin = SecretOrigin.Find(account.BaseUrl);
        var others = await db.Accounts.Where(other => other.Id != account.Id).Select(other => other.BaseUrl)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        return others.Exists(other => SecretOrigin.Find(other) == origin);
    }

    // No provider app stays allowed for a host that no account is at.
    private static async Task EndPresentHostAsync(
        PortalDb db, PlatformAccount account, Actor actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (SecretOrigin.Find(account.BaseUrl) is not { Text: var origin }) return;
        if (await HasOtherAsync(db, account, cancellationToken).ConfigureAwait(false)) return;
        var allowing = await db.ProviderApps.Where(app => app.Origins.Any(allowed => allowed.Origin == origin))
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        foreach (var app in allowing)
        {
            _ = app.Origins.RemoveAll(allowed => allowed.Origin == origin);
            db.Entry(app).State = EntityState.Modified;
            db.Note(actor, now, ActivityAction.ProviderAppOriginRemoved, app.Name, detail: origin, appId: app.Id, accountId: account.Id);
        }
    }

    private List<string> ExtendApps(
        PortalDb db, List<ProviderApp> used, PlatformAccount account, SecretOrigin destination, Actor actor, DateTimeOffset now)
    {
        List<string> names = [];
        foreach (var app in used)
        {
            if (app.CredentialsFor(destination) is not null) continue;
            try
            {
                app.Allow(destination, secrets, actor, now);
            }
            catch (SecretUnreadableException)
            {
                // Its secret has to be entered again, and the app allowed then.
                continue;
            }

            db.Entry(app).State = EntityState.Modified;
            names.Add(app.Name);
            db.Note(actor, now, ActivityAction.ProviderAppOriginAllowed, app.Name, detail: destination.Text, appId: app.Id, accountId: account.Id);
        }

        return names;
    }
}
