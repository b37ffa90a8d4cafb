using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Storage;

/// <summary>Recognises that two people saved the same name at the same moment, and the index let one of them in.</summary>
internal static class UniqueName
{
    private const int ConstraintUnique = 2067;

    public static bool IsTaken(DbUpdateException exception) => exception.InnerException is SqliteException { SqliteExtendedErrorCode: ConstraintUnique };
}
