using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Storage;

/// <summary>Recognizes which constraint of the database has refused a change.</summary>
/// <remarks>https://www.sqlite.org/rescode.html</remarks>
internal static class ConstraintViolation
{
    private const int ForeignKey = 787;
    private const int Unique = 2067;

    /// <summary>Whether another row has the same key: two people have saved the same name at the same moment, for example.</summary>
    public static bool IsUnique(DbUpdateException exception) => exception.InnerException is SqliteException { SqliteExtendedErrorCode: Unique };

    /// <summary>Whether the row that this one belongs to has been removed.</summary>
    public static bool IsForeignKey(DbUpdateException exception) => exception.InnerException is SqliteException { SqliteExtendedErrorCode: ForeignKey };
}
