namespace AdminPortal.Ui;

/// <summary>One query parameter of a list.</summary>
/// <typeparam name="TQuery">What the list asks for.</typeparam>
internal abstract class ListField<TQuery>
{
    private protected ListField(string key, ExpectedValue expected) => (Key, Expected) = (key, expected);

    /// <summary>The name of the parameter.</summary>
    public string Key { get; }

    /// <summary>What a valid text is.</summary>
    public ExpectedValue Expected { get; }

    /// <summary>Sets the value of a query: from the text, or to the default if the text is missing, blank or not valid.</summary>
    /// <param name="text">The text.</param>
    /// <param name="query">The query, with the fields that are declared before.</param>
    /// <param name="read">The query with the value.</param>
    /// <returns>False if the text is not valid.</returns>
    public abstract bool TryRead(string? text, TQuery query, out TQuery read);

    /// <summary>The text of a query's value; null for the default, which is left out.</summary>
    public abstract string? Write(TQuery query);
}

/// <summary>A query parameter whose value has this type.</summary>
internal sealed class ListField<TQuery, T>(
    string key, QueryFormat<T> format, Func<TQuery, T> get, Func<TQuery, T, TQuery> set, Func<TQuery, T> usual)
    : ListField<TQuery>(key, format.Expected)
{
    public override bool TryRead(string? text, TQuery query, out TQuery read)
    {
        var isGiven = !string.IsNullOrWhiteSpace(text);
        if (isGiven && format.TryParse(text!, out var value))
        {
            read = set(query, value!);
            return true;
        }

        read = set(query, usual(query));
        return !isGiven;
    }

    public override string? Write(TQuery query) =>
        get(query) is var value && EqualityComparer<T>.Default.Equals(value, usual(query)) ? null : format.Write(value);
}
