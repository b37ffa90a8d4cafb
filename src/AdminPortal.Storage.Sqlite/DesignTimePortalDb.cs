using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace AdminPortal.Storage.Sqlite;

/// <summary>Lets <c>dotnet ef migrations add</c> build the model without the portal; the file is never opened.</summary>
internal sealed class DesignTimePortalDb : IDesignTimeDbContextFactory<PortalDb>
{
    public PortalDb CreateDbContext(string[] args) =>
        new((DbContextOptions<PortalDb>)new DbContextOptionsBuilder<PortalDb>().UsePortalSqlite("Data Source=design-time.db").Options);
}
