using System.Globalization;
using AdminPortal.Domain.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Features.Api;

/// <summary>Reads a call's parameters. What is not understood is said by name, with what would be: a script must not take an unfiltered list for a filtered one.</summary>
internal sealed class ApiQuery
{
    private readonly IQueryCollection _query;
    private readonly IStringLocalizer<ApiText> _texts;
    private readonly ApiProblems _problems;
    private readonly SortedDictionary<string, string[]> _errors = new(StringComparer.Ordinal);

    public ApiQuery(HttpContext context, params string[] known)
    {
        _query = context.Request.Query;
        _texts = context.RequestServices.GetRequiredService<IStringLocalizer<ApiText>>();
        _problems = context.RequestServices.GetRequiredService<ApiProblems>();
        foreach (var name in _query.Keys)
        {
            if (!known.Contains(name, StringComparer.Ordinal)) Complain(OutsideText.Clean(name, 50) ?? "", _texts["Query.Unknown", string.Join(", ", known)]);
            else if (_query[name].Count > 1) Complain(name, _texts["Query.Twice"]);
        }
    }

    /// <summary>What is wrong; null where nothing is. Ask when everything was read.</summary>
    public ProblemHttpResult? Problem => _errors.Count == 0 ? null : _problems.Invalid(_errors);

    public string? Text(string name, int maxLength)
    {
        if (Value(name)?.Trim() is not { Length: > 0 } text) return null;
        if (text.Length <= maxLength) return text;
        Complain(name, _texts["Query.TooLong", maxLength]);
        return null;
    }

    public T? OneOf<T>(string name)
        where T : struct, Enum
    {
        if (Value(name) is not { Length: > 0 } text) return null;
        // By name alone: numbers, which would parse as well, are nobody's words.
        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase)) return value;
        }

        Complain(name, _texts["Query.OneOf", string.Join(", ", Enum.GetNames<T>())]);
        return null;
    }

    public Guid? Id(string name)
    {
        if (Value(name) is not { Length: > 0 } text) return null;
        if (Guid.TryParseExact(text, "D", out var id)) return id;
        Complain(name, _texts["Query.Id"]);
        return null;
    }

    public bool Flag(string name)
    {
        if (Value(name) is not { Length: > 0 } text) return false;
        if (bool.TryParse(text, out var flag)) return flag;
        Complain(name, _texts["Query.Flag"]);
        return false;
    }

    public int Limit()
    {
        if (Value(ApiPaging.LimitName) is not { Length: > 0 } text) return ApiPaging.UsualLimit;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= ApiPaging.MaxLimit) return limit;
        Complain(ApiPaging.LimitName, _texts["Query.Limit", ApiPaging.MaxLimit]);
        return ApiPaging.UsualLimit;
    }

    /// <summary>The place that a cursor of this very list leads to; null where there is none.</summary>
    /// <param name="list">What the cursor must have been made for: the list with its filters and its order.</param>
    /// <param name="read">Reads the place.</param>
    public T? Cursor<T>(string list, Func<string, T?> read)
        where T : class
    {
        if (Value(ApiPaging.CursorName) is not { Length: > 0 } text) return null;
        if (ApiPaging.Open(text, list) is { } place && read(place) is { } found) return found;
        Complain(ApiPaging.CursorName, _texts["Query.Cursor"]);
        return null;
    }

    /// <summary>Adds a sentence on a parameter.</summary>
    public void Complain(string name, string sentence) => _errors[name] = [sentence];

    private string? Value(string name) => _query[name] is [{ } value] ? value : null;
}
