using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.TestSupport;

/// <summary>One database file, created by the real migrations. Every test works on a copy.</summary>
public static class TemplateDatabase
{
    private static readonly Lazy<Task<byte[]>> File = new(MakeAsync);

    public static async Task CopyToAsync(string dataDirectory)
    {
        var target = new SqliteConnectionStringBuilder(PortalDatabase.ConnectionString(dataDirectory)).DataSource;
        await System.IO.File.WriteAllBytesAsync(target, await File.Value);
    }

    private static async Task<byte[]> MakeAsync()
    {
        using var folder = new TemporaryFolder();
        var connectionString = PortalDatabase.ConnectionString(folder.Path);
        await PortalDatabase.PrepareAsync(new Factory(connectionString), folder.Path, CancellationToken.None);

        // The last connection takes the write-ahead log into the file.
        using (var connection = new SqliteConnection(connectionString)) SqliteConnection.ClearPool(connection);
        return await System.IO.File.ReadAllBytesAsync(new SqliteConnectionStringBuilder(connectionString).DataSource);
    }

    private sealed class Factory(string connectionString) : IDbContextFactory<PortalDb>
    {
        public PortalDb CreateDbContext() =>
            new((DbContextOptions<PortalDb>)new DbContextOptionsBuilder<PortalDb>().UsePortalSqlite(connectionString).Options);
    }
}
