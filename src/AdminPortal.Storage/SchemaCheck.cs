using Microsoft.EntityFrameworkCore.Migrations;

namespace AdminPortal.Storage;

/// <summary>How the schema of a database relates to this program.</summary>
internal enum SchemaState
{
    /// <summary>The file has no tables.</summary>
    New,

    /// <summary>This program has migrations that the database does not have, or a higher level than it declares.</summary>
    Older,

    /// <summary>The database is of this program's level.</summary>
    Current,

    /// <summary>The database is of a newer program, which allows this one to work beside it.</summary>
    NewerAllowed,

    /// <summary>The database is of a newer program, and this one must not open it.</summary>
    NewerRefused,

    /// <summary>The file is a database of another program.</summary>
    Foreign,
}

/// <summary>Whether this program may open a database. Nothing is written to find out.</summary>
/// <param name="State">How the schema relates to this program.</param>
/// <param name="Refusal">Why this program must not open it, and what to do; null where it may.</param>
internal sealed record SchemaCheck(SchemaState State, string? Refusal)
{
    private const string History = HistoryRepository.DefaultTableName;

    private const string AnyTableSql = """SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' LIMIT 1""";

    /// <summary>Looks at the tables, the declaration and the applied migrations of a database.</summary>
    public static SchemaCheck Examine(PortalDb db)
    {
        if (db.Rows(AnyTableSql, row => row.GetInt32(0)).Count == 0) return new SchemaCheck(SchemaState.New, null);
        var declared = SchemaDeclaration.Read(db);
        if (!db.HasTable(History))
        {
            // A start that was killed before its first migration leaves a declaration alone.
            return declared is null
                ? new SchemaCheck(SchemaState.Foreign, "The file is a SQLite database, but not one of AdminPortal's. Set Portal:DataDirectory to a directory of its own.")
                : From(declared, [], DatabaseUpgrade.Known);
        }

        var applied = db.Rows($"SELECT \"MigrationId\" FROM \"{History}\"", row => row.GetString(0));
        return From(declared, applied, DatabaseUpgrade.Known);
    }

    /// <summary>Throws where this program must not open the database.</summary>
    /// <exception cref="SchemaRefusedException">With the reason and what to do.</exception>
    public SchemaCheck ThrowIfRefused() => Refusal is null ? this : throw new SchemaRefusedException(Refusal);

    private static SchemaCheck From(SchemaDeclaration? declared, IReadOnlyCollection<string> applied, IReadOnlySet<string> known)
    {
        var isComplete = known.All(applied.Contains);
        if (declared is { Level: > SchemaLevel.Current })
        {
            // Without this program's own migrations, the newer program's upgrade has not finished.
            return declared.OldestProgramLevel > SchemaLevel.Current || !isComplete
                ? Refuse($"The database was upgraded by AdminPortal {declared.Program} and may be opened by {declared.OldestProgram} or newer. This is {SchemaLevel.ProgramVersion}. "
                    + $"Start AdminPortal {declared.OldestProgram} or newer, or restore a backup from before the upgrade: AdminPortal restore <file>. Nothing was written.")
                : new SchemaCheck(SchemaState.NewerAllowed, null);
        }

        // A migration that this program does not know is allowed only where the declaration explains it.
        if (applied.Where(one => !known.Contains(one)).Order(StringComparer.Ordinal).LastOrDefault() is { } unknown)
        {
            return Refuse($"The database was upgraded by another version of AdminPortal: this one, {SchemaLevel.ProgramVersion}, does not know the migration \"{unknown}\". "
                + "Start the version that made it, or restore a backup from before the upgrade: AdminPortal restore <file>. Nothing was written.");
        }

        return new SchemaCheck(declared is { Level: SchemaLevel.Current } && isComplete ? SchemaState.Current : SchemaState.Older, null);
    }

    private static SchemaCheck Refuse(string sentence) => new(SchemaState.NewerRefused, sentence);
}
