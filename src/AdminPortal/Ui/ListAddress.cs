using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.WebUtilities;

namespace AdminPortal.Ui;

/// <summary>
/// A list's state in the query of its address: filters, order and page. A list declares its parameters once, and can then read
/// them, write them, and say which ones of a call are not valid.
/// </summary>
/// <param name="usual">The query of an address without parameters.</param>
/// <typeparam name="TQuery">What the list asks for, as an immutable record.</typeparam>
internal sealed class ListAddress<TQuery>(TQuery usual)
{
    private readonly List<ListField<TQuery>> _fields = [];

    /// <summary>The names of the parameters.</summary>
    public IEnumerable<string> Keys => _fields.Select(one => one.Key);

    /// <summary>Declares a parameter. Parameters are read and written in the order in which they are declared.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="format">How it is parsed and written.</param>
    /// <param name="get">Its value in a query.</param>
    /// <param name="set">A query with another value.</param>
    /// <param name="own">A default that depends on the parameters before; otherwise that of the list.</param>
    public ListAddress<TQuery> Add<T>(
        string key, QueryFormat<T> format, Func<TQuery, T> get, Func<TQuery, T, TQuery> set, Func<TQuery, T>? own = null)
    {
        _fields.Add(new ListField<TQuery, T>(key, format, get, set, own ?? (_ => get(usual))));
        return this;
    }

    /// <summary>Reads the parameters of an address. It may come from anywhere: a parameter that is not valid counts as not given.</summary>
    /// <param name="address">The address, or its query alone.</param>
    public TQuery Read(string address)
    {
        var start = address.IndexOf('?', StringComparison.Ordinal);
        var parameters = QueryHelpers.ParseQuery(start < 0 ? "" : address[start..].Split('#')[0]);
        return Read(key => parameters.TryGetValue(key, out var values) ? values.FirstOrDefault() : null);
    }

    /// <summary>Reads parameters. One that is not valid counts as not given.</summary>
    /// <param name="parameter">The text of a parameter; null if it is not given.</param>
    public TQuery Read(Func<string, string?> parameter) => Check(parameter).Query;

    /// <summary>Reads parameters, and says which ones are not valid.</summary>
    /// <param name="parameter">The text of a parameter; null if it is not given.</param>
    public (TQuery Query, IReadOnlyList<ListField<TQuery>> Invalid) Check(Func<string, string?> parameter)
    {
        var query = usual;
        var invalid = new List<ListField<TQuery>>();
        foreach (var field in _fields)
        {
            if (!field.TryRead(parameter(field.Key), query, out query)) invalid.Add(field);
        }

        return (query, invalid);
    }

    /// <summary>The query that <see cref="Read(string)"/> reads as this state, with its question mark; empty if all is as usual.</summary>
    public string Write(TQuery query)
    {
        var parameters = new QueryBuilder();
        foreach (var field in _fields)
        {
            if (field.Write(query) is { } text) parameters.Add(field.Key, text);
        }

        return parameters.ToQueryString().ToUriComponent();
    }
}
