using System.Buffers;
using System.Buffers.Binary;
using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Text;

namespace AdminPortal.Provisioning.Record;

/// <summary>A line of the record as its columns hold it, value by value, and the bytes that the chain is made over.</summary>
/// <remarks>
/// What is hashed is what is stored and not what is made of it: a word that no version knows any more, or a time that is
/// none, has a hash too. A column that is null is left out, so that columns that are added later, empty for the lines
/// before them, do not change those lines' hashes. Names and values carry their lengths: no two lines have the same bytes.
/// </remarks>
internal sealed class ActivityRow
{
    /// <summary>The columns under the hash, in the order in which they are written. Never to be reordered; new ones go to the end.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        nameof(ActivityEntry.Id), nameof(ActivityEntry.At), nameof(ActivityEntry.PersonId), nameof(ActivityEntry.PersonName), nameof(ActivityEntry.Action),
        nameof(ActivityEntry.Succeeded), nameof(ActivityEntry.InstanceId), nameof(ActivityEntry.JobId), nameof(ActivityEntry.PlatformAccountId),
        nameof(ActivityEntry.Subject), nameof(ActivityEntry.Detail), nameof(ActivityEntry.From), nameof(ActivityEntry.ProviderAppId),
        nameof(ActivityEntry.AttemptId), nameof(ActivityEntry.Changes),
    ];

    /// <summary>The columns and the hash behind them, as <see cref="Read"/> takes them.</summary>
    public static string Select { get; } = string.Join(", ", Columns.Append(nameof(ActivityEntry.Hash)).Select(column => $"\"{column}\""));

    private readonly object?[] _values;

    private ActivityRow(object?[] values) => _values = values;

    public long Id => _values[0] is long id ? id : 0;

    /// <summary>A new line, as it will be stored under a number.</summary>
    public static ActivityRow Of(ActivityEntry entry, long id) => new(
    [
        id, entry.At.UtcTicks, Stored(entry.PersonId), entry.PersonName, entry.Action.ToString(), entry.Succeeded ? 1L : 0L, Stored(entry.InstanceId), Stored(entry.JobId),
        Stored(entry.PlatformAccountId), entry.Subject, entry.Detail, entry.From, Stored(entry.ProviderAppId), Stored(entry.AttemptId), entry.Changes,
    ]);

    /// <summary>The line that a reader over <see cref="Select"/> stands on, and its hash.</summary>
    public static (ActivityRow Row, byte[] Hash) Read(DbDataReader reader)
    {
        var values = new object?[Columns.Count];
        for (var i = 0; i < values.Length; i++) values[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
        // Anything but bytes is no hash.
        return (new ActivityRow(values), reader.GetValue(Columns.Count) as byte[] ?? []);
    }

    /// <summary>Appends the line's bytes.</summary>
    public void Write(ArrayBufferWriter<byte> target)
    {
        for (var i = 0; i < Columns.Count; i++)
        {
            if (_values[i] is not { } value) continue;
            WriteText(target, Columns[i]);
            switch (value)
            {
                case long number:
                    target.Write("i"u8);
                    BinaryPrimitives.WriteInt64BigEndian(target.GetSpan(8), number);
                    target.Advance(8);
                    break;
                case byte[] bytes:
                    target.Write("b"u8);
                    WriteLength(target, bytes.Length);
                    target.Write(bytes);
                    break;
                default:
                    target.Write("t"u8);
                    WriteText(target, Convert.ToString(value, CultureInfo.InvariantCulture)!);
                    break;
            }
        }
    }

    /// <summary>Writes the line as one JSON object: every column as it is stored, and the hash in hexadecimal.</summary>
    public void WriteJson(Utf8JsonWriter json, byte[] hash)
    {
        json.WriteStartObject();
        for (var i = 0; i < Columns.Count; i++)
        {
            switch (_values[i])
            {
                case null: break;
                case long number: json.WriteNumber(Columns[i], number); break;
                case byte[] bytes: json.WriteString(Columns[i], Convert.ToHexStringLower(bytes)); break;
                case var value: json.WriteString(Columns[i], Convert.ToString(value, CultureInfo.InvariantCulture)); break;
            }
        }

        json.WriteString(nameof(ActivityEntry.Hash), Convert.ToHexStringLower(hash));
        json.WriteEndObject();
    }

    /// <summary>Names the row for a person who looks for it.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"row {Id} ({At} UTC, {OutsideText.Clean(_values[4] as string, 60)} \"{OutsideText.Clean(_values[9] as string, 60)}\")");

    /// <summary>Whether the row has an action.</summary>
    public bool IsAction(ActivityAction action) => _values[4] is string name && name == action.ToString();

    /// <summary>Number, time and detail, for a row that states something about the record.</summary>
    public string Statement => string.Create(CultureInfo.InvariantCulture, $"row {Id} ({At} UTC): {OutsideText.Clean(_values[10] as string, 400)}");

    private string At => _values[1] is long ticks and >= 0 && ticks <= DateTime.MaxValue.Ticks ? new DateTime(ticks, DateTimeKind.Utc).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "?";

    // As EF Core's provider for SQLite stores it.
    private static string? Stored(Guid? id) => id?.ToString().ToUpperInvariant();

    private static void WriteText(ArrayBufferWriter<byte> target, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        WriteLength(target, length);
        target.Advance(Encoding.UTF8.GetBytes(text, target.GetSpan(length)));
    }

    private static void WriteLength(ArrayBufferWriter<byte> target, int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(target.GetSpan(4), length);
        target.Advance(4);
    }
}
