using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace AdminPortal.Provisioning.Storage;

/// <summary>Gives every connection more of the file to keep in memory: SQLite's own two megabytes are soon full where a row has a dozen indexes.</summary>
internal sealed class SqliteTuning : DbConnectionInterceptor
{
    private SqliteTuning()
    {
    }

    public static SqliteTuning Instance { get; } = new();

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = Command(connection);
        _ = command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = Command(connection);
        _ = await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static DbCommand Command(DbConnection connection)
    {
        var command = connection.CreateCommand();
        command.CommandText = PortalDatabase.ConnectionSettings;
        return command;
    }
}
