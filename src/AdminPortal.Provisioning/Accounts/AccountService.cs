using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Settings;
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
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Accounts;

/// <summary>Platform accounts: list, save, test, remove.</summary>
public sealed class AccountService(
    IDbContextFactory<PortalDb> databases,
    IElementsPlatform platform,
    ISecretBox secrets,
    ElementCatalog catalog,
    IValidator<AccountInput> validator,
    PlatformProblems problems,
    OutgoingAddresses outgoing,
    IOptions<PortalOptions> options,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    ApprovalService approvals,
    Gate gate)
{
    /// <summary>How many rows one statement resets: others can write in between.</summary>
    private const int ResetChunk = 5000;

    /// <summary>All accounts, by name.</summary>
    public async Task<IReadOnlyList<AccountSummary>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var accounts = await db.Accounts.AsNoTracking().OrderBy(account => account.Name).ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. accounts.Select(AccountSummary.Of)];
    }

    /// <summary>One account without its secrets; null when there is none with this id.</summary>
    public async Task<AccountSummary?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == id, cancellationToken).ConfigureAwait(false);
        return account is null ? null : AccountSummary.Of(account);
    }

    /// <summary>The accounts that the configuration offers and that are not there yet.</summary>
    public async Task<IReadOnlyList<OfferedAccount>> ListOffersAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var known = await db.Accounts.Select(account => account.BaseUrl).ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. options.Value.OfferedAccounts.Where(offer => !known.Contains(RootUrl(offer), StringComparer.OrdinalIgnoreCase))];
    }

    /// <summary>Adds an offered account as it stands in the configuration.</summary>
    public async Task<Result<Guid>> AcceptOfferAsync(OfferedAccount offer, Actor actor, CancellationToken cancellationToken) =>
        await SaveInputAsync(
            new AccountInput
            {
                Name = offer.Name,
                BaseUrl = offer.BaseUrl,
                OrganizationSecret = offer.OrganizationSecret,
                UserSecret = offer.UserSecret,
                SignInHosts = string.Join('\n', offer.SignInHosts.DefaultIfEmpty(AccountInput.DefaultSignInHosts[0])),
            },
            actor,
            // Offers from the configuration need no approver. Any other offer does.
            needsApproval: !options.Value.OfferedAccounts.Contains(offer),
            cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Adds an account, or changes the one that the input names. A new account, another base URL, other sign-in hosts and replaced
    /// secrets need a recent proof of identity; all but the last need the approval of a second person where that is configured.
    /// </summary>
    public Task<Result<Guid>> SaveAsync(AccountInput input, Actor actor, CancellationToken cancellationToken) =>
        SaveInputAsync(input, actor, needsApproval: true, cancellationToken);

    private async Task<Result<Guid>> SaveInputAsync(AccountInput input, Actor actor, bool needsApproval, CancellationToken cancellationToken)
    {
        if (await FindObstacleAsync(input, actor, cancellationToken).ConfigureAwait(false) is { Length: > 0 } obstacles) return obstacles;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var stored = input.Id is { } known ? await db.Accounts.SingleOrDefaultAsync(row => row.Id == known, cancellationToken).ConfigureAwait(false) : null;
        if (input.Id is not null && stored is null) return new Problem(ProblemKind.NotFound, texts["Account.Gone"]);

        var sendsElsewhere = stored is null || SendsElsewhere(stored, input);
        var replaces = input.OrganizationSecret.Length > 0 || input.UserSecret.Length > 0;
        if ((sendsElsewhere || replaces) && await gate.RefusalUnlessConfirmedAsync(actor, Operation.ManageAccounts, cancellationToken).ConfigureAwait(false) is { } unconfirmed)
            return unconfirmed;
        var name = input.Name.Trim();
        if (await db.Accounts.AnyAsync(other => other.Name == name && other.Id != input.Id, cancellationToken).ConfigureAwait(false))
            return new Problem(ProblemKind.Invalid, texts["Account.NameTaken", name], nameof(AccountInput.Name));

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (stored is not null && IsAtAnotherHost(stored, input))
        {
            if (KeptForAnotherHost(stored, input) is { Length: > 0 } kept) return kept;
            if (await HoldsSecretsAsync(db, stored.Id, cancellationToken).ConfigureAwait(false))
                return new Problem(ProblemKind.NotNow, texts["Account.UseMove", stored.BaseUrl], nameof(AccountInput.BaseUrl));
        }

        if (sendsElsewhere && needsApproval && await approvals.UseAsync(db, TargetOf(input), actor, cancellationToken).ConfigureAwait(false) is { } unapproved) return unapproved;
        var account = stored ?? Create(input);
        var isRescheduled = stored is not null && input.CheckEveryMinutes is not null && input.CheckEveryMinutes != stored.CheckEveryMinutes;
        Apply(db, account, stored is null, input, actor);
        try
        {
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            if (isRescheduled) await ResetChecksAsync(db, account.Id).ConfigureAwait(false);
            return account.Id;
        }
        catch (DbUpdateConcurrencyException)
        {
            return new Problem(ProblemKind.Stale, texts["Account.Stale"]);
        }
        catch (DbUpdateException exception) when (ConstraintViolation.IsUnique(exception))
        {
            return new Problem(ProblemKind.Invalid, texts["Account.NameTaken", name], nameof(AccountInput.Name));
        }
    }

    /// <summary>Asks that a second person approve what <see cref="SaveAsync"/> was refused for.</summary>
    public async Task<Result<Done>> AskApprovalAsync(AccountInput input, string? reason, Actor actor, CancellationToken cancellationToken)
    {
        if (await FindObstacleAsync(input, actor, cancellationToken).ConfigureAwait(false) is { Length: > 0 } obstacles) return obstacles;
        return await approvals.AskAsync(TargetOf(input), input.Name.Trim(), reason, actor, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks the platform a harmless question with what was entered: the host, and then the credentials.</summary>
    /// <returns>A sentence of success, or what stood in the way.</returns>
    public async Task<Result<string>> TestAsync(AccountInput input, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.ManageAccounts, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        if (validator.Check(input) is { Length: > 0 } invalid) return invalid;
        if (await FindForbiddenAsync(input, cancellationToken).ConfigureAwait(false) is { } forbidden) return forbidden;

        var account = Create(input);
        if (input.Id is { } id)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
            var stored = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(other => other.Id == id, cancellationToken).ConfigureAwait(false);
            if (stored is null) return new Problem(ProblemKind.NotFound, texts["Account.Gone"]);
            if (KeptForAnotherHost(stored, input) is { Length: > 0 } kept) return kept;
            stored.BaseUrl = account.BaseUrl;
            account = stored;
        }

        SealSecrets(account, input);
        var outcome = await platform.GetElementConfigurationAsync(account, catalog.All[0].Key, cancellationToken).ConfigureAwait(false);
        return outcome is PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>.Success
            ? texts["Account.TestPassed", new Uri(account.BaseUrl).Authority].Value
            : problems.From(outcome);
    }

    /// <summary>Removes an account that nothing uses.</summary>
    public async Task<Result<Done>> DeleteAsync(Guid id, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalUnlessConfirmedAsync(actor, Operation.ManageAccounts, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var instances = await db.Instances.CountAsync(instance => instance.PlatformAccountId == id, cancellationToken).ConfigureAwait(false);
        if (instances > 0) return new Problem(ProblemKind.NotNow, texts["Account.InUse", instances]);
        if (await db.Attempts.AnyAsync(attempt => attempt.PlatformAccountId == id && (attempt.State == AttemptState.AwaitingDecision
                || attempt.State == AttemptState.CodeReceived || attempt.State == AttemptState.Provisioning || attempt.State == AttemptState.Ambiguous), cancellationToken).ConfigureAwait(false))
            return new Problem(ProblemKind.NotNow, texts["Account.AttemptUnderWay"]);

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var name = await db.Accounts.Where(account => account.Id == id).Select(account => account.Name).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (name is null) return default(Done);
        await db.Accounts.Where(account => account.Id == id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        // Sealed for this account's origin, they can never be sent again.
        await db.RunAsync(
            "UPDATE \"Attempts\" SET \"SealedConfiguration\" = '{}', \"Code\" = NULL, \"Version\" = \"Version\" + 1 WHERE \"PlatformAccountId\" = $id", cancellationToken,
            ("$id", id)).ConfigureAwait(false);
        db.Note(actor, clock.GetUtcNow(), ActivityAction.AccountRemoved, name, accountId: id);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    private static ApprovalTarget TargetOf(AccountInput input) => ApprovalTarget.Host(input.Id, SecretOrigin.Of(input.RootUrl()), input.SignInHostList());

    private static bool IsAtAnotherHost(PlatformAccount stored, AccountInput input) => SecretOrigin.Find(stored.BaseUrl) != SecretOrigin.Of(input.RootUrl());

    // Secrets, or people with their consent, would go to other hosts than before.
    private static bool SendsElsewhere(PlatformAccount stored, AccountInput input) =>
        IsAtAnotherHost(stored, input) || input.SignInHostList().Except(stored.SignInHosts).Any() || stored.SignInHosts.Except(input.SignInHostList()).Any();

    // Values of the account's rows that are sealed for its present origin.
    private static async Task<bool> HoldsSecretsAsync(PortalDb db, Guid id, CancellationToken cancellationToken) =>
        await db.Instances.AnyAsync(row => row.PlatformAccountId == id, cancellationToken).ConfigureAwait(false)
        || await db.Attempts.AnyAsync(row => row.PlatformAccountId == id, cancellationToken).ConfigureAwait(false)
        || await db.SyncRows.AnyAsync(row => db.SyncRuns.Any(run => run.Id == row.RunId && run.PlatformAccountId == id), cancellationToken).ConfigureAwait(false);

    private async Task<Problem[]> FindObstacleAsync(AccountInput input, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.ManageAccounts, cancellationToken).ConfigureAwait(false) is { } refusal) return [refusal];
        if (validator.Check(input) is { Length: > 0 } invalid) return invalid;
        return await FindForbiddenAsync(input, cancellationToken).ConfigureAwait(false) is { } forbidden ? [forbidden] : [];
    }

    private void Apply(PortalDb db, PlatformAccount account, bool isNew, AccountInput input, Actor actor)
    {
        var changes = new FieldChanges();
        if (!isNew) changes.Add("Name", account.Name, input.Name.Trim());
        changes.Add("BaseUrl", isNew ? null : account.BaseUrl, input.RootUrl())
            .Add("SignInHosts", isNew ? null : account.SignInHosts, input.SignInHostList())
            .Add("CheckEveryMinutes", isNew ? null : account.CheckEveryMinutes, input.CheckEveryMinutes);
        account.Name = input.Name.Trim();
        account.BaseUrl = input.RootUrl();
        account.SignInHosts = [.. input.SignInHostList()];
        account.CheckEveryMinutes = input.CheckEveryMinutes;
        if (isNew) db.Accounts.Add(account);
        SealSecrets(account, input);
        changes.Secret("OrganizationSecret", PastedText.Clean(input.OrganizationSecret).Length > 0).Secret("UserSecret", PastedText.Clean(input.UserSecret).Length > 0);
        // Saved as it was, it was not changed.
        if (isNew || !changes.IsEmpty) db.Note(actor, clock.GetUtcNow(), isNew ? ActivityAction.AccountAdded : ActivityAction.AccountChanged, account, changes);
    }

    // Due times of the former interval would hold back a shorter one; the worker spreads what has none over the new interval.
    private static async Task ResetChecksAsync(PortalDb db, Guid account)
    {
        var last = await db.Instances.MaxAsync(row => (long?)row.Number, CancellationToken.None).ConfigureAwait(false) ?? 0;
        for (long from = 0; from < last; from += ResetChunk)
        {
            await db.Instances.Where(row => row.PlatformAccountId == account && row.Number > from && row.Number <= from + ResetChunk && row.CheckDueAt != null)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.CheckDueAt, (DateTimeOffset?)null), CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static string RootUrl(OfferedAccount offer) => new AccountInput { BaseUrl = offer.BaseUrl }.RootUrl();

    private Task<Problem?> FindForbiddenAsync(AccountInput input, CancellationToken cancellationToken) => FindForbiddenAsync(input, outgoing, texts, cancellationToken);

    // The address itself is not shown: what a name means inside the network is not told to whoever may ask for names.
    internal static async Task<Problem?> FindForbiddenAsync(AccountInput input, OutgoingAddresses outgoing, IStringLocalizer texts, CancellationToken cancellationToken)
    {
        var host = new Uri(input.RootUrl()).IdnHost;
        return await outgoing.FindObstacleAsync(host, cancellationToken).ConfigureAwait(false) switch
        {
            AddressKind.Private => new Problem(ProblemKind.Invalid, texts["Account.AddressPrivate", host], nameof(AccountInput.BaseUrl)),
            AddressKind.Never => new Problem(ProblemKind.Invalid, texts["Account.AddressNever", host], nameof(AccountInput.BaseUrl)),
            _ => null,
        };
    }

    // Both secrets must be entered again when the host changes.
    private Problem[] KeptForAnotherHost(PlatformAccount stored, AccountInput input)
    {
        if (!IsAtAnotherHost(stored, input)) return [];
        var problems = new List<Problem>();
        if (PastedText.Clean(input.OrganizationSecret).Length == 0)
            problems.Add(new Problem(ProblemKind.Invalid, texts["Account.EnterAgain", texts["Account.OrganizationSecret"]], nameof(AccountInput.OrganizationSecret)));
        if (PastedText.Clean(input.UserSecret).Length == 0)
            problems.Add(new Problem(ProblemKind.Invalid, texts["Account.EnterAgain", texts["Account.UserSecret"]], nameof(AccountInput.UserSecret)));
        return [.. problems];
    }

    private PlatformAccount Create(AccountInput input)
    {
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        return new PlatformAccount
        {
            Id = id,
            Name = input.Name.Trim(),
            BaseUrl = input.RootUrl(),
            OrganizationSecret = new Sealed(""),
            UserSecret = new Sealed(""),
            SignInHosts = [.. input.SignInHostList()],
            CheckEveryMinutes = input.CheckEveryMinutes,
            CreatedAt = now,
        };
    }

    private void SealSecrets(PlatformAccount account, AccountInput input)
    {
        if (PastedText.Clean(input.OrganizationSecret) is { Length: > 0 } organizationSecret)
            account.OrganizationSecret = secrets.Seal(SecretKind.OrganizationSecret, account.Id, account.Origin, organizationSecret);
        if (PastedText.Clean(input.UserSecret) is { Length: > 0 } userSecret)
            account.UserSecret = secrets.Seal(SecretKind.UserSecret, account.Id, account.Origin, userSecret);
    }
}
