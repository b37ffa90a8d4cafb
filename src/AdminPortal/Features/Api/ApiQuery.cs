using AdminPortal.Domain.Text;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Features.Api;

/// <summary>
/// The parameters of a call for a list. Unknown and invalid ones are answered by name, with what would be valid: a script must not
/// take an unfiltered list for a filtered one.
/// </summary>
/// <typeparam name="TQuery">What the list asks for.</typeparam>
internal sealed class ApiQuery<TQuery>
{
    private readonly IQueryCollection _query;
    private readonly IStringLocalizer<ApiText> _texts;
    private readonly ApiProblems _problems;
    private readonly SortedDictionary<string, string[]> _errors = new(StringComparer.Ordinal);

    /// <summary>Reads the parameters of a call.</summary>
    /// <param name="context">The call.</param>
    /// <param name="list">The parameters that the list knows, besides the cursor.</param>
    public ApiQuery(HttpContext context, ListAddress<TQuery> list)
    {
        _query = context.Request.Query;
        _texts = context.RequestServices.GetRequiredService<IStringLocalizer<ApiText>>();
        _problems = context.RequestServices.GetRequiredService<ApiProblems>();
        string[] known = [.. list.Keys, ApiPaging.CursorName];
        foreach (var name in _query.Keys)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
                Complain(OutsideText.Clean(name, 50) ?? "", _texts["Query.Unknown", string.Join(", ", known)]);
            else if (_query[name].Count > 1) Complain(name, _texts["Query.Twice"]);
        }

        (Value, var invalid) = list.Check(Text);
        foreach (var field in invalid) Complain(field.Key, Explain(field.Expected));
    }

    /// <summary>What the call asks for, with defaults for parameters that are not valid.</summary>
    public TQuery Value { get; }

    /// <summary>What is wrong; null if nothing is. Ask after <see cref="Cursor"/>.</summary>
    public ProblemHttpResult? Problem => _errors.Count == 0 ? null : _problems.Invalid(_errors);

    /// <summary>The place that a cursor of this list leads to; null if there is none.</summary>
    /// <param name="list">What the cursor must have been made for: the list with its filters and its order.</param>
    /// <param name="read">Reads the place.</param>
    public T? Cursor<T>(string list, Func<string, T?> read)
        where T : class
    {
        if (Text(ApiPaging.CursorName) is not { Length: > 0 } text) return null;
        if (ApiPaging.Open(text, list) is { } place && read(place) is { } found) return found;
        Complain(ApiPaging.CursorName, _texts["Query.Cursor"]);
        return null;
    }

    private void Complain(string name, string sentence) => _errors[name] = [sentence];

    private string? Text(string name) => _query[name] is [{ } value] ? value : null;

    private string Explain(ExpectedValue expected) => expected switch
    {
        ExpectedValue.OneOf { Names: var names } => _texts["Query.OneOf", string.Join(", ", names)],
        ExpectedValue.Id => _texts["Query.Id"],
        ExpectedValue.Flag => _texts["Query.Flag"],
        ExpectedValue.Text { MaxLength: var length } => _texts["Query.TooLong", length],
        ExpectedValue.Count { Max: var max } => _texts["Query.Limit", max],
        _ => throw new ArgumentOutOfRangeException(nameof(expected), expected, "Lists of the API have no parameter of this kind."),
    };
}
