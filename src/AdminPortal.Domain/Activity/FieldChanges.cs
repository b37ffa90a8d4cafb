using System.Globalization;
using System.Text.Json;
using AdminPortal.Domain.Text;

namespace AdminPortal.Domain.Activity;

/// <summary>Gathers the fields that a change touches, for its line in the record. What stays as it was is left out.</summary>
internal sealed class FieldChanges
{
    /// <summary>So many fields are named; whoever changes more is not recorded in more detail.</summary>
    public const int MaxFields = 20;

    /// <summary>So many characters of a value are kept.</summary>
    public const int MaxValueLength = 200;

    /// <summary>The longest text that <see cref="Write"/> can come to; every character may be written as six.</summary>
    public const int MaxLength = MaxFields * ((MaxValueLength * 12) + (MaxFieldLength * 6) + 60);

    private const int MaxFieldLength = 100;
    private readonly List<FieldChange> _fields = [];

    /// <summary>Compares the two, and keeps them where they differ.</summary>
    public FieldChanges Add(string field, string? before, string? after)
    {
        if (_fields.Count < MaxFields && !string.Equals(before ?? "", after ?? "", StringComparison.Ordinal))
            _fields.Add(new FieldChange(Name(field), OutsideText.Clean(before, MaxValueLength), OutsideText.Clean(after, MaxValueLength)));
        return this;
    }

    public FieldChanges Add(string field, IEnumerable<string>? before, IEnumerable<string>? after) =>
        Add(field, before is null ? null : string.Join(", ", before), after is null ? null : string.Join(", ", after));

    public FieldChanges Add(string field, int? before, int? after) =>
        Add(field, before?.ToString(CultureInfo.InvariantCulture), after?.ToString(CultureInfo.InvariantCulture));

    public FieldChanges Add(string field, bool? before, bool? after) => Add(field, Word(before), Word(after));

    /// <summary>A secret: that it changed is kept, and neither of its values is even asked for.</summary>
    public FieldChanges Secret(string field, bool changed)
    {
        if (changed && _fields.Count < MaxFields) _fields.Add(new FieldChange(Name(field), null, null, IsSecret: true));
        return this;
    }

    /// <summary>Whether nothing changed.</summary>
    public bool IsEmpty => _fields.Count == 0;

    /// <summary>As the column holds them; null where nothing changed.</summary>
    public string? Write() => IsEmpty ? null : JsonSerializer.Serialize(_fields);

    /// <summary>A column's text as its changes; what cannot be read is none.</summary>
    public static IReadOnlyList<FieldChange> Read(string? text)
    {
        if (text is null) return [];
        try
        {
            return JsonSerializer.Deserialize<List<FieldChange>>(text)?.Where(change => change is { Field: not null }).ToList() ?? [];
        }
        catch (JsonException)
        {
            // Damage; doctor names the line, and the page shows the rest of it.
            return [];
        }
    }

    private static string Name(string field) => OutsideText.Clean(field, MaxFieldLength) ?? "";

    private static string? Word(bool? value) => value switch { true => "true", false => "false", null => null };
}
