using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.People;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Storage;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Providers;

/// <summary>Provider apps: list, save, remove.</summary>
public sealed class ProviderAppService(
    IDbContextFactory<PortalDb> databases,
    ISecretBox secrets,
    IValidator<ProviderAppInput> validator,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    Gate gate)
{
    /// <summary>All provider apps, by name.</summary>
    public async Task<IReadOnlyList<ProviderAppSummary>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.ProviderApps.AsNoTracking().OrderBy(app => app.Name)
            .Select(app => new ProviderAppSummary(
                app.Id, app.Name, app.ClientId, app.CreatedAt,
                db.Attempts.Count(attempt => attempt.ProviderAppId == app.Id && attempt.State == AttemptState.Active)))
            .ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds a provider app, or changes the one that the input names.</summary>
    public async Task<Result<Guid>> SaveAsync(ProviderAppInput input, Actor actor, CancellationToken cancellationToken)
    {
        // To take another secret's place is dangerous; a new app's secret takes nobody's.
        var replaces = input.Id is not null && input.ClientSecret.Length > 0;
        if (await (replaces ? gate.RefusalUnlessConfirmedAsync(actor, Operation.ManageProviderApps, cancellationToken) : gate.RefusalAsync(actor, Operation.ManageProviderApps, cancellationToken))
                .ConfigureAwait(false) is { } refusal) return refusal;
        if (validator.Check(input) is { Length: > 0 } invalid) return invalid;

        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var name = input.Name.Trim();
        if (await db.ProviderApps.AnyAsync(other => other.Name == name && other.Id != input.Id, cancellationToken).ConfigureAwait(false))
            return new Problem(ProblemKind.Invalid, texts["App.NameTaken", name], nameof(ProviderAppInput.Name));

        var clientId = PastedText.Clean(input.ClientId);
        var clientSecret = PastedText.Clean(input.ClientSecret);
        if (input.Id is { } id)
        {
            var app = await db.ProviderApps.FindAsync([id], cancellationToken).ConfigureAwait(false);
            if (app is null) return new Problem(ProblemKind.NotFound, texts["App.Gone"]);
            var changes = new FieldChanges().Add("Name", app.Name, name).Add("ClientId", app.ClientId, clientId).Secret("ClientSecret", clientSecret.Length > 0);
            // Saved as it was, it was not changed.
            if (!changes.IsEmpty) db.Note(actor, clock.GetUtcNow(), ActivityAction.ProviderAppChanged, name, appId: app.Id, changes: changes);
            app.Name = name;
            app.ClientId = clientId;
            if (clientSecret.Length > 0) app.ClientSecret = secrets.Seal(SecretKind.ClientSecret, app.Id, clientSecret);
            return await SaveAsync(db, app, cancellationToken).ConfigureAwait(false);
        }

        var now = clock.GetUtcNow();
        var newId = Guid.CreateVersion7(now);
        var added = new ProviderApp
        {
            Id = newId,
            Name = name,
            ClientId = clientId,
            ClientSecret = secrets.Seal(SecretKind.ClientSecret, newId, clientSecret),
            CreatedAt = now,
        };
        db.ProviderApps.Add(added);
        db.Note(actor, now, ActivityAction.ProviderAppAdded, added, new FieldChanges().Add("ClientId", null, clientId).Secret("ClientSecret", true));
        return await SaveAsync(db, added, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes a provider app that no attempt still needs; what was created with it is not touched.</summary>
    public async Task<Result<Done>> DeleteAsync(Guid id, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalUnlessConfirmedAsync(actor, Operation.ManageProviderApps, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var waiting = await db.Attempts.CountAsync(
            attempt => attempt.ProviderAppId == id
                && (attempt.State == AttemptState.Draft || attempt.State == AttemptState.AwaitingConsent
                    || attempt.State == AttemptState.AwaitingDecision || attempt.State == AttemptState.CodeReceived || attempt.State == AttemptState.Provisioning),
            cancellationToken).ConfigureAwait(false);
        if (waiting > 0) return new Problem(ProblemKind.NotNow, texts["App.InUse", waiting]);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var name = await db.ProviderApps.Where(app => app.Id == id).Select(app => app.Name).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (name is null) return default(Done);
        await db.ProviderApps.Where(app => app.Id == id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        db.Note(actor, clock.GetUtcNow(), ActivityAction.ProviderAppRemoved, name, appId: id);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    private async Task<Result<Guid>> SaveAsync(PortalDb db, ProviderApp app, CancellationToken cancellationToken)
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            return app.Id;
        }
        catch (DbUpdateConcurrencyException)
        {
            return new Problem(ProblemKind.Stale, texts["App.Stale"]);
        }
        catch (DbUpdateException exception) when (UniqueName.IsTaken(exception))
        {
            return new Problem(ProblemKind.Invalid, texts["App.NameTaken", app.Name], nameof(ProviderAppInput.Name));
        }
    }
}
