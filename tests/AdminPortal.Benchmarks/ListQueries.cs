using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Storage;
using BenchmarkDotNet.Attributes;
using Microsoft.Data.Sqlite;

namespace AdminPortal.Benchmarks;

/// <summary>
/// A page of 50 from so many instances, through the service, and the same rows by SQL written by hand for that one
/// question on the same file.
/// </summary>
public class ListQueries
{
    private static readonly InstanceListQuery Newest = new() { PageSize = 50 };
    private static readonly InstanceListQuery ByName = new() { PageSize = 50, Sort = InstanceSort.Name, Descending = false };

    private PortalFile _file = null!;
    private SqliteConnection _connection = null!;
    private SqliteCommand _command = null!;
    private InstanceListQuery _query = null!;

    /// <summary>How many instances there are.</summary>
    [Params(1_000, 100_000, 1_000_000)]
    public int Rows { get; set; }

    /// <summary>Which page is asked for.</summary>
    [Params("first", "deep", "by name, deep", "disabled, by name", "needs attention", "ERP and disabled", "tag vip", "search common", "search rare")]
    public string Page { get; set; } = "";

    /// <summary>Opens the file, and makes it where it is not there: what runs the benchmarks does not wait for a setup that does not end at once.</summary>
    [GlobalSetup]
    public void Open() => OpenAsync().GetAwaiter().GetResult();

    private async Task OpenAsync()
    {
        _file = await PortalFile.OpenAsync(Rows);
        _connection = new SqliteConnection(_file.ConnectionString);
        await _connection.OpenAsync();
        // The same memory for both.
        await using (var settings = _connection.CreateCommand())
        {
            settings.CommandText = PortalDatabase.ConnectionSettings;
            await settings.ExecuteNonQueryAsync();
        }

        _query = Page switch
        {
            "first" => Newest,
            "deep" => Newest with { After = await EdgeAsync(Newest, "\"CreatedAt\"") },
            "by name, deep" => ByName with { After = await EdgeAsync(ByName, "\"NameKey\"") },
            "disabled, by name" => ByName with { State = InstanceState.Disabled },
            "needs attention" => Newest with { NeedsAttention = true },
            "ERP and disabled" => Newest with { State = InstanceState.Disabled, ElementKey = ElementKey.Erp },
            "tag vip" => Newest with { Tag = "vip" },
            "search common" => ByName with { Search = "acme" },
            _ => ByName with { Search = "Zebra" },
        };
        _command = _connection.CreateCommand();
        _command.CommandText = HandWritten();
        if (_query.After is { } edge)
        {
            _command.Parameters.AddWithValue("$key", _query.Sort == InstanceSort.Name ? edge.Key : long.Parse(edge.Key, System.Globalization.CultureInfo.InvariantCulture));
            _command.Parameters.AddWithValue("$number", edge.Number);
        }

        // Both ways have to name the same rows, or there is nothing to compare.
        var service = (await _file.Instances.ListAsync(_query, CancellationToken.None)).Rows.Select(row => row.Id).ToList();
        var raw = Read();
        if (!service.SequenceEqual(raw)) throw new InvalidOperationException($"{Page}: the service and the hand-written SQL disagree.");
    }

    [GlobalCleanup]
    public void Close()
    {
        _command.Dispose();
        _connection.Dispose();
        _file.Dispose();
    }

    [Benchmark(Baseline = true, Description = "hand-written SQL")]
    public int HandWrittenSql() => Read().Count;

    [Benchmark(Description = "InstanceService.ListAsync")]
    public async Task<int> Service() => (await _file.Instances.ListAsync(_query, CancellationToken.None)).Rows.Count;

    private async Task<InstanceEdge> EdgeAsync(InstanceListQuery query, string column)
    {
        await using var command = _connection.CreateCommand();
        command.CommandText = $"SELECT {column}, \"Number\" FROM \"Instances\" ORDER BY {column} {(query.Descending ? "DESC" : "")}, \"Number\" {(query.Descending ? "DESC" : "")} LIMIT 1 OFFSET {Rows * 9 / 10}";
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new InstanceEdge(Convert.ToString(reader.GetValue(0), System.Globalization.CultureInfo.InvariantCulture)!, reader.GetInt64(1));
    }

    private string HandWritten()
    {
        const string columns = "SELECT i.\"Id\", i.\"Name\", i.\"Tags\", i.\"ElementKey\", i.\"AccountServer\", i.\"State\", a.\"Name\", i.\"LastCheckedAt\", i.\"CreatedAt\" FROM ";
        // The cross join says which table comes first: left to itself, SQLite begins with the three accounts and sorts everything.
        const string instances = "\"Instances\" i CROSS JOIN \"Accounts\" a ON a.\"Id\" = i.\"PlatformAccountId\" ";
        const string newest = " ORDER BY i.\"CreatedAt\" DESC, i.\"Number\" DESC LIMIT 50";
        const string byName = " ORDER BY i.\"NameKey\", i.\"Number\" LIMIT 50";
        return Page switch
        {
            "first" => columns + instances + newest,
            "deep" => columns + instances + "WHERE (i.\"CreatedAt\", i.\"Number\") < ($key, $number)" + newest,
            "by name, deep" => columns + instances + "WHERE (i.\"NameKey\", i.\"Number\") > ($key, $number)" + byName,
            "disabled, by name" => columns + instances + "WHERE i.\"State\" = 'Disabled'" + byName,
            "needs attention" => columns + instances + "WHERE i.\"State\" IN ('NeedsAttention', 'MissingOnPlatform')" + newest,
            "ERP and disabled" => columns + instances + "WHERE i.\"State\" = 'Disabled' AND i.\"ElementKey\" = 'infusionsofterp'" + newest,
            "tag vip" => columns + "\"InstanceTags\" t CROSS JOIN \"Instances\" i ON i.\"Number\" = t.\"InstanceNumber\" CROSS JOIN \"Accounts\" a ON a.\"Id\" = i.\"PlatformAccountId\" WHERE t.\"Tag\" = 'vip'" + newest,
            "search common" => columns + instances + "WHERE instr(i.\"SearchKey\", 'acme') > 0" + byName,
            _ => columns + "(SELECT rowid FROM \"InstanceText\" WHERE \"SearchKey\" MATCH '\"zebra\"') f CROSS JOIN " + instances.Replace("CROSS JOIN", "ON i.\"Number\" = f.rowid CROSS JOIN", StringComparison.Ordinal) + byName,
        };
    }

    private List<Guid> Read()
    {
        List<Guid> ids = [];
        using var reader = _command.ExecuteReader();
        while (reader.Read())
        {
            ids.Add(reader.GetGuid(0));
            for (var column = 1; column < reader.FieldCount; column++) _ = reader.GetValue(column);
        }

        return ids;
    }
}
