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
    /// <param name="usual">The query of an address without parameters.</param>
    /// <param name="read">The query with the value.</param>
    /// <returns>False if the text is not valid.</returns>
    public abstract bool TryRead(string? text, TQuery query, TQuery usual, out TQuery read);

    /// <summary>The text of a query's value; null for the default, which is left out.</summary>
    public abstract string? Write(TQuery query, TQuery usual);
}

/// <summary>Declares the query parameters of lists.</summary>
internal static class ListField
{
    /// <summary>Declares a query parameter.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="format">How it is parsed and written.</param>
    /// <param name="get">Its value in a query.</param>
    /// <param name="set">A query with another value.</param>
    /// <param name="usual">The default, which may depend on the fields that are declared before; otherwise that of the list.</param>
    public static ListField<TQuery> Of<TQuery, T>(
        string key, QueryFormat<T> format, Func<TQuery, T> get, Func<TQuery, T, TQuery> set, Func<TQuery, T>? usual = null) =>
        new Typed<TQuery, T>(key, format, get, set, usual);

    private sealed class Typed<TQuery, T>(
        string key, QueryFormat<T> format, Func<TQuery, T> get, Func<TQuery, T, TQuery> set, Func<TQuery, T>? own) : ListField<TQuery>(key, format.Expected)
    {
        public override bool TryRead(string? text, TQuery query, TQuery usual, out TQuery read)
        {
            var isGiven = !string.IsNullOrWhiteSpace(text);
            if (isGiven && format.TryParse(text!, out var value))
            {
                read = set(query, value!);
                return true;
            }

            read = set(query, Usual(query, usual));
            return !isGiven;
        }

        public override string? Write(TQuery query, TQuery usual) =>
            get(query) is var value && EqualityComparer<T>.Default.Equals(value, Usual(query, usual)) ? null : format.Write(value);

        private T Usual(TQuery query, TQuery usual) => own is null ? get(usual) : own(query);
    }
}
