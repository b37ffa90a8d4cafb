using System.Data;
using System.Data.Common;
using System.Globalization;
using AdminPortal.Domain.Instances;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Instances;

/// <summary>
/// The list's queries, written for SQLite: a page costs what it shows, however many instances there are and however far
/// down it lies.
/// </summary>
/// <remarks>
/// <para>
/// A page is cut by comparing (sort key, number) with the place where it begins, and each order has an index that holds
/// the columns of the filters too. Where many rows match, that index is walked from there until the page is full. Where
/// few match, walking would go through everything between them: those few are gathered by an index of the filter, or by
/// the text index, and put in order. Which of the two it is, is found by counting no further than to
/// <see cref="Few"/>.
/// </para>
/// <para>Another database answers the same <see cref="InstanceListQuery"/> in its own way: this class is the seam.</para>
/// </remarks>
/// <param name="db">The database.</param>
/// <param name="few">What counts as few; tests take other bounds to see both ways.</param>
internal sealed class InstanceListSql(PortalDb db, int few = InstanceListSql.Few)
{
    /// <summary>So many matches are gathered and sorted sooner than found by walking.</summary>
    public const int Few = 2000;

    /// <summary>The text index knows sequences of three letters; shorter words are looked for in the rows.</summary>
    private const int IndexedLetters = 3;

    private const string Columns =
        """
        i."Number", i."Id", i."Name", i."Tags", i."ElementKey", i."AccountServer", i."State", i."PlatformAccountId", a."Name", i."HasLegacyKey",
            i."LastCheckedAt", i."CreatedAt"
        """;

    /// <summary>One page, in order, and one row more where there is one: behind it, or before it when reading backwards.</summary>
    public async Task<List<(InstanceRow Row, InstanceEdge Edge)>> ReadAsync(InstanceListQuery query, int limit, CancellationToken cancellationToken)
    {
        var backwards = query.Last || (query.Before is not null && query.After is null);
        var read = new Reading(query, query.After ?? query.Before, Ascending: query.Descending == backwards, limit);
        var few = await FindFewAsync(query, cancellationToken).ConfigureAwait(false);

        var rows = query.Sort == InstanceSort.Account && few is null
            ? await WalkAccountsAsync(read, cancellationToken).ConfigureAwait(false)
            : await RunAsync(few is null ? Walk(read) : Gather(read, few), cancellationToken).ConfigureAwait(false);
        if (backwards) rows.Reverse();
        return rows;
    }

    /// <summary>How many match in all, and how many of them need a person. It goes through all of them: not for every page.</summary>
    public async Task<InstanceCount> CountAsync(InstanceListQuery query, CancellationToken cancellationToken)
    {
        var total = await CountMatchingAsync(query, cancellationToken).ConfigureAwait(false);
        var attention = query.NeedsAttention || total == 0 ? total : await CountMatchingAsync(query with { NeedsAttention = true }, cancellationToken).ConfigureAwait(false);
        return new InstanceCount(total, attention);
    }

    /// <summary>A statement that yields the numbers of all that match, for use inside another one.</summary>
    public static Statement Matching(InstanceListQuery query)
    {
        var statement = new Statement();
        var conditions = Conditions(query, statement, walking: false);
        statement.Text = $"SELECT i.\"Number\" FROM \"Instances\" i WHERE {conditions}";
        return statement;
    }

