using System.Data.Common;
using System.Text.Json;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Secrets;

namespace AdminPortal.Storage;

/// <summary>A column that holds sealed values.</summary>
/// <param name="Table">The table.</param>
/// <param name="Name">The column.</param>
/// <param name="Kind">What the values are; null for the known value of <see cref="KeyRingCanary"/>, which belongs to no row.</param>
/// <param name="Row">What a row of the table is called.</param>
/// <param name="Key">The columns of the table's key, in the order in which rows are walked.</param>
/// <param name="Owner">The column with the id that a value is sealed for; null where <see cref="FixedOwner"/> is it.</param>
/// <param name="RowName">The column with the row's name, or a text in SQL.</param>
/// <param name="SentTo">The base URL of the account that the value is sent to, in SQL over a row of the table; null where it is sent nowhere.</param>
/// <param name="Erased">What the column holds, in SQL, when its secrets are forgotten.</param>
/// <param name="IsDictionary">Whether it is a JSON object of several sealed values.</param>
internal sealed record SealedColumn(
    string Table, string Name, SecretKind? Kind, string Row, string[] Key, string? Owner, string RowName, string? SentTo = null, string Erased = "''",
    bool IsDictionary = false)
{
    private const string OfAccount = "(SELECT a.\"BaseUrl\" FROM \"Accounts\" a WHERE a.\"Id\" = t.\"PlatformAccountId\")";

    private const string OfRun =
        "(SELECT a.\"BaseUrl\" FROM \"SyncRuns\" r JOIN \"Accounts\" a ON a.\"Id\" = r.\"PlatformAccountId\" WHERE r.\"Id\" = t.\"RunId\")";

    // Where the key begins in a row that is read: owner, name, value and destination stand before it.
    private const int KeyAt = 4;

    /// <summary>The id that values are sealed for where the rows have none.</summary>
    public static Guid FixedOwner => ActivityHead.KeyOwner;

    /// <summary>
    /// Every column of the database with sealed values: what start, doctor, restore, rotation and forgetting go through. A
    /// test compares it with the model.
    /// </summary>
    public static IReadOnlyList<SealedColumn> All { get; } =
    [
        new("Accounts", "OrganizationSecret", SecretKind.OrganizationSecret, "platform account", ["Id"], "Id", "Name", "t.\"BaseUrl\""),
        new("Accounts", "UserSecret", SecretKind.UserSecret, "platform account", ["Id"], "Id", "Name", "t.\"BaseUrl\""),
        new("ProviderApps", "ClientSecret", SecretKind.ClientSecret, "provider app", ["Id"], "Id", "Name"),
        new(
            "ProviderAppOrigins", "ClientSecret", SecretKind.ClientSecret, "provider app", ["ProviderAppId", "Origin"], "ProviderAppId", "Origin", "t.\"Origin\""),
        new("Attempts", "OAuthUrl", SecretKind.OAuthUrl, "attempt", ["Id"], "Id", "Name"),
        new("Attempts", "Code", SecretKind.OAuthCode, "attempt", ["Id"], "Id", "Name", OfAccount),
        new("Attempts", "SealedConfiguration", SecretKind.ConfigurationValue, "attempt", ["Id"], "Id", "Name", OfAccount, "'{}'", IsDictionary: true),
        new("Instances", "Token", SecretKind.InstanceToken, "instance", ["Number"], "Id", "Name", OfAccount),
        new("SyncRows", "Token", SecretKind.InstanceToken, "row of a sync", ["RunId", "PlatformId"], "InstanceId", "Name", OfRun, "NULL"),
        new("AspNetUsers", "AuthenticatorKey", SecretKind.AuthenticatorKey, "person", ["Id"], "Id", "UserName", Erased: "NULL"),
        new("ActivityHead", "Key", SecretKind.ActivityKey, "activity record", ["Id"], null, "'Activity'"),
        new("ActivityMark", "Key", SecretKind.ActivityKey, "mark of the activity record", ["Id"], null, "'Activity'"),
        new("KeyRingCanary", "Value", null, "key ring", ["Id"], null, "'Key ring'"),
    ];

    /// <summary>The column by which a cursor remembers it.</summary>
    public string Path => $"{Table}.{Name}";

    private string IsOfAccount =>
        SentTo == OfRun
            ? "\"RunId\" IN (SELECT \"Id\" FROM \"SyncRuns\" WHERE \"PlatformAccountId\" = $account)"
            : "\"PlatformAccountId\" = $account";

    private string KeyList => string.Join(", ", Key.Select(column => $"\"{column}\""));

    private string RowNameSql => RowName.StartsWith('\'') ? RowName : $"\"{RowName}\"";

    // Skip erased secrets.
    private string Filled => IsDictionary ? $"\"{Name}\" NOT IN ('', '{{}}')" : $"\"{Name}\" IS NOT NULL AND \"{Name}\" <> ''";

    /// <summary>Reads rows in the order of the key: owner, name, value, base URL that it is sent to, key.</summary>
    /// <param name="db">The database; its connection has to be open.</param>
    /// <param name="after">Behind this row, as <see cref="WriteKey"/> wrote it; null from the first one on.</param>
    /// <param name="except">Values that begin so are left out.</param>
    /// <param name="count">The most rows.</param>
    /// <param name="account">Only rows whose value is sent to this account; null for all rows.</param>
    public DbCommand Select(PortalDb db, string? after, IReadOnlyList<string> except, int count, Guid? account = null)
    {
        var command = db.Command("");
        List<string> wanted = [Filled];
        if (account is not null)
        {
            wanted.Add(IsOfAccount);
            command.Add("$account", account);
        }

        if (after is not null)
        {
            wanted.Add($"({KeyList}) > ({string.Join(", ", Key.Select((_, i) => $"$k{i}"))})");
            AddKey(command, after);
        }

        if (except.Count > 0 && !IsDictionary)
        {
            wanted.Add($"substr(\"{Name}\", 1, {SealedHeader.PrefixLength}) NOT IN ({string.Join(", ", except.Select((_, i) => $"$p{i}"))})");
            for (var i = 0; i < except.Count; i++) command.Add($"$p{i}", except[i]);
        }

        Say(
            command,
            $"SELECT {(Owner is null ? "NULL" : $"\"{Owner}\"")}, {RowNameSql}, \"{Name}\", {SentTo ?? "NULL"}, {KeyList} FROM \"{Table}\" t "
            + $"WHERE {string.Join(" AND ", wanted)} ORDER BY {KeyList} LIMIT {count}");
        return command;
    }

    /// <summary>Counts the rows whose value is sent to an account.</summary>
    public DbCommand Count(PortalDb db, Guid account)
    {
        var command = db.Command("", ("$account", account));
        Say(command, $"SELECT COUNT(*) FROM \"{Table}\" t WHERE {Filled} AND {IsOfAccount}");
        return command;
    }

    /// <summary>Whether the database has the column.</summary>
    public async Task<bool> ExistsAsync(PortalDb db, CancellationToken cancellationToken)
    {
        await using var command = db.Command("SELECT COUNT(*) FROM pragma_table_info($table) WHERE name = $column");
        command.Add("$table", Table);
        command.Add("$column", Name);
        return (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))! > 0;
    }

    /// <summary>How many values there are, by how they begin: 0 the beginning, 1 the number.</summary>
    public string CountSql => IsDictionary
        ? $"SELECT substr(json_extract(e.value, '$.Ciphertext'), 1, {SealedHeader.PrefixLength}), COUNT(*) FROM \"{Table}\" t, json_each(CASE WHEN json_valid(t.\"{Name}\") THEN t.\"{Name}\" ELSE '{{}}' END) e WHERE t.\"{Name}\" NOT IN ('', '{{}}') GROUP BY 1"
        : $"SELECT substr(\"{Name}\", 1, {SealedHeader.PrefixLength}), COUNT(*) FROM \"{Table}\" WHERE {Filled} GROUP BY 1";

    /// <summary>Reads the value of one row.</summary>
    public DbCommand Find(PortalDb db, string key)
    {
        var command = db.Command("");
        AddKey(command, key);
        Say(command, $"SELECT \"{Name}\" FROM \"{Table}\" WHERE {KeyIs}");
        return command;
    }

    /// <summary>What the column of a row holds when its secrets are erased.</summary>
    public string? ErasedText => Erased == "NULL" ? null : Erased.Trim('\'');

    /// <summary>Writes <c>$new</c> where the value is still <c>$old</c>: one that was changed meanwhile is newer. The key is <c>$k0</c>, <c>$k1</c>.</summary>
    public string UpdateSql => $"UPDATE \"{Table}\" SET \"{Name}\" = $new WHERE {KeyIs} AND \"{Name}\" = $old";

    /// <summary>Erases every value.</summary>
    public string EraseSql => $"UPDATE \"{Table}\" SET \"{Name}\" = {Erased} WHERE \"{Name}\" IS NOT NULL AND {Filled}";

    /// <summary>The key of the row that is read, as text.</summary>
    public string WriteKey(DbDataReader reader) =>
        JsonSerializer.Serialize(Key.Select((_, i) => reader.GetValue(KeyAt + i)).ToArray());

    /// <summary>The values of a key's columns.</summary>
    public static object[] ReadKey(string key) =>
        [.. JsonSerializer.Deserialize<JsonElement[]>(key)!.Select(value => value.ValueKind == JsonValueKind.Number ? value.GetInt64() : (object)value.GetString()!)];

    /// <summary>The secrets of the row that is read; a text that is no list of secrets is one that does not open.</summary>
    public IReadOnlyList<SealedPart> ReadParts(Guid owner, string text)
    {
        if (!IsDictionary) return [new SealedPart("", owner, text)];
        var values = JsonColumn.Read<Dictionary<string, Sealed>>(text);
        return Unreadable.Is(values) ? [] : [.. values.Select(value => new SealedPart(value.Key, owner, value.Value?.Ciphertext ?? ""))];
    }

    /// <summary>The owner of the row that is read.</summary>
    public static Guid ReadOwner(DbDataReader reader) => reader.IsDBNull(0) ? FixedOwner : reader.GetGuid(0);

    /// <summary>
    /// Where the value of the row that is read is sent; null where that is not known: the account is gone, or its base URL is not
    /// an address. Such a value cannot be opened.
    /// </summary>
    public SecretOrigin? ReadDestination(DbDataReader reader) =>
        SentTo is null ? SecretOrigin.Nowhere : reader.IsDBNull(3) ? null : SecretOrigin.Find(reader.GetString(3));

    private string KeyIs => string.Join(" AND ", Key.Select((column, i) => $"\"{column}\" = $k{i}"));

    private static void AddKey(DbCommand command, string key)
    {
        var values = ReadKey(key);
        for (var i = 0; i < values.Length; i++) command.Add($"$k{i}", values[i]);
    }

    private static void Say(DbCommand command, string sql)
    {
#pragma warning disable CA2100 // Tables and columns are of the list above; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
    }
}

/// <summary>One sealed value of a row.</summary>
/// <param name="Part">Its name within the column; empty where the column holds one alone.</param>
/// <param name="Owner">The id that it is sealed for.</param>
/// <param name="Ciphertext">The value.</param>
internal sealed record SealedPart(string Part, Guid Owner, string Ciphertext);
