using System.Data.Common;
using AdminPortal.Domain.Activity;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Activity;

/// <summary>
/// The record's pages, written for SQLite: newest first by time and number, cut by the line at their edge. Whatever is
/// asked for names the one index to walk, which has that order; what is asked for beside it is looked at on the way.
/// </summary>
/// <remarks>Another database answers the same <see cref="ActivityQuery"/> in its own way: this class is the seam.</remarks>
internal static class ActivityListSql
{
    // Word for word the filter of the partial indexes: only then they are taken.
    private const string Overview = "(\"JobId\" IS NULL OR \"InstanceId\" IS NULL)";

    private const string Columns =
        """
        a."Id", a."At", a."PersonName", a."From", a."Action", a."Succeeded", a."InstanceId", EXISTS (SELECT 1 FROM "Instances" o WHERE o."Id" = a."InstanceId"),
            a."JobId", EXISTS (SELECT 1 FROM "Jobs" o WHERE o."Id" = a."JobId"), a."PlatformAccountId", EXISTS (SELECT 1 FROM "Accounts" o WHERE o."Id" = a."PlatformAccountId"),
            a."ProviderAppId", EXISTS (SELECT 1 FROM "ProviderApps" o WHERE o."Id" = a."ProviderAppId"),
            a."AttemptId", EXISTS (SELECT 1 FROM "Attempts" o WHERE o."Id" = a."AttemptId"), a."Subject", a."Detail", a."Changes", a."PersonId"
        """;

    /// <summary>The statement of one page, one line longer than the page.</summary>
    /// <param name="query">What is asked.</param>
    /// <param name="edge">Time and number of the line that the page begins or ends at; null for none.</param>
    /// <param name="backwards">Whether newer lines than the edge are wanted; they come oldest first.</param>
    public static Statement Page(ActivityQuery query, (long At, long Id)? edge, bool backwards)
    {
        var statement = new Statement();
        List<string> conditions = [];
        var index = Index(query);
        // One thing's own lines, and those of one sort, are all shown; otherwise a job stands there once.
        if (index is "IX_Activity_Overview" or "IX_Activity_ByPerson" or "IX_Activity_ByAccount") conditions.Add(Overview);
        Equal("InstanceId", query.InstanceId);
        Equal("AttemptId", query.AttemptId);
        Equal("ProviderAppId", query.ProviderAppId);
        Equal("JobId", query.JobId);
        if (query.JobId is not null) conditions.Add("\"InstanceId\" IS NULL");
        Equal("PlatformAccountId", query.PlatformAccountId);
        Equal("PersonId", query.PersonId);
        if (query.WithoutPerson) conditions.Add("\"PersonId\" IS NULL");
        if (query.Action is { } action) conditions.Add($"\"Action\" = {statement.Add(action.ToString())}");
        if (query.Subject is { } subject) conditions.Add($"\"Subject\" = {statement.Add(subject)} COLLATE NOCASE");
        if (query.From is { } from) conditions.Add($"\"At\" >= {statement.Add(from.ToDateTime(TimeOnly.MinValue).Ticks)}");
        if (query.To is { } to && to < DateOnly.MaxValue) conditions.Add($"\"At\" < {statement.Add(to.AddDays(1).ToDateTime(TimeOnly.MinValue).Ticks)}");
        if (edge is { } at) conditions.Add($"(\"At\", \"Id\") {(backwards ? ">" : "<")} ({statement.Add(at.At)}, {statement.Add(at.Id)})");

        var order = backwards ? "ASC" : "DESC";
        statement.Text =
            $"""
            SELECT {Columns} FROM "Activity" a WHERE a."Id" IN (
                SELECT "Id" FROM "Activity" INDEXED BY "{index}" WHERE {(conditions.Count == 0 ? "1" : string.Join(" AND ", conditions))}
                ORDER BY "At" {order}, "Id" {order} LIMIT {statement.Add(query.PageSize + 1)})
            ORDER BY a."At" {order}, a."Id" {order}
            """;
        return statement;

        void Equal(string column, Guid? id)
        {
            // As EF Core's provider for SQLite stores it.
            if (id is { } one) conditions.Add($"\"{column}\" = {statement.Add(one.ToString().ToUpperInvariant())}");
        }
    }

    public static ActivityLine Read(DbDataReader row) => new(
        row.GetInt64(0), UtcTicksConverter.Read(row.GetInt64(1)), Text(row, 2), EnumNameConverter<ActivityAction>.Read(row.GetString(4)), row.GetBoolean(5),
        Id(row, 6), row.GetBoolean(7), Id(row, 8), row.GetBoolean(9), row.GetString(16), Text(row, 17))
    {
        From = Text(row, 3),
        PersonId = Id(row, 19),
        PlatformAccountId = Id(row, 10),
        HasAccount = row.GetBoolean(11),
        ProviderAppId = Id(row, 12),
        HasApp = row.GetBoolean(13),
        AttemptId = Id(row, 14),
        HasAttempt = row.GetBoolean(15),
        Changes = FieldChanges.Read(Text(row, 18)),
    };

    private static string Index(ActivityQuery query) => query switch
    {
        { InstanceId: not null } => "IX_Activity_ByInstance",
        { AttemptId: not null } => "IX_Activity_ByAttempt",
        { ProviderAppId: not null } => "IX_Activity_ByApp",
        { JobId: not null } => "IX_Activity_ByJob",
        { Subject: not null } => "IX_Activity_BySubject",
        { Action: not null } => "IX_Activity_ByAction",
        { PlatformAccountId: not null } => "IX_Activity_ByAccount",
        { PersonId: not null } or { WithoutPerson: true } => "IX_Activity_ByPerson",
        _ => "IX_Activity_Overview",
    };

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    // Damage is no id.
    private static Guid? Id(DbDataReader row, int column) => Guid.TryParse(Text(row, column), out var id) ? id : null;
}