    private async Task<int> CountMatchingAsync(InstanceListQuery query, CancellationToken cancellationToken)
    {
        var matching = Matching(query);
        matching.Text = $"SELECT COUNT(*) FROM ({matching.Text})";
        return Convert.ToInt32(await ScalarAsync(matching, cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture);
    }

    /// <summary>The condition that alone lets only few rows through, as a statement of their numbers; null where none does.</summary>
    private async Task<Func<Statement, string>?> FindFewAsync(InstanceListQuery query, CancellationToken cancellationToken)
    {
        List<Func<Statement, string>> candidates = [];
        if (query.Search.Length > 0 && InstanceSearchText.Needle(query.Search) is { Length: >= IndexedLetters } needle) candidates.Add(statement => Text(statement, needle));
        if (query.Tag is { } tag) candidates.Add(statement => $"SELECT \"InstanceNumber\" AS \"Number\" FROM \"InstanceTags\" WHERE \"Tag\" = {statement.Add(tag)}");
        if (query.LegacyKey) candidates.Add(_ => "SELECT \"Number\" FROM \"Instances\" WHERE \"HasLegacyKey\"");
        if (query.State is not null || query.ElementKey is not null || query.PlatformAccountId is not null || query.NeedsAttention)
            candidates.Add(statement => $"SELECT \"Number\" FROM \"Instances\" i WHERE {Columned(query, statement)}");

        foreach (var candidate in candidates)
        {
            var statement = new Statement();
            statement.Text = $"SELECT COUNT(*) FROM ({candidate(statement)} LIMIT {few + 1})";
            var count = Convert.ToInt32(await ScalarAsync(statement, cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture);
            if (count <= few) return candidate;
        }

        return null;
    }

    private static Statement Walk(Reading read)
    {
        var statement = new Statement();
        var (key, index) = Order(read.Query.Sort);
        var conditions = Conditions(read.Query, statement, walking: true);
        var beyond = Beyond(read, statement, key);
        statement.Text =
            $"""
            SELECT {Columns}, {key} FROM "Instances" i LEFT JOIN "Accounts" a ON a."Id" = i."PlatformAccountId"
            WHERE i."Number" IN (SELECT i."Number" FROM "Instances" i INDEXED BY "{index}" WHERE {conditions}{beyond} ORDER BY {Ordered(read, key)} LIMIT {statement.Add(read.Limit)})
            ORDER BY {Ordered(read, key)}
            """;
        return statement;
    }

    private static Statement Gather(Reading read, Func<Statement, string> few)
    {
        var statement = new Statement();
        var (key, _) = Order(read.Query.Sort);
        var numbers = few(statement);
        var conditions = Conditions(read.Query, statement, walking: true);
        var beyond = Beyond(read, statement, key);
        // The few first, then everything about them: the cross join keeps SQLite from walking an index after all.
        statement.Text =
            $"""
            SELECT {Columns}, {key} FROM ({numbers}) few CROSS JOIN "Instances" i ON i."Number" = few."Number"
            LEFT JOIN "Accounts" a ON a."Id" = i."PlatformAccountId"
            WHERE {conditions}{beyond} ORDER BY {Ordered(read, key)} LIMIT {statement.Add(read.Limit)}
            """;
        return statement;
    }

    /// <summary>The order by account: the accounts in the order of their names, and the rows of each in the order of their numbers.</summary>
    private async Task<List<(InstanceRow Row, InstanceEdge Edge)>> WalkAccountsAsync(Reading read, CancellationToken cancellationToken)
    {
        var accounts = await db.Accounts.AsNoTracking().OrderBy(account => account.Name).Select(account => new { account.Id, account.Name })
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        if (!read.Ascending) accounts.Reverse();

        // Before the edge's account, that account, or behind it. One that is gone, or has another name now, is compared by name.
        var known = accounts.FindIndex(account => account.Name == read.From?.Key);
        int Place(string name) => read.From is not { } from ? 1
            : known >= 0 ? Math.Sign(accounts.FindIndex(account => account.Name == name) - known)
            : string.CompareOrdinal(name, from.Key) * (read.Ascending ? 1 : -1);

        List<(InstanceRow Row, InstanceEdge Edge)> rows = [];
        foreach (var account in accounts.Where(account => read.Query.PlatformAccountId is not { } only || only == account.Id))
        {
            var place = Place(account.Name);
            if (place < 0) continue;
            var statement = new Statement();
            var conditions = Conditions(read.Query with { PlatformAccountId = account.Id }, statement, walking: true);
            if (place == 0) conditions += $" AND i.\"Number\" {(read.Ascending ? ">" : "<")} {statement.Add(read.From!.Number)}";
            var order = $"i.\"Number\" {(read.Ascending ? "ASC" : "DESC")}";
            statement.Text =
                $"""
                SELECT {Columns}, a."Name" FROM "Instances" i JOIN "Accounts" a ON a."Id" = i."PlatformAccountId"
                WHERE i."Number" IN (SELECT i."Number" FROM "Instances" i INDEXED BY "IX_Instances_ByAccount" WHERE {conditions} ORDER BY {order} LIMIT {statement.Add(read.Limit - rows.Count)})
                ORDER BY {order}
                """;
            rows.AddRange(await RunAsync(statement, cancellationToken).ConfigureAwait(false));
            if (rows.Count == read.Limit) break;
        }

        return rows;
    }

    private static (string Key, string Index) Order(InstanceSort sort) => sort switch
    {
        InstanceSort.Name => ("i.\"NameKey\"", "IX_Instances_ByName"),
        InstanceSort.Element => ("i.\"ElementKey\"", "IX_Instances_ByElement"),
        InstanceSort.Server => ("i.\"ServerKey\"", "IX_Instances_ByServer"),
        InstanceSort.State => ("i.\"State\"", "IX_Instances_ByState"),
        InstanceSort.Account => ("a.\"Name\"", "IX_Instances_ByAccount"),
        InstanceSort.Checked => ("i.\"LastCheckedAt\"", "IX_Instances_ByChecked"),
        _ => ("i.\"CreatedAt\"", "IX_Instances_ByCreated"),
    };

    private static string Ordered(Reading read, string key) => $"{key} {(read.Ascending ? "ASC" : "DESC")}, i.\"Number\" {(read.Ascending ? "ASC" : "DESC")}";

    private static string Beyond(Reading read, Statement statement, string key)
    {
        if (read.From is not { } from) return "";
        object value = from.Key;
        if (read.Query.Sort is InstanceSort.Checked or InstanceSort.Created)
            value = long.TryParse(from.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) ? ticks : 0L;
        return $" AND ({key}, i.\"Number\") {(read.Ascending ? ">" : "<")} ({statement.Add(value)}, {statement.Add(from.Number)})";
    }

    private static string Conditions(InstanceListQuery query, Statement statement, bool walking)
    {
        var conditions = Columned(query, statement);
        if (query.Tag is { } tag)
            conditions += $" AND EXISTS (SELECT 1 FROM \"InstanceTags\" t WHERE t.\"Tag\" = {statement.Add(tag)} AND t.\"InstanceNumber\" = i.\"Number\")";
        if (query.Search.Length > 0)
        {
            var needle = InstanceSearchText.Needle(query.Search);
            if (needle.Length == 0) return conditions + " AND 0";
            conditions += walking || needle.Length < IndexedLetters
                ? $" AND instr(i.\"SearchKey\", {statement.Add(needle)}) > 0"
                : $" AND i.\"Number\" IN ({Text(statement, needle)})";
        }

        return conditions;
    }

    /// <summary>The conditions on columns that every index of the list holds.</summary>
    private static string Columned(InstanceListQuery query, Statement statement)
    {
        List<string> conditions = [];
        if (query.State is { } state) conditions.Add($"i.\"State\" = {statement.Add(state.ToString())}");
        if (query.NeedsAttention) conditions.Add($"i.\"State\" IN ({string.Join(", ", InstanceStates.NeedAttention.Select(one => statement.Add(one.ToString())))})");
        if (query.ElementKey is { } element) conditions.Add($"i.\"ElementKey\" = {statement.Add(element)}");
        if (query.PlatformAccountId is { } account) conditions.Add($"i.\"PlatformAccountId\" = {statement.Add(account)}");
        if (query.LegacyKey) conditions.Add("i.\"HasLegacyKey\"");
        return conditions.Count == 0 ? "1" : string.Join(" AND ", conditions);
    }

    // A phrase in quotes is found as it stands; quotes within it are doubled.
    private static string Text(Statement statement, string needle) =>
        $"SELECT rowid AS \"Number\" FROM \"InstanceText\" WHERE \"SearchKey\" MATCH {statement.Add($"\"{needle.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")}";

