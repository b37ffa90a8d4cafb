using AdminPortal.Domain.Access;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Text;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Record;

/// <summary>Writes the record of what was done, in the caller's transaction.</summary>
internal static class ActivityRecord
{
    /// <summary>Adds a line about an instance; it is saved with the caller's other changes.</summary>
    public static void Note(
        this PortalDb db, Actor actor, DateTimeOffset at, ActivityAction action, ElementInstance instance, bool succeeded = true, string? detail = null,
        FieldChanges? changes = null, Guid? attemptId = null) =>
        db.Note(actor, at, action, instance.Name, succeeded, detail, instance.Id, accountId: instance.PlatformAccountId, attemptId: attemptId, changes: changes);

    /// <summary>Adds a line about a platform account.</summary>
    public static void Note(this PortalDb db, Actor actor, DateTimeOffset at, ActivityAction action, PlatformAccount account, FieldChanges? changes = null) =>
        db.Note(actor, at, action, account.Name, accountId: account.Id, changes: changes);

    /// <summary>Adds a line about a provider app.</summary>
    public static void Note(this PortalDb db, Actor actor, DateTimeOffset at, ActivityAction action, ProviderApp app, FieldChanges? changes = null) =>
        db.Note(actor, at, action, app.Name, appId: app.Id, changes: changes);

    /// <summary>Adds a line about an attempt.</summary>
    public static void Note(
        this PortalDb db, Actor actor, DateTimeOffset at, ActivityAction action, ProvisioningAttempt attempt, bool succeeded = true, string? detail = null, FieldChanges? changes = null) =>
        db.Note(
            actor, at, action, attempt.Name.Length > 0 ? attempt.Name : attempt.ElementKey, succeeded, detail, attempt.TargetInstanceId,
            accountId: attempt.PlatformAccountId, appId: attempt.ProviderAppId, attemptId: attempt.Id, changes: changes);

    /// <summary>Adds a line about anything.</summary>
    public static void Note(
        this PortalDb db, Actor actor, DateTimeOffset at, ActivityAction action, string subject, bool succeeded = true, string? detail = null,
        Guid? instanceId = null, Guid? jobId = null, Guid? accountId = null, Guid? appId = null, Guid? attemptId = null, FieldChanges? changes = null) =>
        db.Activity.Add(new ActivityEntry
        {
            At = at,
            PersonId = actor.PersonId,
            PersonName = OutsideText.Clean(actor.Name, ActivityEntry.MaxSubjectLength),
            From = OutsideText.Clean(actor.From, ActivityEntry.MaxFromLength),
            Action = action,
            Succeeded = succeeded,
            InstanceId = instanceId,
            JobId = jobId,
            PlatformAccountId = accountId,
            ProviderAppId = appId,
            AttemptId = attemptId,
            Subject = OutsideText.Clean(subject, ActivityEntry.MaxSubjectLength) ?? "",
            Detail = OutsideText.Clean(detail, ActivityEntry.MaxDetailLength),
            Changes = changes?.Write(),
        });
}
