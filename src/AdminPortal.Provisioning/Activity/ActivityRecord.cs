using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Storage;

namespace AdminPortal.Provisioning.Activity;

/// <summary>Writes the record of what was done, in the caller's transaction.</summary>
internal static class ActivityRecord
{
    /// <summary>Adds a line about an instance; it is saved with the caller's other changes.</summary>
    public static void Note(
        this PortalDb db, Actor actor, DateTimeOffset at, ActivityAction action, ElementInstance instance, bool succeeded = true, string? detail = null) =>
        db.Note(actor, at, action, instance.Name, succeeded, detail, instance.Id, accountId: instance.PlatformAccountId);

    /// <summary>Adds a line about anything.</summary>
    public static void Note(
        this PortalDb db, Actor actor, DateTimeOffset at, ActivityAction action, string subject, bool succeeded = true, string? detail = null,
        Guid? instanceId = null, Guid? jobId = null, Guid? accountId = null) =>
        db.Activity.Add(new ActivityEntry
        {
            At = at,
            PersonId = actor.PersonId,
            PersonName = OutsideText.Clean(actor.Name, ActivityEntry.MaxSubjectLength),
            Action = action,
            Succeeded = succeeded,
            InstanceId = instanceId,
            JobId = jobId,
            PlatformAccountId = accountId,
            Subject = OutsideText.Clean(subject, ActivityEntry.MaxSubjectLength) ?? "",
            Detail = OutsideText.Clean(detail, ActivityEntry.MaxDetailLength),
        });
}
