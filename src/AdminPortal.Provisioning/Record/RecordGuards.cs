using System.Text.RegularExpressions;
using AdminPortal.Domain.Text;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Record;

/// <summary>
/// The triggers that guard the record, as the program expects them in the database. A test compares the list with a
/// database that the migrations made: a migration that changes a guard changes it here too.
/// </summary>
internal static partial class RecordGuards
{
    private static readonly string[] Tables = ["Activity", "ActivityHead", "ActivityMark", "KeyRing", "KeyRingCanary"];

    /// <summary>The expected statements by the trigger's name.</summary>
    public static IReadOnlyDictionary<string, string> Expected { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ActivityTied"] = """
            CREATE TRIGGER "ActivityTied" BEFORE INSERT ON "Activity"
            WHEN length(new."Hash") <> 32 OR EXISTS (SELECT 1 FROM "Activity" WHERE "Id" = new."Id") BEGIN
                SELECT RAISE(ABORT, 'The activity record takes new lines only, each with its hash.');
            END
            """,
        ["ActivityUnchanged"] = """
            CREATE TRIGGER "ActivityUnchanged" BEFORE UPDATE ON "Activity"
            WHEN length(old."Hash") <> 0 OR length(new."Hash") <> 32 OR old."Id" IS NOT new."Id" OR old."At" IS NOT new."At" OR old."PersonId" IS NOT new."PersonId"
                OR old."PersonName" IS NOT new."PersonName" OR old."Action" IS NOT new."Action" OR old."Succeeded" IS NOT new."Succeeded"
                OR old."InstanceId" IS NOT new."InstanceId" OR old."JobId" IS NOT new."JobId" OR old."PlatformAccountId" IS NOT new."PlatformAccountId"
                OR old."Subject" IS NOT new."Subject" OR old."Detail" IS NOT new."Detail" OR old."From" IS NOT new."From"
                OR old."ProviderAppId" IS NOT new."ProviderAppId" OR old."AttemptId" IS NOT new."AttemptId" OR old."Changes" IS NOT new."Changes" BEGIN
                SELECT RAISE(ABORT, 'The activity record is never changed.');
            END
            """,
        ["ActivityKept"] = """
            CREATE TRIGGER "ActivityKept" BEFORE DELETE ON "Activity"
            WHEN old."Id" > coalesce((SELECT "RemovedId" FROM "ActivityHead" WHERE "Id" = 1), 0) BEGIN
                SELECT RAISE(ABORT, 'The activity record is kept.');
            END
            """,
    };

    /// <summary>Compares the triggers of the database with the expected ones.</summary>
    public static IEnumerable<RecordFinding> Find(PortalDb db)
    {
        var stored = Read(db);
        foreach (var (name, sql) in Expected)
        {
            if (stored.Find(trigger => trigger.Name == name) is not { } found) yield return new RecordFinding(RecordFindingKind.GuardMissing, name);
            else if (Normalize(found.Sql) != Normalize(sql)) yield return new RecordFinding(RecordFindingKind.GuardChanged, name);
        }

        // A trigger of another table may write to the record's tables too.
        foreach (var other in stored.Where(trigger => !Expected.ContainsKey(trigger.Name) && IsAboutRecord(trigger)))
            yield return new RecordFinding(RecordFindingKind.GuardUnknown, OutsideText.Clean(other.Name, 60) ?? "", OutsideText.Clean(other.Table, 60) ?? "");
    }

    /// <summary>Restores missing and changed guards and removes unknown triggers. The caller has reported them.</summary>
    public static async Task RestoreAsync(PortalDb db, IEnumerable<RecordFinding> findings, CancellationToken cancellationToken)
    {
        foreach (var finding in findings)
        {
            if (finding.Kind is RecordFindingKind.GuardChanged or RecordFindingKind.GuardUnknown) await DropAsync((string)finding.Arguments[0]).ConfigureAwait(false);
            if (finding.Kind is RecordFindingKind.GuardChanged or RecordFindingKind.GuardMissing)
                await db.RunAsync(Expected[(string)finding.Arguments[0]], cancellationToken).ConfigureAwait(false);
        }

        Task DropAsync(string name) => db.RunAsync($"DROP TRIGGER IF EXISTS \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", cancellationToken);
    }

    private static List<Trigger> Read(PortalDb db) => db.Rows(
        "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name", row => new Trigger(row.GetString(0), row.GetString(1), row.IsDBNull(2) ? "" : row.GetString(2)));

    private static bool IsAboutRecord(Trigger trigger) =>
        Tables.Contains(trigger.Table, StringComparer.OrdinalIgnoreCase) || Tables.Any(table => Regex.IsMatch(trigger.Sql, $@"\b{table}\b", RegexOptions.IgnoreCase));

    private static string Normalize(string sql) => Space().Replace(sql, " ").Trim().TrimEnd(';').TrimEnd();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    private sealed record Trigger(string Name, string Table, string Sql);
}
