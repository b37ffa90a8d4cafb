using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Storage;

/// <summary>
/// What a database says about the programs that may open it. The table is outside the EF Core model and its migrations: a
/// program reads it before it knows whether the model fits the file, and so the table never changes its form.
/// </summary>
/// <param name="Level">The schema level of the database.</param>
/// <param name="OldestProgramLevel">The lowest level of a program that may open it.</param>
/// <param name="Program">The version that wrote this declaration.</param>
/// <param name="OldestProgram">The oldest version that may open it.</param>
internal sealed record SchemaDeclaration(int Level, int OldestProgramLevel, string Program, string OldestProgram)
{
    public const string Table = "SchemaDeclaration";

    private const string ReadSql = $"""SELECT "Level", "OldestProgramLevel", "Program", "OldestProgram" FROM "{Table}" WHERE "Id" = 1""";

    private const string CreateSql =
        $"""
        CREATE TABLE IF NOT EXISTS "{Table}" (
            "Id" INTEGER NOT NULL PRIMARY KEY CHECK ("Id" = 1),
            "Level" INTEGER NOT NULL,
            "OldestProgramLevel" INTEGER NOT NULL,
            "Program" TEXT NOT NULL,
            "OldestProgram" TEXT NOT NULL,
            "WrittenAt" TEXT NOT NULL)
        """;

    // A newer program may have declared more since this one looked: a declaration is raised and never lowered.
    private const string RaiseSql =
        $"""
        INSERT INTO "{Table}" ("Id", "Level", "OldestProgramLevel", "Program", "OldestProgram", "WrittenAt")
        VALUES (1, $level, $oldestLevel, $program, $oldest, $at)
        ON CONFLICT ("Id") DO UPDATE SET
            "Level" = excluded."Level", "OldestProgramLevel" = excluded."OldestProgramLevel", "Program" = excluded."Program",
            "OldestProgram" = excluded."OldestProgram", "WrittenAt" = excluded."WrittenAt"
        WHERE excluded."Level" > "{Table}"."Level"
        """;

    /// <summary>What this program declares.</summary>
    public static SchemaDeclaration Own { get; } =
        new(SchemaLevel.Current, SchemaLevel.OldestProgram, SchemaLevel.ProgramVersion, SchemaLevel.OldestProgramVersion);

    /// <summary>Reads the declaration.</summary>
    /// <returns>Null in a database that has none: a new one, or one of release 0.1.</returns>
    public static SchemaDeclaration? Read(PortalDb db) => db.HasTable(Table)
        ? db.Rows(ReadSql, row => new SchemaDeclaration(row.GetInt32(0), row.GetInt32(1), row.GetString(2), row.GetString(3))).SingleOrDefault()
        : null;

    /// <summary>Writes this declaration, unless the database declares a higher level already.</summary>
    public async Task RaiseAsync(PortalDb db, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _ = await db.RunAsync(CreateSql, cancellationToken).ConfigureAwait(false);
            _ = await db.RunAsync(
                RaiseSql, cancellationToken,
                ("$level", Level), ("$oldestLevel", OldestProgramLevel), ("$program", Program), ("$oldest", OldestProgram),
                ("$at", TimeProvider.System.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture))).ConfigureAwait(false);
        }
        finally
        {
            await db.Database.CloseConnectionAsync().ConfigureAwait(false);
        }
    }
}
