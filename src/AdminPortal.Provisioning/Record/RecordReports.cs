using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Record;

/// <summary>Makes findings visible: in the log, on the pages of administrators, and as rows of the record itself.</summary>
internal sealed class RecordReports(RecordStatus status, TimeProvider clock, IStringLocalizer<ProvisioningText> texts, ILogger<RecordReports> logger)
{
    /// <summary>Logs a finding and shows it to administrators; once.</summary>
    /// <returns>Its sentence.</returns>
    public string Report(RecordFinding finding)
    {
        var text = finding.Text(texts);
        if (status.Current.Problems.Contains(text)) return text;
        if (IsAboutRecord(finding)) ActivityLogging.Altered(logger, text);
        else ActivityLogging.NeedsAttention(logger, text);
        status.Report(text);
        return text;
    }

    /// <summary>
    /// Adds a row for each finding that no row of the present chain states yet. A row is the evidence that lasts: it is under
    /// the chain, and doctor reports it until the record is accepted.
    /// </summary>
    /// <returns>How many were added to the context; the caller saves.</returns>
    public int Note(PortalDb db, IEnumerable<RecordFinding> findings)
    {
        // Rows outside of the chain prove nothing: they are from before an accepted change, or anyone can have written them.
        const string Noted =
            """
            SELECT a."Detail" FROM "ActivityHead" h JOIN "Activity" a ON a."Id" BETWEEN h."FirstId" AND h."LastId" WHERE h."Id" = 1 AND a."Action" = 'RecordAltered'
            """;
        var noted = db.Rows(Noted, row => row.IsDBNull(0) ? "" : row.GetString(0)).ToHashSet(StringComparer.Ordinal);
        var count = 0;
        foreach (var finding in findings.Where(IsAboutRecord))
        {
            var entry = ActivityKey.Entry(finding.Text(texts), clock.GetUtcNow(), texts);
            if (!noted.Add(entry.Detail ?? "")) continue;
            db.Activity.Add(entry);
            count++;
        }

        return count;
    }

    // The others are about a setting or about files outside of the database.
    private static bool IsAboutRecord(RecordFinding finding) => finding.Kind is not
        (RecordFindingKind.MarkNotSigned or RecordFindingKind.AnchorDamaged or RecordFindingKind.AnchorNotGenuine or RecordFindingKind.AnchorsMissing);
}
