namespace AdminPortal.Hosting;

/// <summary>Logs without the secrets of addresses: see <see cref="RedactingLoggerFactory"/>.</summary>
/// <param name="inner">The providers' logger.</param>
/// <param name="least">The least level that passes.</param>
internal sealed class RedactingLogger(ILogger inner, LogLevel least) : ILogger
{
    public bool IsEnabled(LogLevel logLevel) => logLevel >= least && inner.IsEnabled(logLevel);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        if (least == LogLevel.None) return null;
        var text = state.ToString() ?? "";
        var clean = SecretAddresses.Redact(text);
        return clean == text && FindClean(state) is null ? inner.BeginScope(state) : inner.BeginScope(clean);
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        var text = formatter(state, exception);
        var clean = SecretAddresses.Redact(text);
        var values = FindClean(state);
        var cleanException = Clean(exception);
        if (clean == text && values is null && ReferenceEquals(cleanException, exception))
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
            return;
        }

        List<KeyValuePair<string, object?>> line = values ?? [];
        inner.Log(logLevel, eventId, line, cleanException, (_, _) => clean);
    }

    private static Exception? Clean(Exception? exception)
    {
        if (exception is null) return null;
        var text = exception.ToString();
        var clean = SecretAddresses.Redact(text);
        return clean == text ? exception : new RedactedException(clean);
    }

    // The values of a structured line; null where none of them holds a secret.
    private static List<KeyValuePair<string, object?>>? FindClean<TState>(TState state)
    {
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> values) return null;
        List<KeyValuePair<string, object?>>? clean = null;
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i].Value is not { } value || value is IFormattable and not Uri || value.ToString() is not { } text) continue;
            var redacted = SecretAddresses.Redact(text);
            if (redacted == text) continue;
            clean ??= [.. values];
            clean[i] = KeyValuePair.Create(values[i].Key, (object?)redacted);
        }

        return clean;
    }

    /// <summary>An exception as text, without what must not be logged.</summary>
    private sealed class RedactedException(string text) : Exception(text)
    {
        public override string ToString() => Message;
    }
}
