using System.Text;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Attempts.Drafts;

/// <summary>Begins a draft with everything that an instance has, but for secrets, which may not be read back.</summary>
public sealed class CloneService(
    IDbContextFactory<PortalDb> databases,
    IElementsPlatform platform,
    ElementCatalog catalog,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    Gate gate)
{
    /// <summary>
    /// Begins a draft like this instance. Element, platform account, provider app, name and tags come from the portal;
    /// server and events from the platform, as far as it answers and tells them.
    /// </summary>
    /// <returns>The draft's id.</returns>
    public async Task<Result<Guid>> StartAsync(Guid instanceId, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Connect, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var instance = await db.Instances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == instanceId, cancellationToken).ConfigureAwait(false);
        if (instance is null) return new Problem(ProblemKind.NotFound, texts["Instance.Gone"]);
        if (catalog.Find(instance.ElementKey) is not { } element) return new Problem(ProblemKind.NotNow, texts["Clone.OtherElement", instance.ElementKey]);

        var source = await DraftSource.ReadAsync(db, platform, element, instance, cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var draft = ProvisioningAttempt.Begin(now, actor.PersonId, instance.ElementKey, instance.PlatformAccountId);
        draft.ProviderAppId = source.AppId;
        draft.Name = CopyOf(instance.Name);
        draft.Tags = PlatformConfiguration.Tags(instance.Tags);
        draft.Configuration = source.Configuration;
        draft.Events = source.Instance is null ? null : PlatformConfiguration.ReadEvents(source.Instance, element);
        // The first step that a person has to look at: a key has to be entered again, a name should be another one.
        draft.Step = source.AppId is null ? WizardStep.Provider : element.NeedsAccountDetails ? WizardStep.Account : WizardStep.Options;
        db.Attempts.Add(draft);
        db.Note(actor, now, ActivityAction.Cloned, instance, attemptId: draft.Id);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        return draft.Id;
    }

    // The name with the word for a copy behind it, within the bound of a name; no character is cut in two.
    private string CopyOf(string name)
    {
        var room = InputRules.MaxInstanceNameLength - texts["Clone.Name", ""].Value.Length;
        var kept = new StringBuilder(room);
        foreach (var rune in name.EnumerateRunes())
        {
            if (kept.Length + rune.Utf16SequenceLength > room) break;
            kept.Append(rune.ToString());
        }

        return texts["Clone.Name", kept.ToString()];
    }
}
