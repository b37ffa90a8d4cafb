using System.Security.Cryptography;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Storage;

/// <summary>Which versions may open a database.</summary>
public sealed class SchemaCheckTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    private string Database => RawDatabase.FileOf(_folder.Path);

    public async ValueTask InitializeAsync() => await TemplateDatabase.CopyToAsync(_folder.Path);

    public ValueTask DisposeAsync()
    {
        RawDatabase.Release(_folder.Path);
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void Prepare_NewDatabase_DeclaresThisProgram() => Declared().ShouldBe(SchemaDeclaration.Own);

    [Fact]
    public async Task Prepare_DeclaredForNewerVersionsOnly_IsRefusedBeforeAnyWrite()
    {
        Declare(SchemaLevel.Current + 2, SchemaLevel.Current + 1);

        var refusal = await RefusedAsync();

        refusal.ShouldContain("AdminPortal 9.1.0");
        refusal.ShouldContain("9.0.0 or newer");
        refusal.ShouldContain($"This is {SchemaLevel.ProgramVersion}.");
    }

    [Fact]
    public async Task Prepare_UnknownMigrationOfTheSameLevel_IsRefusedBeforeAnyWrite()
    {
        _ = RawDatabase.Run(Database, "INSERT INTO __EFMigrationsHistory VALUES ('29991231000000_Future', '99.0')");

        (await RefusedAsync()).ShouldContain("29991231000000_Future");
    }

    [Fact]
    public async Task Prepare_UnknownMigrationWithoutADeclaration_IsRefusedBeforeAnyWrite()
    {
        _ = RawDatabase.Run(Database, "INSERT INTO __EFMigrationsHistory VALUES ('29991231000000_Future', '99.0'); DROP TABLE SchemaDeclaration");

        (await RefusedAsync()).ShouldContain("29991231000000_Future");
    }

    [Fact]
    public async Task Prepare_NewerVersionThatAllowsThisOne_OpensItAndKeepsItsDeclaration()
    {
        Declare(SchemaLevel.Current + 1, SchemaLevel.Current);
        _ = RawDatabase.Run(Database, "INSERT INTO __EFMigrationsHistory VALUES ('29991231000000_Future', '99.0')");

        await PrepareAsync();

        Declared().ShouldBe(new SchemaDeclaration(SchemaLevel.Current + 1, SchemaLevel.Current, "9.1.0", "9.0.0"));
    }

    [Fact]
    public async Task Prepare_NewerVersionThatHasNotFinishedItsUpgrade_IsRefused()
    {
        Declare(SchemaLevel.Current + 1, SchemaLevel.Current);
        _ = RawDatabase.Run(Database, "DELETE FROM __EFMigrationsHistory WHERE MigrationId = (SELECT MAX(MigrationId) FROM __EFMigrationsHistory)");

        (await RefusedAsync()).ShouldContain("9.0.0 or newer");
    }

    [Fact]
    public async Task Prepare_DatabaseOfAnotherProgram_IsRefusedBeforeAnyWrite()
    {
        File.Delete(Database);
        _ = RawDatabase.Run(Database, "CREATE TABLE Customers (Id INTEGER)");

        (await RefusedAsync()).ShouldContain("not one of AdminPortal's");
    }

    [Fact]
    public async Task Prepare_DatabaseThatDeclaresNothing_IsDeclared()
    {
        _ = RawDatabase.Run(Database, "DROP TABLE SchemaDeclaration");

        await PrepareAsync();

        Declared().ShouldBe(SchemaDeclaration.Own);
    }

    [Fact]
    public async Task Prepare_StartThatWasKilledAfterItsDeclaration_GoesOn()
    {
        File.Delete(Database);
        await using (var db = PortalDatabase.Open(PortalDatabase.ConnectionString(_folder.Path))) await SchemaDeclaration.Own.RaiseAsync(db, Token);

        await PrepareAsync();

        RawDatabase.Run(Database, "SELECT COUNT(*) FROM AspNetUsers").ShouldBe(0L);
    }

    [Fact]
    public async Task Raise_OlderProgram_NeverLowersADeclaration()
    {
        Declare(SchemaLevel.Current + 2, SchemaLevel.Current + 1);

        await using (var db = PortalDatabase.Open(PortalDatabase.ConnectionString(_folder.Path))) await SchemaDeclaration.Own.RaiseAsync(db, Token);

        Declared().ShouldNotBeNull().Level.ShouldBe(SchemaLevel.Current + 2);
    }

    private SchemaDeclaration? Declared()
    {
        using var db = PortalDatabase.Open(PortalDatabase.ConnectionString(_folder.Path));
        return SchemaDeclaration.Read(db);
    }

    private void Declare(int level, int oldest) => _ = RawDatabase.Run(
        Database, $"UPDATE SchemaDeclaration SET Level = {level}, OldestProgramLevel = {oldest}, Program = '9.1.0', OldestProgram = '9.0.0'");

    private Task PrepareAsync() => PortalDatabase.PrepareAsync(new Factory(PortalDatabase.ConnectionString(_folder.Path)), _folder.Path, Token);

    // The refusal; the file is the same to the byte.
    private async Task<string> RefusedAsync()
    {
        var before = Fingerprint();
        var refusal = (await Should.ThrowAsync<SchemaRefusedException>(PrepareAsync)).Message;
        RawDatabase.Release(_folder.Path);
        Fingerprint().ShouldBe(before);
        return refusal;
    }

    private string Fingerprint() => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Database)));

    private sealed class Factory(string connectionString) : IDbContextFactory<PortalDb>
    {
        public PortalDb CreateDbContext() => PortalDatabase.Open(connectionString);
    }
}
