using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace AdminPortal.Storage;

/// <summary>Gives every connection more of the file to keep in memory: SQLite's own two megabytes are soon full where a row has a dozen indexes.</summary>
internal sealed class SqliteTuning : DbConnectionInterceptor
{
    // A connection of the pool keeps what it was told, and is opened for every piece of work: it is told once.
    private readonly ConditionalWeakTable<object, object> _told = [];

    private SqliteTuning()
    {
    }

    public static SqliteTuning Instance { get; } = new();

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        if (!IsNew(connection, out var handle)) return;
        using var command = Command(connection);
        _ = command.ExecuteNonQuery();
        _told.AddOrUpdate(handle, handle);
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (!IsNew(connection, out var handle)) return;
        await using var command = Command(connection);
        _ = await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        _told.AddOrUpdate(handle, handle);
    }

    private bool IsNew(DbConnection connection, [NotNullWhen(true)] out object? handle) =>
        (handle = ((SqliteConnection)connection).Handle) is not null && !_told.TryGetValue(handle, out _);

    private static DbCommand Command(DbConnection connection)
    {
        var command = connection.CreateCommand();
        command.CommandText = PortalDatabase.ConnectionSettings;
        return command;
    }
}
