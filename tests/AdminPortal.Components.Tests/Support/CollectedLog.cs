using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Components.Tests.Support;

/// <summary>Everything that a portal logs: each line with its category, its values, its exception and its scopes.</summary>
internal sealed class CollectedLog : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<string> _lines = new();
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public IReadOnlyCollection<string> Lines => [.. _lines];

    public string Text => string.Join('\n', _lines);

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, this);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
        // Nothing is held.
    }

    private static string Write(IEnumerable<KeyValuePair<string, object?>> values) => string.Join(' ', values.Select(value => $"{value.Key}={value.Value}"));

    private sealed class Logger(string category, CollectedLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => log._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            List<string> words = [$"{logLevel} {category}: {formatter(state, exception)}", exception?.ToString() ?? ""];
            if (state is IEnumerable<KeyValuePair<string, object?>> values) words.Add(Write(values));
            log._scopes.ForEachScope((scope, all) => all.Add(scope is IEnumerable<KeyValuePair<string, object?>> more ? Write(more) : scope?.ToString() ?? ""), words);
            log._lines.Enqueue(string.Join(' ', words));
        }
    }
}
