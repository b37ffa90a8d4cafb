using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.People;
using AdminPortal.Provisioning.Platform;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Storage;
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
    Gate gate)
{
    /// <summary>How many rows one statement resets: others can write in between.</summary>
    private const int ResetChunk = 5000;

    /// <summary>All accounts, by name.</summary>
    public async Task<IReadOnlyList<AccountSummary>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var accounts = await db.Accounts.AsNoTracking().OrderBy(account => account.Name).ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. accounts.Select(Summarize)];
    }

    /// <summary>One account without its secrets; null when there is none with this id.</summary>
    public async Task<AccountSummary?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == id, cancellationToken).ConfigureAwait(false);
        return account is null ? null : Summarize(account);
    }

    /// <summary>The accounts that the configuration offers and that are not there yet.</summary>
    public async Task<IReadOnlyList<OfferedAccount>> ListOffersAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var known = await db.Accounts.Select(account => account.BaseUrl).ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. options.Value.OfferedAccounts.Where(offer => !known.Contains(BareBaseUrl(offer), StringComparer.OrdinalIgnoreCase))];
    }

    /// <summary>Adds an offered account as it stands in the configuration.</summary>
    public async Task<Result<Guid>> AcceptOfferAsync(OfferedAccount offer, Actor actor, CancellationToken cancellationToken) =>
        await SaveAsync(
            new AccountInput
            {
                Name = offer.Name,
                BaseUrl = offer.BaseUrl,
                OrganizationSecret = offer.OrganizationSecret,
                UserSecret = offer.UserSecret,
                SignInHosts = string.Join('\n', offer.SignInHosts.DefaultIfEmpty(AccountInput.DefaultSignInHosts[0])),
            },
            actor,
            cancellationToken).ConfigureAwait(false);

    /// <summary>Adds an account, or changes the one that the input names.</summary>
    public async Task<Result<Guid>> SaveAsync(AccountInput input, Actor actor, CancellationToken cancellationToken)
    {
        // To take another secret's place is dangerous; a new account's secrets take nobody's.
        var replaces = input.Id is not null && (input.OrganizationSecret.Length > 0 || input.UserSecret.Length > 0);
        if (await (replaces ? gate.RefusalUnlessConfirmedAsync(actor, Operation.ManageAccounts, cancellationToken) : gate.RefusalAsync(actor, Operation.ManageAccounts, cancellationToken))
                .ConfigureAwait(false) is { } refusal) return refusal;
        if (validator.Check(input) is { Length: > 0 } invalid) return invalid;
        if (await FindForbiddenAsync(input, cancellationToken).ConfigureAwait(false) is { } forbidden) return forbidden;

        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var name = input.Name.Trim();
        if (await db.Accounts.AnyAsync(other => other.Name == name && other.Id != input.Id, cancellationToken).ConfigureAwait(false))
            return new Problem(ProblemKind.Invalid, texts["Account.NameTaken", name], nameof(AccountInput.Name));

        PlatformAccount? account;
        var changes = new FieldChanges();
        var isRescheduled = false;
        if (input.Id is { } id)
        {
            account = await db.Accounts.FindAsync([id], cancellationToken).ConfigureAwait(false);
            if (account is null) return new Problem(ProblemKind.NotFound, texts["Account.Gone"]);
            if (KeptForAnotherHost(account, input) is { Length: > 0 } kept) return kept;
            changes.Add("Name", account.Name, name)
                .Add("BaseUrl", account.BaseUrl, BareBaseUrl(input))
                .Add("SignInHosts", account.SignInHosts, input.SignInHostList())
                .Add("CheckEveryMinutes", account.CheckEveryMinutes, input.CheckEveryMinutes);
            account.Name = name;
            account.BaseUrl = BareBaseUrl(input);
            account.SignInHosts = [.. input.SignInHostList()];
            isRescheduled = input.CheckEveryMinutes is not null && input.CheckEveryMinutes != account.CheckEveryMinutes;
            account.CheckEveryMinutes = input.CheckEveryMinutes;
        }
        else
        {
            account = Create(input);
            changes.Add("BaseUrl", null, account.BaseUrl).Add("SignInHosts", null, account.SignInHosts).Add("CheckEveryMinutes", null, account.CheckEveryMinutes);
            db.Accounts.Add(account);
        }

        SealSecrets(account, input);
        changes.Secret("OrganizationSecret", PastedText.Clean(input.OrganizationSecret).Length > 0).Secret("UserSecret", PastedText.Clean(input.UserSecret).Length > 0);
        // Saved as it was, it was not changed.
        if (input.Id is null || !changes.IsEmpty)
            db.Note(actor, clock.GetUtcNow(), input.Id is null ? ActivityAction.AccountAdded : ActivityAction.AccountChanged, account, changes);
        try
        {
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            if (isRescheduled) await ResetChecksAsync(db, account.Id).ConfigureAwait(false);
            return account.Id;
        }
        catch (DbUpdateConcurrencyException)
        {
            return new Problem(ProblemKind.Stale, texts["Account.Stale"]);
        }
        catch (DbUpdateException exception) when (UniqueName.IsTaken(exception))
        {
            return new Problem(ProblemKind.Invalid, texts["Account.NameTaken", name], nameof(AccountInput.Name));
        }
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
        if (await db.Attempts.AnyAsync(attempt => attempt.PlatformAccountId == id && (attempt.State == Attempts.AttemptState.AwaitingDecision
                || attempt.State == Attempts.AttemptState.CodeReceived || attempt.State == Attempts.AttemptState.Provisioning || attempt.State == Attempts.AttemptState.Ambiguous), cancellationToken).ConfigureAwait(false))
            return new Problem(ProblemKind.NotNow, texts["Account.AttemptUnderWay"]);

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var name = await db.Accounts.Where(account => account.Id == id).Select(account => account.Name).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (name is null) return default(Done);
        await db.Accounts.Where(account => account.Id == id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        db.Note(actor, clock.GetUtcNow(), ActivityAction.AccountRemoved, name, accountId: id);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    private static AccountSummary Summarize(PlatformAccount account) =>
        new(account.Id, account.Name, account.BaseUrl, account.SignInHosts, account.CheckEveryMinutes, account.CreatedAt) { IsUnreadable = account.IsUnreadable() };

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

    private static string BareBaseUrl(OfferedAccount offer) => BareBaseUrl(new AccountInput { BaseUrl = offer.BaseUrl });

    private static string BareBaseUrl(AccountInput input) => new Uri(input.BareBaseUrl()).GetLeftPart(UriPartial.Authority);

    // The address itself is not shown: what a name means inside the network is not told to whoever may ask for names.
    private async Task<Problem?> FindForbiddenAsync(AccountInput input, CancellationToken cancellationToken)
    {
        var host = new Uri(BareBaseUrl(input)).IdnHost;
        return await outgoing.FindObstacleAsync(host, cancellationToken).ConfigureAwait(false) switch
        {
            AddressKind.Private => new Problem(ProblemKind.Invalid, texts["Account.AddressPrivate", host], nameof(AccountInput.BaseUrl)),
            AddressKind.Never => new Problem(ProblemKind.Invalid, texts["Account.AddressNever", host], nameof(AccountInput.BaseUrl)),
            _ => null,
        };
    }

    // A stored secret goes to the host it was entered for and to no other: whoever changes the host has to know the secrets.
    private Problem[] KeptForAnotherHost(PlatformAccount stored, AccountInput input)
    {
        if (string.Equals(stored.BaseUrl, BareBaseUrl(input), StringComparison.OrdinalIgnoreCase)) return [];
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
            BaseUrl = BareBaseUrl(input),
            OrganizationSecret = secrets.Seal(SecretKind.OrganizationSecret, id, ""),
            UserSecret = secrets.Seal(SecretKind.UserSecret, id, ""),
            SignInHosts = [.. input.SignInHostList()],
            CheckEveryMinutes = input.CheckEveryMinutes,
            CreatedAt = now,
        };
    }

    private void SealSecrets(PlatformAccount account, AccountInput input)
    {
        if (PastedText.Clean(input.OrganizationSecret) is { Length: > 0 } organizationSecret)
            account.OrganizationSecret = secrets.Seal(SecretKind.OrganizationSecret, account.Id, organizationSecret);
        if (PastedText.Clean(input.UserSecret) is { Length: > 0 } userSecret)
            account.UserSecret = secrets.Seal(SecretKind.UserSecret, account.Id, userSecret);
    }
}
