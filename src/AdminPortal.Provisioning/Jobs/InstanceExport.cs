using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Jobs;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using CsvHelper;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Jobs;

/// <summary>
/// Writes the instances of an export, as they are at the time of the download: which ones was settled when the job was
/// made. Those that are deleted since are left out. The columns are named one by one: no secret is ever read here.
/// </summary>
public sealed class InstanceExport(IDbContextFactory<PortalDb> databases, ElementCatalog catalog, TimeProvider clock, IStringLocalizer<ProvisioningText> texts, Gate gate)
{
    private const int PageSize = 500;

    // RFC 4180 and UTF-8 are how it writes anyway. A cell that a spreadsheet would take for a formula, because it begins
    // with = @ + - or a tab or CR, is prefixed with an apostrophe, so that it is shown and not worked out.
    private static readonly CsvWriterOptions Csv = CsvWriterOptions.Default with { Injection = CsvInjection.Escape, FormatProvider = CultureInfo.InvariantCulture };

    /// <summary>Begins a download, and writes down who has it.</summary>
    /// <returns>The file's name and type; a problem where there is no such export.</returns>
    public async Task<Result<ExportFile>> BeginAsync(Guid jobId, ExportFormat format, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Download, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var job = await db.Jobs.AsNoTracking().SingleOrDefaultAsync(row => row.Id == jobId, cancellationToken).ConfigureAwait(false);
        if (job is null) return new Problem(ProblemKind.NotFound, texts["Job.Gone"]);
        if (job.Kind != JobKind.Export) return new Problem(ProblemKind.NotFound, texts["Job.NoExport"]);

        var now = clock.GetUtcNow();
        var extension = format == ExportFormat.Json ? "json" : "csv";
        db.Note(
            actor, now, ActivityAction.Exported, texts["Job.Export"], jobId: jobId,
            detail: $"{(job.Total == 1 ? texts["Job.For.One"] : texts["Job.For", job.Total])} {extension.ToUpperInvariant()}");
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        return new ExportFile(
            string.Create(CultureInfo.InvariantCulture, $"instances-{now.UtcDateTime:yyyy-MM-dd}.{extension}"),
            format == ExportFormat.Json ? "application/json; charset=utf-8" : "text/csv; charset=utf-8");
    }

    /// <summary>Writes the file, row by row; no more than one page of rows is in memory.</summary>
    public Task WriteAsync(Guid jobId, ExportFormat format, Stream output, CancellationToken cancellationToken) =>
        format == ExportFormat.Json ? WriteJsonAsync(jobId, output, cancellationToken) : WriteCsvAsync(jobId, output, cancellationToken);

