using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace AdminPortal.Storage;

/// <summary>
/// Statements of our own on a context's connection, for what goes through many rows at once. Values are parameters,
/// always. Guids, times and enums are written as the columns hold them: see the converters beside this.
/// </summary>
internal static class RawSql
{
    /// <summary>A command in the context's transaction, where there is one; the connection has to be open.</summary>
    public static DbCommand Command(this PortalDb db, string sql, params IEnumerable<(string Name, object? Value)> parameters)
    {
        var command = db.Database.GetDbConnection().CreateCommand();
        command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
#pragma warning disable CA2100 // The statements are constants; what comes from outside is a parameter.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters) command.Add(name, value);
        return command;
    }

    /// <summary>Runs one statement.</summary>
    /// <returns>The rows that it changed.</returns>
    public static async Task<int> RunAsync(this PortalDb db, string sql, CancellationToken cancellationToken, params IEnumerable<(string Name, object? Value)> parameters)
    {
        await using var command = db.Command(sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Runs one statement in the context's transaction, and tells whoever watches the context's statements of it, as EF Core
    /// tells of its own: interceptors, its log, what listens for its events.
    /// </summary>
    /// <returns>The rows that it changed.</returns>
    public static async Task<int> RunSeenAsync(this PortalDb db, DbCommand command, CancellationToken cancellationToken)
    {
        var told = db.GetService<IRelationalCommandDiagnosticsLogger>();
        var connection = db.GetService<IRelationalConnection>();
        command.Transaction = connection.CurrentTransaction?.GetDbTransaction();
        // When and how long is for logs alone, and by the machine's clock as in EF Core's own.
        var (id, at, text) = (Guid.NewGuid(), TimeProvider.System.GetUtcNow(), command.CommandText);
        var instead = await told.CommandNonQueryExecutingAsync(
            connection, command, text, db, id, connection.ConnectionId, at, CommandSource.ExecuteSqlRaw, cancellationToken).ConfigureAwait(false);
        try
        {
            var rows = instead.HasResult ? instead.Result : await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return await told.CommandNonQueryExecutedAsync(
                connection, command, text, db, id, connection.ConnectionId, rows, at, TimeProvider.System.GetUtcNow() - at, CommandSource.ExecuteSqlRaw, cancellationToken).ConfigureAwait(false);
        }
        catch (DbException exception)
        {
            await told.CommandErrorAsync(
                connection, command, text, db, DbCommandMethod.ExecuteNonQuery, id, connection.ConnectionId, exception, at, TimeProvider.System.GetUtcNow() - at, CommandSource.ExecuteSqlRaw,
                cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Reads the rows of one statement, opening the connection for it where it is closed.</summary>
    public static List<T> Rows<T>(this PortalDb db, string sql, Func<DbDataReader, T> read, params IEnumerable<(string Name, object? Value)> parameters)
    {
        db.Database.OpenConnection();
        try
        {
            using var command = db.Command(sql, parameters);
            using var row = command.ExecuteReader();
            List<T> rows = [];
            while (row.Read()) rows.Add(read(row));
            return rows;
        }
        finally
        {
            db.Database.CloseConnection();
        }
    }

    /// <summary>Whether the file has a table: a new one has none, and an old one not all.</summary>
    public static bool HasTable(this PortalDb db, string name) =>
        db.Rows("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $name", row => row.GetInt32(0), ("$name", name)).Count > 0;

    /// <summary>Adds a parameter, or a place for the values of a statement that is run many times.</summary>
    public static DbParameter Add(this DbCommand command, string name, object? value = null)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
        return parameter;
    }

    public static void Set(this DbParameter parameter, object? value) => parameter.Value = value ?? DBNull.Value;
}
