using System.Globalization;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using CsvHelper;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Activity;

/// <summary>Writes lines of the record as a file for spreadsheets: what a query shows, from the newest line to the oldest.</summary>
public sealed class ActivityExport(ActivityService record, IDbContextFactory<PortalDb> databases, TimeProvider clock, IStringLocalizer<ProvisioningText> texts, Gate gate)
{
    private const int PageSize = 1000;

    // A cell that a spreadsheet would take for a formula is prefixed with an apostrophe: as in the export of instances.
    private static readonly CsvWriterOptions Csv = CsvWriterOptions.Default with { Injection = CsvInjection.Escape, FormatProvider = CultureInfo.InvariantCulture };

    // Programs read them, so they are in no language.
    private static readonly string[] Columns =
    [
        "line", "at", "person", "from", "action", "succeeded", "subject", "detail", "changes", "instanceId", "attemptId", "jobId", "platformAccountId", "providerAppId", "personId",
    ];

    /// <summary>Begins a download, and writes down who has it, and of what.</summary>
    /// <param name="actor">Who downloads it.</param>
    /// <param name="filter">What it was narrowed down to, as the address says it; empty for everything.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<ExportFile>> BeginAsync(Actor actor, string filter, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Download, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        db.Note(actor, now, ActivityAction.RecordExported, texts["Activity.Record"], detail: filter);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        return new ExportFile(string.Create(CultureInfo.InvariantCulture, $"activity-{now.UtcDateTime:yyyy-MM-dd}.csv"), "text/csv; charset=utf-8");
    }

    /// <summary>Writes the file, a page of lines at a time.</summary>
    public async Task WriteAsync(ActivityQuery query, Stream output, CancellationToken cancellationToken)
    {
        query = query with { Before = null, After = null, PageSize = PageSize };
        var csv = CsvWriter.Create(output, Csv, leaveOpen: true);
        await using (csv.ConfigureAwait(false))
        {
            await csv.WriteRecordAsync([.. Columns], cancellationToken).ConfigureAwait(false);
            while (true)
            {
                var page = await record.ListAsync(query, cancellationToken).ConfigureAwait(false);
                foreach (var line in page.Lines) await csv.WriteRecordAsync([.. Cells(line)], cancellationToken).ConfigureAwait(false);
                if (!page.HasOlder || page.Lines is not [.., var last]) return;
                query = query with { Before = last.Id };
            }
        }
    }

    private static IEnumerable<string?> Cells(ActivityLine line) =>
    [
        line.Id.ToString(CultureInfo.InvariantCulture), line.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), line.PersonName, line.From,
        line.Action.ToString(), line.Succeeded ? "true" : "false", line.Subject, line.Detail,
        line.Changes.Count == 0 ? null : string.Join("; ", line.Changes.Select(change => change.IsSecret ? $"{change.Field}: changed" : $"{change.Field}: {change.Before} → {change.After}")),
        line.InstanceId?.ToString(), line.AttemptId?.ToString(), line.JobId?.ToString(), line.PlatformAccountId?.ToString(), line.ProviderAppId?.ToString(), line.PersonId?.ToString(),
    ];
}
