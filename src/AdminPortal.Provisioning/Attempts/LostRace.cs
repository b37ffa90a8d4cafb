using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>Recognizes that another process has saved or removed an attempt, or stored its instance, since it was read.</summary>
internal static class LostRace
{
    /// <summary>
    /// Whether saving failed because of another process. A removed attempt shows as a history entry without its attempt; an instance that
    /// another process has stored meanwhile, for example by adopting it after a sync, as a second row with the same platform id.
    /// </summary>
    public static bool Is(DbUpdateException exception) =>
        exception is DbUpdateConcurrencyException
        || ConstraintViolation.IsForeignKey(exception) || ConstraintViolation.IsUnique(exception);
}
