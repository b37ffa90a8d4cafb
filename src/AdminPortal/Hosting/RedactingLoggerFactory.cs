namespace AdminPortal.Hosting;

/// <summary>
/// Stands before every log provider, whatever levels are configured for which of them: takes the secrets of addresses out of
/// messages, values, scopes and exceptions, and drops what prints whole requests or what people type.
/// </summary>
internal sealed class RedactingLoggerFactory(LoggerFactory inner) : ILoggerFactory
{
    // The least level that passes, by category; a level in a configuration cannot lower it.
    private static readonly (string Category, LogLevel Least)[] Limits =
    [
        // Its lines hold whole addresses, and its scope lends the path to every other line.
        ("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None),
        ("Microsoft.AspNetCore.HttpLogging", LogLevel.None),
        // Quotes requests that cannot be read.
        ("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.None),
        // Prints authorization responses, cookies, and texts of the authority and of exceptions that may quote a token.
        ("Microsoft.AspNetCore.Authentication.OpenIdConnect", LogLevel.None),
        // Prints what people type into the forms of circuits.
        ("Microsoft.AspNetCore.SignalR", LogLevel.Warning),
        // Prints paths, and two lines for every request.
        ("Microsoft.AspNetCore.Routing", LogLevel.Warning),
        // Prints the trace of what keeps the portal from starting: PortalStart says it in a sentence, and logs the trace where it is needed.
        ("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None),
    ];

    public ILogger CreateLogger(string categoryName) => new RedactingLogger(inner.CreateLogger(categoryName), Least(categoryName));

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose()
    {
        // The container disposes of the inner factory itself.
    }

    private static LogLevel Least(string category) =>
        Limits.FirstOrDefault(limit => category == limit.Category || category.StartsWith(limit.Category + ".", StringComparison.Ordinal)) is { Category: not null } limit ? limit.Least : LogLevel.Trace;
}
