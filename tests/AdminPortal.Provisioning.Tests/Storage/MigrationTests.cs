using AdminPortal.Domain.Access;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace AdminPortal.Provisioning.Tests.Storage;

public sealed class MigrationTests
{
    [Fact]
    public async Task Migrate_DatabaseOfTheFirstRelease_KeepsItsInstancesAndFindsThem()
    {
        using var folder = new TemporaryFolder();
        var connectionString = PortalDatabase.ConnectionString(folder.Path);
        var options = new DbContextOptionsBuilder<PortalDb>().UsePortalSqlite(connectionString).Options;
        await using (var db = new PortalDb((DbContextOptions<PortalDb>)options))
        {
            await db.GetService<IMigrator>().MigrateAsync("Initial", Token);
            await db.Database.ExecuteSqlRawAsync(
                """
                INSERT INTO "Accounts" ("Id", "Name", "BaseUrl", "OrganizationSecret", "UserSecret", "SignInHosts", "CreatedAt", "Version")
                VALUES ('0199F0A1-0000-7000-8000-000000000001', 'Staging', 'https://staging.example.com', 'a', 'b', '[]', 1, 0);
                INSERT INTO "Instances" ("Id", "PlatformAccountId", "PlatformId", "ElementKey", "Name", "NameKey", "Tags", "PortalTag", "AccountServer", "Token", "State", "AttemptId", "CreatedAt", "LastCheckedAt", "Version")
                VALUES ('0199F0A1-0000-7000-8000-000000000011', '0199F0A1-0000-7000-8000-000000000001', 42, 'infusionsoftcrm', 'Büro', 'buro', '["Nord","two"]', 'portal:x', 'dt123.infusionsoft.com', 'sealed', 'Disabled', NULL, 20, 21, 3),
                       ('0199F0A1-0000-7000-8000-000000000012', '0199F0A1-0000-7000-8000-000000000001', 43, 'infusionsoftrest', 'Later', 'later', '[]', NULL, NULL, 'sealed', 'Active', NULL, 10, 11, 0);
                """,
                Token);
        }

        await using (var db = new PortalDb((DbContextOptions<PortalDb>)options))
        {
            await db.Database.MigrateAsync(Token);

            var rows = await db.Instances.OrderBy(row => row.Number).ToListAsync(Token);
            rows.Select(row => row.Name).ShouldBe(["Later", "Büro"]);
            var moved = rows[1];
            moved.Id.ShouldBe(Guid.Parse("0199F0A1-0000-7000-8000-000000000011"));
            (moved.PlatformId, moved.State, moved.Version, moved.ServerKey, moved.HasLegacyKey).ShouldBe((42, InstanceState.Disabled, 3, "dt123.infusionsoft.com", true));
            moved.Tags.ShouldBe(["Nord", "two"]);
            // Word for word what the portal itself would write: otherwise the text index would forget the wrong words one day.
            moved.SearchKey.ShouldBe(InstanceSearchText.Write(moved.Name, moved.Tags, moved.AccountServer, moved.PlatformId));
            rows[0].SearchKey.ShouldBe(InstanceSearchText.Write("Later", [], null, 43));

            var sql = new InstanceListSql(db);
            (await sql.ReadAsync(new InstanceListQuery { Search = "nord" }, 10, Token)).Single().Row.Name.ShouldBe("Büro");
            (await sql.ReadAsync(new InstanceListQuery { Tag = "Nord" }, 10, Token)).Single().Row.Name.ShouldBe("Büro");
        }

        using (var connection = new SqliteConnection(connectionString)) SqliteConnection.ClearPool(connection);
    }