    private async Task WriteCsvAsync(Guid jobId, Stream output, CancellationToken cancellationToken)
    {
        var csv = CsvWriter.Create(output, Csv, leaveOpen: true);
        await using (csv.ConfigureAwait(false))
        {
            await csv.WriteRecordAsync([.. ExportRow.Columns], cancellationToken).ConfigureAwait(false);
            await foreach (var row in ReadAsync(jobId, cancellationToken).ConfigureAwait(false))
            {
                await csv.WriteRecordAsync(
                    [
                        row.PlatformId.ToString(CultureInfo.InvariantCulture), row.Name, string.Join(", ", row.Tags), row.ElementKey, row.ElementName, row.AccountServer,
                        row.State.ToString(), row.PlatformAccount, Time(row.CreatedAt), Time(row.LastCheckedAt), row.RefreshedAt is { } refreshed ? Time(refreshed) : null,
                        row.HasLegacyKey ? "true" : "false", row.PortalId.ToString(),
                    ],
                    cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task WriteJsonAsync(Guid jobId, Stream output, CancellationToken cancellationToken)
    {
        var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        await using (json.ConfigureAwait(false))
        {
            json.WriteStartArray();
            await foreach (var row in ReadAsync(jobId, cancellationToken).ConfigureAwait(false))
            {
                json.WriteStartObject();
                json.WriteNumber(ExportRow.Columns[0], row.PlatformId);
                json.WriteString(ExportRow.Columns[1], row.Name);
                json.WriteStartArray(ExportRow.Columns[2]);
                foreach (var tag in row.Tags) json.WriteStringValue(tag);
                json.WriteEndArray();
                json.WriteString(ExportRow.Columns[3], row.ElementKey);
                json.WriteString(ExportRow.Columns[4], row.ElementName);
                json.WriteString(ExportRow.Columns[5], row.AccountServer);
                json.WriteString(ExportRow.Columns[6], row.State.ToString());
                json.WriteString(ExportRow.Columns[7], row.PlatformAccount);
                json.WriteString(ExportRow.Columns[8], Time(row.CreatedAt));
                json.WriteString(ExportRow.Columns[9], Time(row.LastCheckedAt));
                json.WriteString(ExportRow.Columns[10], row.RefreshedAt is { } refreshed ? Time(refreshed) : null);
                json.WriteBoolean(ExportRow.Columns[11], row.HasLegacyKey);
                json.WriteString(ExportRow.Columns[12], row.PortalId);
                json.WriteEndObject();
                if (json.BytesPending > 32 * 1024) await json.FlushAsync(cancellationToken).ConfigureAwait(false);
            }

            json.WriteEndArray();
            await json.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async IAsyncEnumerable<ExportRow> ReadAsync(Guid jobId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = 0L;
        while (true)
        {
            // A page at a time: a slow download holds no transaction open.
            await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
            var items = await db.JobItems.AsNoTracking().Where(item => item.JobId == jobId && item.InstanceNumber > after)
                .OrderBy(item => item.InstanceNumber).Take(PageSize).Select(item => new { item.InstanceNumber, item.InstanceId }).ToListAsync(cancellationToken).ConfigureAwait(false);
            if (items.Count == 0) yield break;
            after = items[^1].InstanceNumber;
            var ids = items.Select(item => item.InstanceId).ToList();
            var rows = await db.Instances.AsNoTracking().Where(instance => EF.Parameter(ids).Contains(instance.Id))
                .Join(db.Accounts, instance => instance.PlatformAccountId, account => account.Id, (instance, account) => new { Instance = instance, account.Name })
                .OrderBy(pair => pair.Instance.Number)
                .Select(pair => new
                {
                    pair.Instance.PlatformId, pair.Instance.Name, pair.Instance.Tags, pair.Instance.ElementKey, pair.Instance.AccountServer, pair.Instance.State,
                    AccountName = pair.Name, pair.Instance.CreatedAt, pair.Instance.LastCheckedAt, pair.Instance.RefreshedAt, pair.Instance.HasLegacyKey, pair.Instance.Id,
                })
                .ToListAsync(cancellationToken).ConfigureAwait(false);
            foreach (var row in rows)
            {
                yield return new ExportRow(
                    row.PlatformId, row.Name, row.Tags, row.ElementKey, catalog.NameOf(row.ElementKey), row.AccountServer, row.State, row.AccountName, row.CreatedAt,
                    row.LastCheckedAt, row.RefreshedAt, row.HasLegacyKey, row.Id);
            }
        }
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>What one line of an export holds; times are UTC.</summary>
    private sealed record ExportRow(
        long PlatformId, string Name, IReadOnlyList<string> Tags, string ElementKey, string ElementName, string? AccountServer, InstanceState State,
        string PlatformAccount, DateTimeOffset CreatedAt, DateTimeOffset LastCheckedAt, DateTimeOffset? RefreshedAt, bool HasLegacyKey, Guid PortalId)
    {
        /// <summary>The columns, named alike in both formats. Programs read them, so they are in no language.</summary>
        public static IReadOnlyList<string> Columns { get; } =
        [
            "platformId", "name", "tags", "elementKey", "elementName", "accountServer", "state", "platformAccount", "createdAt", "lastCheckedAt", "refreshedAt",
            "legacyKey", "portalId",
        ];
    }
}
