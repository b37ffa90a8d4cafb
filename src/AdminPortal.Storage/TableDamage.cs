using AdminPortal.Domain.Text;
using Microsoft.Data.Sqlite;

namespace AdminPortal.Storage;

/// <summary>
/// Looks for damaged pages, one table with its indexes at a time, with SQLite's <c>quick_check</c>: every page is read and
/// its structure proved. What a page's values say is not compared with anything, because SQLite keeps no checksums.
/// </summary>
internal static class TableDamage
{
    // A virtual table has no pages: it keeps its rows in ordinary tables, which are checked as such.
    private const string TablesSql = """SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name""";

    private const int MaxLength = 300;
    private const string Unnamed = "SQLite does not say what";

    /// <summary>The tables that have pages, SQLite's own among them.</summary>
    public static IReadOnlyList<string> Tables(SqliteConnection connection)
    {
        List<string> tables = ["sqlite_schema"];
        using var command = connection.CreateCommand();
        command.CommandText = TablesSql;
        using var reader = command.ExecuteReader();
        while (reader.Read()) tables.Add(reader.GetString(0));
        return tables;
    }

    /// <summary>Checks one table.</summary>
    /// <returns>What SQLite found, shortened; null where it found nothing.</returns>
    public static string? Find(SqliteConnection connection, string table)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A pragma takes no parameters; the name is one of the schema's own, with its quotes doubled.
        command.CommandText = $"PRAGMA quick_check('{table.Replace("'", "''", StringComparison.Ordinal)}')";
#pragma warning restore CA2100
        try
        {
            using var reader = command.ExecuteReader();
            if (reader.Read() && reader.GetString(0) is var first && first != "ok") return OutsideText.Clean(first, MaxLength) ?? Unnamed;
            return null;
        }
        catch (SqliteException exception) when (StorageProblems.Find(exception) == StorageProblem.Corrupt)
        {
            return OutsideText.Clean(exception.Message, MaxLength) ?? Unnamed;
        }
    }
}
