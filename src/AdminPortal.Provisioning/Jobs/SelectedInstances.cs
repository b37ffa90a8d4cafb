using System.Data.Common;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Jobs;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Jobs;

/// <summary>A selection as a query, and as part of statements that EF Core cannot write.</summary>
internal static class SelectedInstances
{
    /// <summary>The rows of a selection, in no order.</summary>
    public static IQueryable<ElementInstance> Of(PortalDb db, InstanceSelection selection) => selection switch
    {
        // One parameter with all of them: their number is not written into the statement.
        { Ids: { } ids } => db.Instances.AsNoTracking().Where(row => EF.Parameter(ids).Contains(row.Id)),
        { Query: { } query } => Matching(db, query).AsNoTracking(),
        _ => throw new ArgumentException("A selection names instances or a query.", nameof(selection)),
    };

    /// <summary>Makes a job's rows of a selection in one statement, whatever their number.</summary>
    /// <returns>How many there are.</returns>
    public static async Task<int> InsertItemsAsync(
        PortalDb db, InstanceSelection selection, Guid jobId, JobItemState state, DateTimeOffset? doneAt, CancellationToken cancellationToken)
    {
        await using var command = Command(
            db,
            selection,
            """
            INSERT INTO "JobItems" ("JobId", "InstanceNumber", "InstanceId", "InstanceName", "State", "DoneAt")
            SELECT @bulkJob, "s"."Number", "s"."Id", "s"."Name", @bulkState, @bulkDoneAt FROM (
            """,
            ") AS \"s\"",
            ("@bulkJob", jobId),
            ("@bulkState", state.ToString()),
            ("@bulkDoneAt", doneAt is { } time ? time.UtcTicks : DBNull.Value));
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many of a selection have all of these tags, or none of them.</summary>
    public static async Task<int> CountTaggedAsync(PortalDb db, InstanceSelection selection, IReadOnlyList<string> tags, bool all, CancellationToken cancellationToken)
    {
        var names = tags.Select((_, i) => $"@bulkTag{i}").ToList();
        await using var command = Command(
            db,
            selection,
            "SELECT count(*) FROM (",
            $"""
            ) AS "s" WHERE (SELECT count(*) FROM "InstanceTags" AS "t" WHERE "t"."InstanceNumber" = "s"."Number" AND "t"."Tag" IN ({string.Join(", ", names)})) = @bulkHits
            """,
            [.. tags.Select((tag, i) => (names[i], (object)tag)), ("@bulkHits", all ? tags.Count : 0)]);
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        return Convert.ToInt32(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static IQueryable<ElementInstance> Matching(PortalDb db, InstanceListQuery query)
    {
        var matching = InstanceListSql.Matching(query);
#pragma warning disable EF1002 // Put together from the list's own words and parameter names alone.
        return db.Instances.FromSqlRaw(
            $"SELECT * FROM \"Instances\" WHERE \"Number\" IN ({matching.Text})",
            [.. matching.Values.Select((value, position) => (object)new SqliteParameter($"$p{position}", value))]);
#pragma warning restore EF1002
    }

    private static DbCommand Command(PortalDb db, InstanceSelection selection, string before, string behind, params (string Name, object Value)[] parameters)
    {
        var command = Of(db, selection).Select(row => new { row.Number, row.Id, row.Name }).CreateDbCommand();
#pragma warning disable CA2100 // EF Core's own statement, with parameters, between two constants.
        command.CommandText = before + "\n" + command.CommandText + "\n" + behind;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
