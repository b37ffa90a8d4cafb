using System.Globalization;

namespace AdminPortal.Ui;

/// <summary>The formats of query parameters.</summary>
internal static class QueryFormats
{
    /// <summary>An id in any form.</summary>
    public static QueryFormat<Guid?> Id { get; } =
        Of<Guid?>(text => Guid.TryParse(text, out var id) ? id : null, id => id?.ToString(), new ExpectedValue.Id());

    /// <summary>An id with hyphens and nothing else.</summary>
    public static QueryFormat<Guid?> ExactId { get; } =
        Of<Guid?>(text => Guid.TryParseExact(text, "D", out var id) ? id : null, id => id?.ToString(), new ExpectedValue.Id());

    /// <summary>True or false.</summary>
    public static QueryFormat<bool> Boolean { get; } = new(bool.TryParse, value => value ? "true" : "false", new ExpectedValue.Flag());

    /// <summary>A day: 2026-01-31.</summary>
    public static QueryFormat<DateOnly?> Day { get; } = Of<DateOnly?>(
        text => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null,
        day => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        new ExpectedValue.OwnValue());

    /// <summary>The number of a row.</summary>
    public static QueryFormat<long?> Row { get; } = Of<long?>(
        text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var row) ? row : null,
        row => row?.ToString(CultureInfo.InvariantCulture),
        new ExpectedValue.OwnValue());

    /// <summary>True if the parameter is exactly this word, which is the only one that is valid.</summary>
    public static QueryFormat<bool> Word(string word) => new(
        (text, out value) => value = string.Equals(text, word, StringComparison.Ordinal),
        value => value ? word : null,
        new ExpectedValue.OneOf([word]));

    /// <summary>The member of an enumeration, by its name in any case; null for none.</summary>
    public static QueryFormat<T?> Member<T>()
        where T : struct, Enum => Of<T?>(NamedValue.Find<T>, value => value?.ToString(), new ExpectedValue.OneOf(Enum.GetNames<T>()));

    /// <summary>The member of an enumeration, by its name in any case. It is written in small letters.</summary>
    public static QueryFormat<T> Choice<T>()
        where T : struct, Enum => new(
            (text, out value) =>
            {
                var found = NamedValue.Find<T>(text);
                value = found.GetValueOrDefault();
                return found is not null;
            },
            value => value.ToString().ToLowerInvariant(),
            new ExpectedValue.OneOf(Enum.GetNames<T>()));

    /// <summary>True for the first word, false for the second.</summary>
    public static QueryFormat<bool> EitherWord(string whenTrue, string whenFalse) => new(
        (text, out value) =>
        {
            value = text == whenTrue;
            return value || text == whenFalse;
        },
        value => value ? whenTrue : whenFalse,
        new ExpectedValue.OneOf([whenTrue, whenFalse]));

    /// <summary>One of these numbers.</summary>
    public static QueryFormat<int> NumberOf(IReadOnlyList<int> numbers) => new(
        (text, out value) =>
        {
            value = numbers.FirstOrDefault(number => string.Equals(text, Number(number), StringComparison.Ordinal));
            return value != 0;
        },
        Number,
        new ExpectedValue.OneOf([.. numbers.Select(Number)]));

    /// <summary>A number from 1 to <paramref name="max"/>.</summary>
    public static QueryFormat<int> Count(int max) => new(
        (text, out value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= 1 && value <= max,
        Number,
        new ExpectedValue.Count(max));

    /// <summary>A text without blanks around it. A longer one is cut.</summary>
    public static QueryFormat<string> CutText(int maxLength) => new(
        (text, out value) =>
        {
            value = Cut(text, maxLength);
            return true;
        },
        text => text.Length == 0 ? null : text,
        new ExpectedValue.Text(maxLength));

    /// <summary>A text without blanks around it. A longer one is not valid.</summary>
    public static QueryFormat<string> WholeText(int maxLength) => new(
        (text, out value) =>
        {
            value = text.Trim();
            return value.Length <= maxLength;
        },
        text => text.Length == 0 ? null : text,
        new ExpectedValue.Text(maxLength));

    /// <summary>One of these names, exactly; null for none.</summary>
    public static QueryFormat<string?> NameOf(IReadOnlyList<string> names) =>
        Of(text => names.FirstOrDefault(name => name == text.Trim()), name => name, new ExpectedValue.OneOf(names));

    /// <summary>A text without blanks around it; null for none.</summary>
    public static QueryFormat<string?> Text(int maxLength) =>
        Of(
            text => text.Trim() is { } trimmed && trimmed.Length <= maxLength ? trimmed : null,
            text => text, new ExpectedValue.Text(maxLength));

    /// <summary>A text exactly as it is; null for none.</summary>
    public static QueryFormat<string?> ExactText(int maxLength) =>
        Of(text => text.Length <= maxLength ? text : null, text => text, new ExpectedValue.Text(maxLength));

    /// <summary>A value that is null if it is not given. A text for which <paramref name="read"/> returns null is not valid.</summary>
    public static QueryFormat<T?> Of<T>(Func<string, T?> read, Func<T?, string?> write, ExpectedValue? expected = null) => new(
        (text, out value) =>
        {
            value = read(text);
            return value is not null;
        },
        write,
        expected ?? new ExpectedValue.OwnValue());

    /// <summary>A text without blanks around it, and not longer than this.</summary>
    public static string Cut(string? text, int maxLength)
    {
        var trimmed = text?.Trim() ?? "";
        return trimmed.Length > maxLength ? trimmed[..maxLength] : trimmed;
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
