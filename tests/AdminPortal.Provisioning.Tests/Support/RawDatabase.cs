using AdminPortal.Storage;
using Microsoft.Data.Sqlite;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>The database's file behind the portal's back.</summary>
internal static class RawDatabase
{
    public static string FileOf(string dataDirectory) => Path.Combine(dataDirectory, PortalDatabase.FileName);

    public static SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    public static object? Run(string file, string sql)
    {
        using var connection = Open(file);
        return connection.Run(sql);
    }

    public static object? Run(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    /// <summary>Lets go of the portal's idle connections, as its end would.</summary>
    public static void Release(string dataDirectory)
    {
        using var connection = new SqliteConnection(PortalDatabase.ConnectionString(dataDirectory));
        SqliteConnection.ClearPool(connection);
    }
}
