using System.Data.Common;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.TestSupport;

/// <summary>Simulates storage failures: a full disk, a read-only file, no file handles. They can be switched on and off.</summary>
public sealed class TroubledConnections : DbConnectionInterceptor, IDbCommandInterceptor
{
    private int _openings;

    /// <summary>How often a connection was asked for.</summary>
    public int Openings => Volatile.Read(ref _openings);

    /// <summary>Whether not one page more may be had, and nothing may be written into what is left of the pages that are there.</summary>
    public bool IsFull { get; set; }

    /// <summary>Whether nothing may be written.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Whether no connection comes about, as without file handles.</summary>
    public bool IsOutOfReach { get; set; }

    /// <summary>From which opening on none comes about, counted from now on; null for never.</summary>
    public int? OutOfReachFrom
    {
        get;
        set => (_openings, field) = (0, value);
    }

    public Action<IServiceCollection> Register => services => services.ConfigureDbContext<PortalDb>(builder => builder.AddInterceptors(this));

    public override ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
        Interlocked.Increment(ref _openings) >= OutOfReachFrom || IsOutOfReach ? throw new SqliteException("SQLite Error 14: 'unable to open database file'.", 14, 14) : new ValueTask<InterceptionResult>(result);

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await RunAsync(connection, $"PRAGMA query_only = {(IsReadOnly ? 1 : 0)}", cancellationToken);
        // The file is already larger than that: SQLite takes its present size as the limit.
        await RunAsync(connection, $"PRAGMA max_page_count = {(IsFull ? 1 : int.MaxValue - 1)}", cancellationToken);
    }

    public ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
        IsWrite(command) && Refusal is { } refusal ? throw refusal : new ValueTask<InterceptionResult<DbDataReader>>(result);

    public ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
        IsWrite(command) && Refusal is { } refusal ? throw refusal : new ValueTask<InterceptionResult<int>>(result);

    // A small row may find room in a page that is there: whether it does is not what these tests are about.
    private static bool IsWrite(DbCommand command) => new[] { "INSERT", "UPDATE", "DELETE" }.Any(verb => command.CommandText.Contains(verb, StringComparison.Ordinal));

    // A connection that was open already when the trouble came is told by its next statement.
    private SqliteException? Refusal =>
        IsFull ? new SqliteException("SQLite Error 13: 'database or disk is full'.", 13, 13)
        : IsReadOnly ? new SqliteException("SQLite Error 8: 'attempt to write a readonly database'.", 8, 8)
        : null;

    private static async Task RunAsync(DbConnection connection, string pragma, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = pragma;
        _ = await command.ExecuteScalarAsync(cancellationToken);
    }
}
