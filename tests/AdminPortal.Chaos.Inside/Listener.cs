using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace AdminPortal.Chaos.Inside;

/// <summary>
/// Makes points of what the frameworks tell of themselves: each statement that writes, each transaction, each call to
/// the platform, each request to the portal.
/// </summary>
internal static partial class Listener
{
    private static HttpEvents? _http;

    public static void Begin()
    {
        _ = DiagnosticListener.AllListeners.Subscribe(new Sources());
        _http = new HttpEvents();
    }

    private sealed class Sources : IObserver<DiagnosticListener>
    {
        public void OnNext(DiagnosticListener value)
        {
            _ = value.Name switch
            {
                "Microsoft.EntityFrameworkCore" => value.Subscribe(new Database(), name => Database.Names.Contains(name)),
                "HttpHandlerDiagnosticListener" => value.Subscribe(new Calls()),
                "Microsoft.AspNetCore" => value.Subscribe(new Requests(), name => name.StartsWith("Microsoft.AspNetCore.Hosting.HttpRequestIn", StringComparison.Ordinal)),
                _ => null,
            };
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }

    private abstract class Observer : IObserver<KeyValuePair<string, object?>>
    {
        public abstract void OnNext(KeyValuePair<string, object?> value);

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }

    private sealed partial class Database : Observer
    {
        public static readonly HashSet<string> Names =
        [
            RelationalEventId.CommandExecuting.Name!, RelationalEventId.CommandExecuted.Name!,
            RelationalEventId.TransactionStarted.Name!, RelationalEventId.TransactionCommitting.Name!, RelationalEventId.TransactionCommitted.Name!,
            RelationalEventId.ConnectionClosed.Name!,
        ];

        // What each open connection has written since its transaction began, or without one.
        private readonly ConditionalWeakTable<object, Written> _written = [];

        public override void OnNext(KeyValuePair<string, object?> value)
        {
            switch (value.Value)
            {
                case CommandEventData command when Writes(command.Command.CommandText) is { } write && command.Connection is { } connection:
                    if (value.Key == RelationalEventId.CommandExecuting.Name)
                    {
                        Points.Reach($"before {write}");
                        _written.GetOrCreateValue(connection).Add(write);
                    }
                    else
                    {
                        Points.Reach($"at the end of {write}");
                    }

                    break;

                case TransactionEventData transaction when transaction.Transaction.Connection is { } connection && value.Key == RelationalEventId.TransactionCommitting.Name:
                    Points.Reach($"before the commit of {_written.GetOrCreateValue(connection)}");
                    break;

                case TransactionEndEventData when value.Key == RelationalEventId.TransactionCommitted.Name:
                    Points.Reach("after a commit");
                    break;

                // Without a transaction of its own, a statement is committed when its reader is closed.
                case ConnectionEndEventData closed when _written.TryGetValue(closed.Connection, out var written):
                    if (written.Take() is { Length: > 0 } what) Points.Reach($"after {what}");
                    break;
            }
        }

        private static string? Writes(string command) => Write().Match(command) is { Success: true } match ? $"{match.Groups[1].Value} {match.Groups[2].Value}" : null;

        [GeneratedRegex("\\b(INSERT INTO|INSERT OR IGNORE INTO|UPDATE|DELETE FROM) \"(\\w+)\"", RegexOptions.CultureInvariant)]
        private static partial Regex Write();

        private sealed class Written
        {
            private readonly ConcurrentQueue<string> _writes = new();

            public void Add(string write) => _writes.Enqueue(write);

            public string Take()
            {
                var text = ToString();
                _writes.Clear();
                return text;
            }

            public override string ToString() => string.Join(", ", _writes);
        }
    }

    private sealed class Calls : Observer
    {
        public override void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Key == "System.Net.Http.HttpRequestOut.Start" && Request(value.Value) is { } starting)
                Points.Reach($"before {Name(starting)}");
            else if (value.Key == "System.Net.Http.HttpRequestOut.Stop" && Request(value.Value) is { } stopped)
                Points.Reach($"after {Name(stopped)}");
        }

        private static HttpRequestMessage? Request(object? payload) => payload?.GetType().GetProperty("Request")?.GetValue(payload) as HttpRequestMessage;

        private static string Name(HttpRequestMessage request) => $"the call {request.Method} {Paths.Plain(request.RequestUri?.AbsolutePath)}";
    }

    private sealed class Requests : Observer
    {
        public override void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Value is not HttpContext context || context.Request.Path.StartsWithSegments("/chaos", StringComparison.Ordinal)) return;
            if (value.Key.EndsWith(".Start", StringComparison.Ordinal)) Points.Reach($"before the answer to {Name(context)}");
            else if (value.Key.EndsWith(".Stop", StringComparison.Ordinal)) Points.Reach($"after the answer to {Name(context)}");
        }

        private static string Name(HttpContext context) => $"{context.Request.Method} {Paths.Plain(context.Request.Path.Value)}";
    }

    /// <summary>The moments within a call: its body has left; the head of the answer is there.</summary>
    private sealed class HttpEvents : EventListener
    {
        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "System.Net.Http") EnableEvents(eventSource, EventLevel.Informational, EventKeywords.All);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.EventName is "RequestHeadersStop" or "RequestContentStop" or "ResponseHeadersStop" or "ResponseContentStop")
                Points.Reach($"within a call: {eventData.EventName}");
        }
    }
}

/// <summary>Addresses without what differs from run to run.</summary>
internal static partial class Paths
{
    public static string Plain(string? path) => Changing().Replace(path ?? "", "*");

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\\d{3,}", RegexOptions.CultureInvariant)]
    private static partial Regex Changing();
}
