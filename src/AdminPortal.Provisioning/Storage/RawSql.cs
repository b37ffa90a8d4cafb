using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace AdminPortal.Provisioning.Storage;

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
