using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.Data.Sqlite;

namespace AdminPortal.Provisioning.Tests.Maintenance;

/// <summary>Reading a database of one moment as bytes.</summary>
public sealed class DatabasePagesTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private TestPortal _portal = null!;

    private string Database => RawDatabase.FileOf(_portal.DataDirectory);

    private string Copy => Path.Combine(_folder.Path, "copy.db");

    public async ValueTask InitializeAsync()
    {
        _portal = await TestPortal.StartAsync();
        _ = RawDatabase.Run(Database, "CREATE TABLE Twin (Side TEXT PRIMARY KEY, Value INTEGER); INSERT INTO Twin VALUES ('left', 0), ('right', 0); CREATE TABLE Bulk (Data BLOB)");
        for (var row = 0; row < 200; row++) _ = RawDatabase.Run(Database, "INSERT INTO Bulk VALUES (randomblob(20000))");
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Read_WhileOthersWriteAndCheckpoint_IsOfOneMoment()
    {
        using var stop = new CancellationTokenSource();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writer = Task.Run(() =>
        {
            using var connection = RawDatabase.Open(Database);
            while (!stop.IsCancellationRequested)
            {
                _ = connection.Run(
                    "BEGIN IMMEDIATE; UPDATE Twin SET Value = Value + 1 WHERE Side = 'left'; INSERT INTO Bulk VALUES (randomblob(20000)); "
                    + "UPDATE Bulk SET Data = randomblob(20000) WHERE rowid % 50 = 7; UPDATE Twin SET Value = Value + 1 WHERE Side = 'right'; COMMIT; PRAGMA wal_checkpoint(PASSIVE)");
                _ = begun.TrySetResult();
            }
        }, Token);
        await begun.Task;

        for (var copy = 0; copy < 5; copy++)
        {
            await using (var pages = await DatabasePages.OpenAsync(Database, TimeSpan.FromMinutes(2), Token))
            {
                var value = pages.Connection.Run("SELECT MAX(Value) FROM Twin");
                await WriteAsync(pages);
                pages.Connection.Run("SELECT MAX(Value) FROM Twin").ShouldBe(value);
                RawDatabase.Run(Copy, "SELECT MAX(Value) FROM Twin").ShouldBe(value);
            }

            RawDatabase.Run(Copy, "PRAGMA integrity_check").ShouldBe("ok");
            RawDatabase.Run(Copy, "SELECT COUNT(DISTINCT Value) FROM Twin").ShouldBe(1L);
            RawDatabase.Run(Copy, "PRAGMA journal_mode").ShouldBe("delete");
        }

        await stop.CancelAsync();
        await writer;
    }

    [Fact]
    public async Task Read_CommittedInTheLogAlone_IsInIt()
    {
        using var connection = RawDatabase.Open(Database);
        _ = connection.Run("PRAGMA wal_autocheckpoint = 0; UPDATE Twin SET Value = 42");

        await using (var pages = await DatabasePages.OpenAsync(Database, TimeSpan.Zero, Token)) await WriteAsync(pages);

        RawDatabase.Run(Copy, "SELECT MIN(Value) FROM Twin").ShouldBe(42L);
    }

    [Fact]
    public async Task Open_AnotherReadsAnOlderState_WaitsAndThenSaysSo()
    {
        using var reader = RawDatabase.Open(Database);
        _ = reader.Run("BEGIN; SELECT COUNT(*) FROM Twin");
        _ = RawDatabase.Run(Database, "UPDATE Twin SET Value = 43");

        (await Should.ThrowAsync<SqliteException>(() => DatabasePages.OpenAsync(Database, TimeSpan.Zero, Token))).SqliteErrorCode.ShouldBe(5);

        _ = reader.Run("COMMIT");
        await using (var pages = await DatabasePages.OpenAsync(Database, TimeSpan.Zero, Token)) await WriteAsync(pages);
        RawDatabase.Run(Copy, "SELECT MIN(Value) FROM Twin").ShouldBe(43L);
    }

    private async Task WriteAsync(DatabasePages pages)
    {
        await using var file = File.Create(Copy);
        await pages.CopyToAsync(file, Token);
        file.Length.ShouldBe(pages.Length);
    }
}