    [Fact]
    public async Task Migrate_PeopleFromBeforeThereWereRoles_StayAdministrators()
    {
        using var folder = new TemporaryFolder();
        var connectionString = PortalDatabase.ConnectionString(folder.Path);
        await using (var db = Open(connectionString))
        {
            await db.GetService<IMigrator>().MigrateAsync("AttemptList", Token);
            await db.Database.ExecuteSqlRawAsync(
                """
                INSERT INTO "AspNetUsers" ("Id", "UserName", "EmailConfirmed", "PhoneNumberConfirmed", "TwoFactorEnabled", "LockoutEnabled", "AccessFailedCount")
                VALUES ('0199F0A1-0000-7000-8000-00000000ADA0', 'ada@example.com', 1, 0, 0, 1, 0)
                """,
                Token);
        }

        await using (var db = Open(connectionString))
        {
            await db.Database.MigrateAsync(Token);

            var ada = await db.Users.SingleAsync(Token);
            (ada.Role, ada.DisabledAt, ada.LinkHash).ShouldBe((Role.Administrator, null, null));
            // Whoever is written without a role from now on has the least.
            await db.Database.ExecuteSqlRawAsync(
                """
                INSERT INTO "AspNetUsers" ("Id", "UserName", "EmailConfirmed", "PhoneNumberConfirmed", "TwoFactorEnabled", "LockoutEnabled", "AccessFailedCount")
                VALUES ('0199F0A1-0000-7000-8000-00000000B0B0', 'bob@example.com', 1, 0, 0, 1, 0)
                """,
                Token);
            (await db.Users.SingleAsync(person => person.UserName == "bob@example.com", Token)).Role.ShouldBe(Role.Viewer);
        }

        using (var connection = new SqliteConnection(connectionString)) SqliteConnection.ClearPool(connection);
    }

    [Theory]
    [InlineData("Initial")]
    [InlineData(null)]
    public async Task Prepare_AfterAProcessWasKilledWhileItUpgraded_GoesOn(string? reached)
    {
        using var folder = new TemporaryFolder();
        var connectionString = PortalDatabase.ConnectionString(folder.Path);
        await using (var db = Open(connectionString))
        {
            await db.GetService<IMigrator>().MigrateAsync(reached, Token);
            // EF Core's lock as a process leaves it that ends under it: the next one would wait for it for ever.
            await db.Database.ExecuteSqlRawAsync("INSERT INTO \"__EFMigrationsLock\" (\"Id\", \"Timestamp\") VALUES (1, '2026-01-01 00:00:00')", Token);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        await PortalDatabase.PrepareAsync(new Factory(connectionString), folder.Path, patience.Token);

        await using (var db = Open(connectionString)) (await db.Database.GetPendingMigrationsAsync(Token)).ShouldBeEmpty();
        using (var connection = new SqliteConnection(connectionString)) SqliteConnection.ClearPool(connection);
    }

    [Fact]
    public async Task Examine_AtEveryMigration_AgreesWithEfCore()
    {
        using var folder = new TemporaryFolder();
        await using var db = Open(PortalDatabase.ConnectionString(folder.Path));
        SchemaCheck.Examine(db).State.ShouldBe(SchemaState.New);
        await SchemaDeclaration.Own.RaiseAsync(db, Token);

        foreach (var migration in db.Database.GetMigrations())
        {
            await db.GetService<IMigrator>().MigrateAsync(migration, Token);
            (SchemaCheck.Examine(db).State == SchemaState.Current).ShouldBe(!(await db.Database.GetPendingMigrationsAsync(Token)).Any(), migration);
        }

        SchemaCheck.Examine(db).State.ShouldBe(SchemaState.Current);
        using var connection = new SqliteConnection(PortalDatabase.ConnectionString(folder.Path));
        SqliteConnection.ClearPool(connection);
    }

    [Fact]
    public async Task Prepare_TwoAtOnce_BothEndWithTheSameDatabase()
    {
        using var folder = new TemporaryFolder();
        var connectionString = PortalDatabase.ConnectionString(folder.Path);

        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => PortalDatabase.PrepareAsync(new Factory(connectionString), folder.Path, Token), Token)));

        await using (var db = Open(connectionString)) (await db.Database.GetPendingMigrationsAsync(Token)).ShouldBeEmpty();
        using (var connection = new SqliteConnection(connectionString)) SqliteConnection.ClearPool(connection);
    }

    private static PortalDb Open(string connectionString) =>
        new((DbContextOptions<PortalDb>)new DbContextOptionsBuilder<PortalDb>().UsePortalSqlite(connectionString).Options);

    private sealed class Factory(string connectionString) : IDbContextFactory<PortalDb>
    {
        public PortalDb CreateDbContext() => Open(connectionString);
    }
}
