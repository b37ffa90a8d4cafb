using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>Recognises that somebody else has saved an attempt, or removed it, since it was read.</summary>
internal static class LostRace
{
    private const int ConstraintForeignKey = 787;

    /// <summary>A removed one shows by the line of its history, which has nothing to belong to any more.</summary>
    public static bool Is(DbUpdateException exception) =>
        exception is DbUpdateConcurrencyException || exception.InnerException is SqliteException { SqliteExtendedErrorCode: ConstraintForeignKey };
}
