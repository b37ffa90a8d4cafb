using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Attempts.Drafts;

/// <summary>
/// The wizard's drafts. Every step is saved as it is left; going on asks for a whole and right step, going back keeps
/// what was typed as far as it can be stored.
/// </summary>
public sealed class DraftService(
    IDbContextFactory<PortalDb> databases,
    ElementCatalog catalog,
    FieldCheck fieldCheck,
    ISecretBox secrets,
    IValidator<ElementChoice> elementValidator,
    IValidator<ProviderChoice> providerValidator,
    IValidator<InstanceOptions> optionsValidator,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    Gate gate)
{
    /// <summary>Begins a draft with the first step's choice.</summary>
    public async Task<Result<Guid>> StartAsync(ElementChoice choice, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Connect, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        if (elementValidator.Check(choice) is { Length: > 0 } invalid) return invalid;

        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await FindAccountProblemAsync(db, choice, cancellationToken).ConfigureAwait(false) is { } problem) return problem;

        var now = clock.GetUtcNow();
        var attempt = ProvisioningAttempt.Begin(now, actor.PersonId, choice.ElementKey, choice.PlatformAccountId!.Value);
        attempt.Step = WizardFlow.Next(catalog.Find(choice.ElementKey), WizardStep.Element);
        db.Attempts.Add(attempt);
        db.Note(actor, now, ActivityAction.DraftStarted, catalog.NameOf(attempt.ElementKey), accountId: attempt.PlatformAccountId, attemptId: attempt.Id);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        return attempt.Id;
    }

    /// <summary>Adds a draft that is complete, by the rules of all steps; the caller saves it.</summary>
    /// <returns>The draft's id, or everything that is wrong.</returns>
    internal async Task<Result<Guid>> AddAsync(PortalDb db, WholeDraft draft, Actor actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var options = Trimmed(draft.Options);
        var problems = new List<Problem>();
        problems.AddRange(elementValidator.Check(draft.Element));
        problems.AddRange(providerValidator.Check(draft.Provider));
        problems.AddRange(optionsValidator.Check(options));
        if (draft.Element.PlatformAccountId is not null && await FindAccountProblemAsync(db, draft.Element, cancellationToken).ConfigureAwait(false) is { } problem) problems.Add(problem);
        if (draft.Provider.ProviderAppId is { } appId && !await db.ProviderApps.AnyAsync(app => app.Id == appId, cancellationToken).ConfigureAwait(false))
            problems.Add(new Problem(ProblemKind.Invalid, texts["App.Gone"], nameof(ProviderChoice.ProviderAppId)));

        var attempt = ProvisioningAttempt.Begin(now, actor.PersonId, draft.Element.ElementKey, draft.Element.PlatformAccountId ?? Guid.Empty);
        attempt.ProviderAppId = draft.Provider.ProviderAppId;
        attempt.Step = WizardStep.Review;
        var origin = await FindOriginAsync(db, attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        if (catalog.Find(draft.Element.ElementKey) is { } element)
        {
            problems.AddRange(ApplyDetails(attempt, origin, draft.Account, keepUnchecked: false));
            problems.AddRange(draft.Account.Values.Keys.Where(key => element.Field(key) is null)
                .Select(key => new Problem(ProblemKind.Invalid, texts["Draft.NotTaken", element.Name], key)));
            if (options.Events is not null && element.Events is null)
                problems.Add(new Problem(ProblemKind.Invalid, texts["Draft.NoEvents", element.Name], nameof(InstanceOptions.Events)));
            if (element.Events is { } offered && options.Events is { } events && events.Resources.Any(name => offered.Resources.All(resource => resource.Name != name)))
                problems.Add(new Problem(ProblemKind.Invalid, texts["Draft.Resources", string.Join(", ", offered.Resources.Select(resource => resource.Name))], "Events.Resources"));
        }

        if (problems.Count > 0) return problems.ToArray();
        _ = ApplyOptions(attempt, origin, options);
        db.Attempts.Add(attempt);
        db.Note(actor, now, ActivityAction.DraftStarted, attempt, detail: texts["Draft.ByApi"]);
        return attempt.Id;
    }

    /// <summary>
    /// Changes a draft's element or platform account. Values that the new element does not have are dropped, and where the new
    /// account is at another origin, all secrets: they were not entered for it, and have to be entered again.
    /// </summary>
    public Task<Result<Done>> SaveElementAsync(Guid id, ElementChoice choice, Actor actor, CancellationToken cancellationToken)
    {
        return ChangeAsync(id, actor, WizardStep.Element, async (db, attempt) =>
        {
            if (elementValidator.Check(choice) is { Length: > 0 } invalid) return invalid;
            if (await FindAccountProblemAsync(db, choice, cancellationToken).ConfigureAwait(false) is { } problem) return [problem];
            var element = catalog.Find(choice.ElementKey)!;
            var isOther = attempt.ElementKey != element.Key;
            var before = await FindOriginAsync(db, attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false);
            var keepsSecrets = before is not null && before == await FindOriginAsync(db, choice.PlatformAccountId!.Value, cancellationToken).ConfigureAwait(false);
            attempt.ElementKey = element.Key;
            attempt.PlatformAccountId = choice.PlatformAccountId!.Value;
            attempt.Configuration = attempt.Configuration.Where(value => element.Field(value.Key) is { Secret: false }).ToDictionary();
            attempt.SealedConfiguration = attempt.SealedConfiguration
                .Where(value => keepsSecrets && (element.Field(value.Key) is { Secret: true } || (value.Key == SignatureKey.Key && element.Events is not null))).ToDictionary();
            if (element.Events is null)
                attempt.Events = null;
            else if (attempt.Events is { } events)
            {
                attempt.Events = events with
                {
                    Resources = [.. events.Resources.Where(name => element.Events.Resources.Any(resource => resource.Name == name))],
                    // Written for the other element's paths.
                    PollerConfiguration = isOther ? "" : events.PollerConfiguration,
                };
            }

            return [];
        }, cancellationToken);
    }

    /// <summary>Chooses a stored provider app.</summary>
    public Task<Result<Done>> SaveProviderAsync(Guid id, ProviderChoice choice, Actor actor, CancellationToken cancellationToken)
    {
        return ChangeAsync(id, actor, WizardStep.Provider, async (db, attempt) =>
        {
            if (providerValidator.Check(choice) is { Length: > 0 } invalid) return invalid;
            var exists = await db.ProviderApps.AnyAsync(app => app.Id == choice.ProviderAppId, cancellationToken).ConfigureAwait(false);
            if (!exists) return [new Problem(ProblemKind.Invalid, texts["App.Gone"], nameof(ProviderChoice.ProviderAppId))];
            attempt.ProviderAppId = choice.ProviderAppId;
            return [];
        }, cancellationToken);
    }

    /// <summary>Saves the account's details; every value is checked and stored in its one form.</summary>
    public Task<Result<Done>> SaveAccountAsync(Guid id, AccountDetails details, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(
            id, actor, WizardStep.Account,
            async (db, attempt) => await FindOriginAsync(db, attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false) is { } origin
                ? ApplyDetails(attempt, origin, details, keepUnchecked: false)
                : [new Problem(ProblemKind.Invalid, texts["Account.Gone"])],
            cancellationToken);

    /// <summary>Saves name, tags and events.</summary>
    public Task<Result<Done>> SaveOptionsAsync(Guid id, InstanceOptions options, Actor actor, CancellationToken cancellationToken)
    {
        options = Trimmed(options);
        return ChangeAsync(
            id, actor, WizardStep.Options,
            async (db, attempt) => optionsValidator.Check(options) is { Length: > 0 } invalid
                ? invalid
                : ApplyOptions(attempt, await FindOriginAsync(db, attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false), options),
            cancellationToken);
    }

    /// <summary>Keeps what was typed at the account step, checked or not, without moving on.</summary>
    public Task<Result<Done>> KeepAccountAsync(Guid id, AccountDetails details, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, null, async (db, attempt) =>
        {
            _ = ApplyDetails(attempt, await FindOriginAsync(db, attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false), details, keepUnchecked: true);
            return [];
        }, cancellationToken);

    /// <summary>Keeps what was typed at the options step as far as its bounds allow, without moving on.</summary>
    public Task<Result<Done>> KeepOptionsAsync(Guid id, InstanceOptions options, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, null, async (db, attempt) =>
        {
            var origin = await FindOriginAsync(db, attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false);
            options = Trimmed(options);
            var broken = optionsValidator.Check(options).Select(problem => problem.Field ?? "").ToHashSet(StringComparer.Ordinal);
            var keepEvents = options.Events is { PollerConfiguration.Length: <= EventSettings.MaxPollerConfigurationLength, CallbackUrl.Length: <= WebAddress.MaxLength };
            return ApplyOptions(attempt, origin, new InstanceOptions
            {
                Name = broken.Contains(nameof(InstanceOptions.Name)) && options.Name.Length > 0 ? attempt.Name : options.Name,
                Tags = broken.Contains(nameof(InstanceOptions.Tags)) ? attempt.Tags : options.Tags,
                Events = keepEvents ? options.Events : attempt.Events,
                SignatureKey = broken.Contains(nameof(InstanceOptions.SignatureKey)) ? "" : options.SignatureKey,
            });
        }, cancellationToken);

    /// <summary>Remembers the step that the person went to.</summary>
    public Task<Result<Done>> GoToAsync(Guid id, WizardStep step, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, null, (_, attempt) =>
        {
            attempt.Step = step;
            return Task.FromResult<Problem[]>([]);
        }, cancellationToken, reopen: false);

    /// <summary>
    /// Removes a draft, or an attempt whose consent is awaited, for good and with its secrets; an answer that still comes
    /// leads nowhere then. An attempt that went further is kept.
    /// </summary>
    public async Task<Result<Done>> DiscardAsync(Guid id, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Connect, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var open = db.Attempts.Where(attempt => attempt.Id == id && (attempt.State == AttemptState.Draft || attempt.State == AttemptState.AwaitingConsent));
        var draft = await open.AsNoTracking().Select(attempt => new { attempt.Name, attempt.ElementKey, attempt.PlatformAccountId })
            .SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (draft is null || await open.ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false) == 0)
            return new Problem(ProblemKind.NotNow, texts["Draft.NotEditable"]);

        db.Note(actor, clock.GetUtcNow(), ActivityAction.DraftDiscarded, draft.Name.Length > 0 ? draft.Name : catalog.NameOf(draft.ElementKey), accountId: draft.PlatformAccountId, attemptId: id);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    /// <summary>Begins a new attempt with what an ended one was given; the ended one and its history stay.</summary>
    public async Task<Result<Guid>> TryAgainAsync(Guid id, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Connect, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var old = await db.Attempts.AsNoTracking().SingleOrDefaultAsync(attempt => attempt.Id == id, cancellationToken).ConfigureAwait(false);
        if (old is null) return new Problem(ProblemKind.NotFound, texts["Draft.Gone"]);
        if (old.State is not (AttemptState.Denied or AttemptState.Expired or AttemptState.Failed)) return new Problem(ProblemKind.NotNow, texts["Draft.NotEnded"]);

        // Two clicks, or two open pages, lead to the same new draft; an instance has one open draft whoever began it.
        var already = await db.Attempts.AsNoTracking()
            .Where(attempt => (attempt.PreviousAttemptId == id || (old.TargetInstanceId != null && attempt.TargetInstanceId == old.TargetInstanceId)
                    || (old.ReplacesInstanceId != null && attempt.ReplacesInstanceId == old.ReplacesInstanceId))
                && (attempt.State == AttemptState.Draft || attempt.State == AttemptState.AwaitingConsent))
            .Select(attempt => (Guid?)attempt.Id).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (already is { } existing) return existing;

        var now = clock.GetUtcNow();
        var attempt = ProvisioningAttempt.Begin(
            now, actor.PersonId, old.ElementKey, old.PlatformAccountId, targetId: old.TargetInstanceId, replacesId: old.ReplacesInstanceId, previousId: id);
        attempt.Step = WizardStep.Review;
        attempt.ProviderAppId = old.ProviderAppId;
        attempt.Name = old.Name;
        attempt.Tags = [.. old.Tags];
        attempt.Configuration = new Dictionary<string, string>(old.Configuration);
        attempt.Events = old.Events;
        var origin = await FindOriginAsync(db, old.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        foreach (var key in old.SealedConfiguration.Keys)
        {
            if (origin is null) break;
            try
            {
                attempt.SealedConfiguration[key] = secrets.Seal(SecretKind.ConfigurationValue, attempt.Id, origin, secrets.Open(old.SealedConfigurationOf(key), origin));
            }
            catch (SecretUnreadableException)
            {
                // Left out: the review names the field that is missing, and the person enters it again.
            }
        }

        db.Note(actor, now, ActivityAction.DraftStarted, attempt, detail: texts["Draft.Again"]);
        return await OpenDraft.AddAsync(db, attempt, cancellationToken).ConfigureAwait(false);
    }

    private static InstanceOptions Trimmed(InstanceOptions options) => new()
    {
        Name = options.Name.Trim(),
        Tags = [.. options.Tags.Select(tag => tag.Trim()).Where(tag => tag.Length > 0)],
        Events = options.Events is { } events ? events with { CallbackUrl = events.CallbackUrl.Trim(), PollerConfiguration = events.PollerConfiguration.Trim() } : null,
        SignatureKey = options.SignatureKey.Trim(),
    };

    private async Task<Result<Done>> ChangeAsync(
        Guid id, Actor actor, WizardStep? left, Func<PortalDb, ProvisioningAttempt, Task<Problem[]>> change, CancellationToken cancellationToken, bool reopen = true)
    {
        if (await gate.RefusalAsync(actor, Operation.Connect, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (attempt is null) return new Problem(ProblemKind.NotFound, texts["Draft.Gone"]);
        if (!attempt.IsEditable) return new Problem(ProblemKind.NotNow, texts["Draft.NotEditable"]);
        // The element, the name and the options of an instance that exists are not the draft's to change.
        if (attempt.IsReauthentication && left is { } own && !WizardFlow.StepsFor(catalog.Find(attempt.ElementKey), reauthenticates: true).Contains(own))
            return new Problem(ProblemKind.NotNow, texts["Draft.NotThisStep"]);

        if (await change(db, attempt).ConfigureAwait(false) is { Length: > 0 } problems) return problems;
        if (!db.ChangeTracker.HasChanges() && left is null) return default(Done);

        var now = clock.GetUtcNow();
        var changes = RowChanges.Of(db.Entry(attempt));
        if (!changes.IsEmpty)
            db.Note(
                actor, now, ActivityAction.DraftChanged, attempt.Name.Length > 0 ? attempt.Name : catalog.NameOf(attempt.ElementKey), instanceId: attempt.TargetInstanceId,
                accountId: attempt.PlatformAccountId, appId: attempt.ProviderAppId, attemptId: attempt.Id, changes: changes);
        if (reopen) attempt.Reopen(now);
        if (left is { } step) attempt.Step = WizardFlow.Next(catalog.Find(attempt.ElementKey), step, attempt.IsReauthentication);
        attempt.UpdatedAt = now;
        try
        {
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            return default(Done);
        }
        catch (DbUpdateException exception) when (LostRace.Is(exception))
        {
            return new Problem(ProblemKind.Stale, texts["Draft.Stale"]);
        }
    }

    // Without an origin, the account is gone: the draft keeps no secret then.
    private Problem[] ApplyDetails(ProvisioningAttempt attempt, SecretOrigin? origin, AccountDetails details, bool keepUnchecked)
    {
        if (catalog.Find(attempt.ElementKey) is not { } element) return [new Problem(ProblemKind.Invalid, texts["Draft.Element"], nameof(ElementChoice.ElementKey))];

        var problems = new List<Problem>();
        var plain = new Dictionary<string, string>(attempt.Configuration);
        var sealedValues = new Dictionary<string, Sealed>(attempt.SealedConfiguration);
        foreach (var field in element.Fields)
        {
            var input = details.Values.GetValueOrDefault(field.Key) ?? "";
            // Nothing entered keeps what is stored here, or, of an instance that exists, what the platform holds.
            if (field.Secret && PastedText.Clean(input).Length == 0 && (attempt.IsReauthentication || sealedValues.ContainsKey(field.Key))) continue;

            if (fieldCheck.TryRead(field, input, out var value, out var problem))
            {
                // An optional field that was left empty is not sent at all.
                if (value.Length == 0)
                    _ = plain.Remove(field.Key);
                else if (!field.Secret)
                    plain[field.Key] = value;
                else if (origin is not null)
                    sealedValues[field.Key] = secrets.Seal(SecretKind.ConfigurationValue, attempt.Id, origin, value);
            }
            else
            {
                problems.Add(new Problem(ProblemKind.Invalid, problem!.Message, field.Key));
                if (keepUnchecked && !field.Secret && value.Length <= InputRules.MaxConfigurationValueLength) plain[field.Key] = value;
            }
        }

        if (problems.Count > 0 && !keepUnchecked) return [.. problems];
        attempt.Configuration = plain;
        attempt.SealedConfiguration = sealedValues;
        return [];
    }

    private Problem[] ApplyOptions(ProvisioningAttempt attempt, SecretOrigin? origin, InstanceOptions options)
    {
        if (attempt.IsReauthentication) return [new Problem(ProblemKind.NotNow, texts["Draft.NotThisStep"])];
        attempt.Name = options.Name;
        attempt.Tags = [.. options.Tags];
        attempt.Events = catalog.Find(attempt.ElementKey)?.Events is null ? null : options.Events;
        if (attempt.Events is { Enabled: true } && options.SignatureKey.Length > 0 && origin is not null)
        {
            attempt.SealedConfiguration = new Dictionary<string, Sealed>(attempt.SealedConfiguration)
            {
                [SignatureKey.Key] = secrets.Seal(SecretKind.ConfigurationValue, attempt.Id, origin, options.SignatureKey),
            };
        }

        return [];
    }

    // Where the draft's secrets are to be sent; null where its account is gone.
    private static async Task<SecretOrigin?> FindOriginAsync(PortalDb db, Guid accountId, CancellationToken cancellationToken) =>
        SecretOrigin.Find(await db.Accounts.Where(account => account.Id == accountId).Select(account => account.BaseUrl).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false));

    private async Task<Problem?> FindAccountProblemAsync(PortalDb db, ElementChoice choice, CancellationToken cancellationToken) =>
        await db.Accounts.AnyAsync(account => account.Id == choice.PlatformAccountId, cancellationToken).ConfigureAwait(false)
            ? null
            : new Problem(ProblemKind.Invalid, texts["Account.Gone"], nameof(ElementChoice.PlatformAccountId));
}
