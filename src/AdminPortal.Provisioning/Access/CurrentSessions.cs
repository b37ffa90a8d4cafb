using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Users;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Access;

/// <summary>Which sessions hold: the one place that says so.</summary>
internal static class CurrentSessions
{
    /// <summary>Sessions that nobody ended, of people who may sign in and were not changed since, within both limits.</summary>
    public static IQueryable<PersonSession> Current(this PortalDb db, SessionOptions limits, DateTimeOffset now)
    {
        var seenAfter = now - limits.IdleLimit;
        var openedAfter = now - limits.AbsoluteLimit;
        return db.Sessions.Where(session => session.EndedAt == null && session.SeenAt > seenAfter && session.OpenedAt > openedAfter
            && db.Users.Any(person => person.Id == session.PersonId && person.SecurityStamp == session.SecurityStamp && person.DisabledAt == null));
    }
}
