using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Instances;

/// <summary>Each person's own named sets of filters for the list.</summary>
public sealed class SavedViewService(IDbContextFactory<PortalDb> databases, TimeProvider clock, IStringLocalizer<ProvisioningText> texts, Gate gate)
{
    /// <summary>A person's views, by name.</summary>
    public async Task<IReadOnlyList<SavedView>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.SavedViews.AsNoTracking().Where(view => view.PersonId == actor.PersonId).OrderBy(view => view.Name).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Keeps a query under a name; a view that has the name already takes the new query.</summary>
    /// <param name="actor">Whose view it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="query">The list's query string.</param>
    /// <param name="isDefault">Whether the list opens with it from now on.</param>
    /// <param name="cancellationToken">Gives up before anything is saved.</param>
    public async Task<Result<Guid>> SaveAsync(Actor actor, string name, string query, bool isDefault, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.KeepViews, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        if (actor.PersonId is not { } person) return new Problem(ProblemKind.NotNow, texts["View.NoPerson"]);
        name = name.Trim();
        if (name.Length == 0) return Invalid(texts["Rule.Required", texts["View.Name"]]);
        if (name.Length > SavedView.MaxNameLength) return Invalid(texts["Rule.TooLong", Rules.Capital(texts["View.Name"]), SavedView.MaxNameLength]);
        if (Rules.HasControls(name)) return Invalid(texts["Rule.Control", Rules.Capital(texts["View.Name"])]);
        if (query.Length > SavedView.MaxQueryLength) return new Problem(ProblemKind.Invalid, texts["View.TooLong"]);

        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var views = await db.SavedViews.Where(view => view.PersonId == actor.PersonId).ToListAsync(cancellationToken).ConfigureAwait(false);
        var view = views.Find(known => known.Name == name);
        if (view is null)
        {
            if (views.Count >= SavedView.MaxPerPerson) return new Problem(ProblemKind.Invalid, texts["View.TooMany", SavedView.MaxPerPerson]);
            view = new SavedView { Id = Guid.CreateVersion7(clock.GetUtcNow()), PersonId = person, Name = name, Query = query };
            db.SavedViews.Add(view);
        }

        view.Query = query;
        if (isDefault) views.ForEach(other => other.IsDefault = false);
        view.IsDefault = isDefault;
        db.Note(actor, clock.GetUtcNow(), ActivityAction.ViewSaved, name, changes: new FieldChanges().Add("Query", Before(db, view), query));
        try
        {
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            return view.Id;
        }
        catch (DbUpdateException exception) when (ConstraintViolation.IsUnique(exception))
        {
            return Invalid(texts["View.Twice", name]);
        }
    }

    /// <summary>Makes a view the one that the list opens with, or none of them for null.</summary>
    public async Task<Result<Done>> SetDefaultAsync(Actor actor, Guid? id, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.KeepViews, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var views = await db.SavedViews.Where(view => view.PersonId == actor.PersonId).ToListAsync(cancellationToken).ConfigureAwait(false);
        views.ForEach(view => view.IsDefault = view.Id == id);
        if (db.ChangeTracker.HasChanges())
        {
            db.Note(
                actor, clock.GetUtcNow(), ActivityAction.ViewSaved, views.Find(view => view.IsDefault)?.Name ?? texts["View.NoDefault"],
                changes: new FieldChanges().Add("DefaultView", views.Find(view => db.Entry(view).OriginalValues.GetValue<bool>(nameof(SavedView.IsDefault)))?.Name, views.Find(view => view.IsDefault)?.Name));
        }

        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    /// <summary>Removes a view; one that is gone already is gone.</summary>
    public async Task<Result<Done>> DeleteAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.KeepViews, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var view = await db.SavedViews.SingleOrDefaultAsync(row => row.PersonId == actor.PersonId && row.Id == id, cancellationToken).ConfigureAwait(false);
        if (view is null) return default(Done);
        db.SavedViews.Remove(view);
        db.Note(actor, clock.GetUtcNow(), ActivityAction.ViewRemoved, view.Name);
        try
        {
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Removed at the same moment by another click, which has its line.
        }

        return default(Done);
    }

    private static string? Before(PortalDb db, SavedView view) =>
        db.Entry(view) is { State: not EntityState.Added } entry ? entry.OriginalValues.GetValue<string>(nameof(SavedView.Query)) : null;

    private static Problem Invalid(string message) => new(ProblemKind.Invalid, message, nameof(SavedView.Name));
}