    private async Task<List<(InstanceRow Row, InstanceEdge Edge)>> RunAsync(Statement statement, CancellationToken cancellationToken)
    {
        List<(InstanceRow Row, InstanceEdge Edge)> rows = [];
        await using var command = await CommandAsync(statement, cancellationToken).ConfigureAwait(false);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var tags = JsonColumn.Read<List<string>>(reader.GetString(3));
            var state = EnumNameConverter<InstanceState>.Read(reader.GetString(6));
            var accountId = GuidTextConverter.Read(reader.GetString(7));
            var (checkedAt, createdAt) = (UtcTicksConverter.Read(reader.GetInt64(10)), UtcTicksConverter.Read(reader.GetInt64(11)));
            var row = new InstanceRow(
                GuidTextConverter.Read(reader.GetString(1)),
                reader.GetString(2),
                tags,
                reader.GetString(4),
                "",
                await reader.IsDBNullAsync(5, cancellationToken).ConfigureAwait(false) ? null : reader.GetString(5),
                state,
                accountId,
                await reader.IsDBNullAsync(8, cancellationToken).ConfigureAwait(false) ? "" : reader.GetString(8),
                reader.GetBoolean(9),
                checkedAt,
                createdAt)
            {
                IsUnreadable = Unreadable.Is((object)tags) || Unreadable.Is(state) || Unreadable.Is(accountId) || Unreadable.Is(checkedAt) || Unreadable.Is(createdAt),
            };
            rows.Add((row, new InstanceEdge(Convert.ToString(reader.GetValue(12), CultureInfo.InvariantCulture)!, reader.GetInt64(0))));
        }

        return rows;
    }

    private async Task<object?> ScalarAsync(Statement statement, CancellationToken cancellationToken)
    {
        await using var command = await CommandAsync(statement, cancellationToken).ConfigureAwait(false);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<DbCommand> CommandAsync(Statement statement, CancellationToken cancellationToken)
    {
        var connection = db.Database.GetDbConnection();
        if (connection.State != ConnectionState.Open) await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var command = connection.CreateCommand();
        statement.CopyTo(command);
        return command;
    }

    /// <param name="Query">What is asked.</param>
    /// <param name="From">The place behind which, in the direction of reading, the rows lie; null: from that end.</param>
    /// <param name="Ascending">The direction of reading, which is not the list's when it is read backwards.</param>
    /// <param name="Limit">How many rows at most.</param>
    private sealed record Reading(InstanceListQuery Query, InstanceEdge? From, bool Ascending, int Limit);
}
