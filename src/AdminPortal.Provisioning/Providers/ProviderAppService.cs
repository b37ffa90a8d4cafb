using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Reveals;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
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
    ApprovalService approvals,
    Gate gate)
{
    /// <summary>All provider apps, by name.</summary>
    public async Task<IReadOnlyList<ProviderAppSummary>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.ProviderApps.AsNoTracking().OrderBy(app => app.Name)
            .Select(app => new ProviderAppSummary(
                app.Id, app.Name, app.ClientId, app.CreatedAt,
                db.Attempts.Count(attempt => attempt.ProviderAppId == app.Id && attempt.State == AttemptState.Active))
            {
                Origins = app.Origins.OrderBy(origin => origin.Origin).Select(origin => origin.Origin).ToList(),
            })
            .ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds a provider app, or changes the one that the input names.</summary>
    public async Task<Result<Guid>> SaveAsync(ProviderAppInput input, Actor actor, CancellationToken cancellationToken)
    {
        // Replacing a stored secret requires re-authentication. Adding an app does not.
        var replaces = input.Id is not null && input.ClientSecret.Length > 0;
        if (await (replaces ? gate.RefusalUnlessConfirmedAsync(actor, Operation.ManageProviderApps, cancellationToken) : gate.RefusalAsync(actor, Operation.ManageProviderApps, cancellationToken))
                .ConfigureAwait(false) is { } refusal) return refusal;
        if (validator.Check(input) is { Length: > 0 } invalid) return invalid;

        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var name = input.Name.Trim();
        if (await db.ProviderApps.AnyAsync(other => other.Name == name && other.Id != input.Id, cancellationToken).ConfigureAwait(false))
            return new Problem(ProblemKind.Invalid, texts["App.NameTaken", name], nameof(ProviderAppInput.Name));

        List<SecretOrigin> origins = [];
        foreach (var baseUrl in input.Id is not null ? [] : input.AllowedFor ?? await db.Accounts.Select(account => account.BaseUrl).ToListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (SecretOrigin.Find(baseUrl) is not { } origin) return new Problem(ProblemKind.Invalid, texts["App.Origin.Form", baseUrl], nameof(ProviderAppInput.AllowedFor));
            if (!origins.Contains(origin)) origins.Add(origin);
        }

        var clientId = PastedText.Clean(input.ClientId);
        var clientSecret = PastedText.Clean(input.ClientSecret);
        if (input.Id is { } id)
        {
            var app = await db.ProviderApps.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
            if (app is null) return new Problem(ProblemKind.NotFound, texts["App.Gone"]);
            var changes = new FieldChanges().Add("Name", app.Name, name).Add("ClientId", app.ClientId, clientId).Secret("ClientSecret", clientSecret.Length > 0);
            // Saved as it was, it was not changed.
            if (!changes.IsEmpty) db.Note(actor, clock.GetUtcNow(), ActivityAction.ProviderAppChanged, name, appId: app.Id, changes: changes);
            app.Name = name;
            app.ClientId = clientId;
            if (clientSecret.Length > 0) SealAll(app, clientSecret);
            return await SaveAsync(db, app, cancellationToken).ConfigureAwait(false);
        }

        var now = clock.GetUtcNow();
        var newId = Guid.CreateVersion7(now);
        var added = new ProviderApp
        {
            Id = newId,
            Name = name,
            ClientId = clientId,
            ClientSecret = secrets.Seal(SecretKind.ClientSecret, newId, SecretOrigin.Nowhere, clientSecret),
            CreatedAt = now,
        };
        foreach (var origin in origins) added.Allow(origin, secrets, actor, now);
        db.ProviderApps.Add(added);
        db.Note(actor, now, ActivityAction.ProviderAppAdded, added, 
            new FieldChanges().Add("ClientId", null, clientId).Secret("ClientSecret", true).Add("AllowedFor", null, origins.Select(origin => origin.Text)));
        return await SaveAsync(db, added, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Allows that a provider app's client secret is sent to the origin of a platform account, for all accounts there. It needs a
    /// recent proof of identity, and the approval of a second person where that is configured.
    /// </summary>
    public async Task<Result<Done>> AllowAsync(Guid id, Guid accountId, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalUnlessConfirmedAsync(actor, Operation.ManageProviderApps, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (await db.ProviderApps.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false) is not { } app)
            return new Problem(ProblemKind.NotFound, texts["App.Gone"]);
        var baseUrl = await db.Accounts.Where(row => row.Id == accountId).Select(row => row.BaseUrl).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (SecretOrigin.Find(baseUrl) is not { } origin) return new Problem(ProblemKind.NotFound, texts["Account.Gone"]);
        if (app.CredentialsFor(origin) is not null) return default(Done);
        if (await approvals.UseAsync(db, ApprovalTarget.App(id, origin), actor, cancellationToken).ConfigureAwait(false) is { } unapproved) return unapproved;

        var now = clock.GetUtcNow();
        try
        {
            app.Allow(origin, secrets, actor, now);
        }
        catch (SecretUnreadableException)
        {
            return new Problem(ProblemKind.NotNow, texts["App.SecretUnreadable", app.Name]);
        }

        // Increase the version, so that a concurrent replacement of the secret fails.
        db.Entry(app).State = EntityState.Modified;
        db.Note(actor, now, ActivityAction.ProviderAppOriginAllowed, app.Name, appId: app.Id, accountId: accountId, detail: origin.Text);
        var saved = await SaveAsync(db, app, cancellationToken).ConfigureAwait(false);
        if (!saved.Succeeded) return saved.Problems.ToArray();
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    /// <summary>Asks that a second person approve what <see cref="AllowAsync"/> was refused for.</summary>
    public async Task<Result<Done>> AskApprovalAsync(Guid id, Guid accountId, string? reason, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.ManageProviderApps, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await db.ProviderApps.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false) is not { } app)
            return new Problem(ProblemKind.NotFound, texts["App.Gone"]);
        var baseUrl = await db.Accounts.Where(row => row.Id == accountId).Select(row => row.BaseUrl).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        return SecretOrigin.Find(baseUrl) is { } origin
            ? await approvals.AskAsync(ApprovalTarget.App(id, origin), app.Name, reason, actor, cancellationToken).ConfigureAwait(false)
            : new Problem(ProblemKind.NotFound, texts["Account.Gone"]);
    }

    /// <summary>Takes back that a provider app's client secret may be sent to an origin, and erases the copy for it.</summary>
    public async Task<Result<Done>> DisallowAsync(Guid id, string origin, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.ManageProviderApps, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await db.ProviderApps.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false) is not { } app)
            return new Problem(ProblemKind.NotFound, texts["App.Gone"]);
        if (app.Origins.RemoveAll(allowed => allowed.Origin == origin) == 0) return default(Done);
        db.Entry(app).State = EntityState.Modified;
        db.Note(actor, clock.GetUtcNow(), ActivityAction.ProviderAppOriginRemoved, app.Name, appId: app.Id, detail: origin);
        var saved = await SaveAsync(db, app, cancellationToken).ConfigureAwait(false);
        return saved.Succeeded ? default(Done) : saved.Problems.ToArray();
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

    // Every copy is of the same secret.
    private void SealAll(ProviderApp app, string clientSecret)
    {
        app.ClientSecret = secrets.Seal(SecretKind.ClientSecret, app.Id, SecretOrigin.Nowhere, clientSecret);
        foreach (var allowed in app.Origins) allowed.ClientSecret = secrets.Seal(SecretKind.ClientSecret, app.Id, SecretOrigin.Of(allowed.Origin), clientSecret);
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
        catch (DbUpdateException exception) when (ConstraintViolation.IsUnique(exception))
        {
            return new Problem(ProblemKind.Invalid, texts["App.NameTaken", app.Name], nameof(ProviderAppInput.Name));
        }
    }
}
