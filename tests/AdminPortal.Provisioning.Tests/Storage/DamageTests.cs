using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AdminPortal.Provisioning.Tests.Storage;

/// <summary>Damaged pages of the database: found at start, by statements that meet them, and by the checks in the background.</summary>
public sealed class DamageTests : IAsyncLifetime
{
    private TestPortal _portal = null!;
    private byte[] _sound = [];

    private string Database => RawDatabase.FileOf(_portal.DataDirectory);

    private DamageWatch Watch => _portal.Get<DamageWatch>();

    public async ValueTask InitializeAsync()
    {
        _portal = await TestPortal.StartAsync();
        _ = await _portal.AddInstancesAsync(200);
        RawDatabase.Release(_portal.DataDirectory);
        _sound = await File.ReadAllBytesAsync(Database, Token);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public void CheckAtStart_SoundDatabase_FindsNothing() => Should.NotThrow(_portal.Get<DamageChecks>().CheckAtStart);

    [Fact]
    public void CheckAtStart_AnyTableOrIndex_NamesItsTable()
    {
        var roots = Roots();
        roots.Count.ShouldBeGreaterThan(60);
        foreach (var (_, table, page) in roots)
        {
            Damage(page);

            Should.Throw<DatabaseDamagedException>(_portal.Get<DamageChecks>().CheckAtStart, table).Message.ShouldContain($"The table {table} of the database is damaged");
        }
    }

    [Fact]
    public async Task Run_AnyTableOrIndex_IsRememberedUntilACheckPasses()
    {
        foreach (var (_, table, page) in Roots())
        {
            Damage(page);
            await CheckAsync();
            Watch.IsDamaged.ShouldBeTrue(table);

            File.WriteAllBytes(Database, _sound);
            Watch.IsDamaged.ShouldBeTrue(table);
            await CheckAsync();
            Watch.IsDamaged.ShouldBeFalse(table);
        }
    }

    [Fact]
    public async Task Run_DamageIsReportedMeanwhile_DoesNotPass()
    {
        await _portal.Get<DamageChecks>().RunAsync(
            _ =>
            {
                Watch.Report(new SqliteException("database disk image is malformed", 11));
                return Task.CompletedTask;
            }, Token);

        Watch.IsDamaged.ShouldBeTrue();
    }

    [Fact]
    public async Task Query_MeetsDamage_IsRemembered()
    {
        Damage(Roots().Single(root => root.Table == "SavedViews" && root.Name == "SavedViews").Page);
        await using var db = await _portal.Get<IDbContextFactory<PortalDb>>().CreateDbContextAsync(Token);

        _ = await Should.ThrowAsync<SqliteException>(() => db.SavedViews.ToListAsync(Token));

        Watch.IsDamaged.ShouldBeTrue();
    }

    [Fact]
    public void Report_OtherTrouble_IsNoDamage()
    {
        Watch.Report(new SqliteException("database is locked", 5));
        Watch.Report(new InvalidOperationException("A bug."));

        Watch.IsDamaged.ShouldBeFalse();
    }

    [Fact]
    public async Task Worker_DamageInATable_IsFoundWithinARound()
    {
        Damage(Roots().Single(root => root.Name == "IX_Instances_ByName").Page);
        var log = new FirstCritical();
        using var watch = new DamageWatch(log);
        var clock = new TestClock { FiresAtOnce = true };
        var checks = new DamageChecks(_portal.Get<Microsoft.Extensions.Options.IOptions<PortalOptions>>(), _portal.Get<Microsoft.Extensions.Hosting.IHostEnvironment>(), watch);
        using var worker = new DamageCheckWorker(checks, watch, clock, NullLogger<DamageCheckWorker>.Instance);

        await worker.StartAsync(Token);
        (await log.Said).ShouldContain("table Instances");
        await worker.StopAsync(Token);

        // Each wait is taken as over when it begins: the first one and one for each table make up a round.
        clock.Waits.Skip(1).ShouldAllBe(wait => wait <= DamageCheckWorker.Round / 10);
    }

    private Task CheckAsync() => _portal.Get<DamageChecks>().RunAsync(_ => Task.CompletedTask, Token);

    private void Damage(long page)
    {
        RawDatabase.Release(_portal.DataDirectory);
        var bytes = (byte[])_sound.Clone();
        bytes.AsSpan((int)(page - 1) * 4096, 4096).Fill(0x5A);
        File.WriteAllBytes(Database, bytes);
    }

    private List<(string Name, string Table, long Page)> Roots()
    {
        using var connection = RawDatabase.Open(Database);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name, tbl_name, rootpage FROM sqlite_schema WHERE rootpage > 1";
        using var reader = command.ExecuteReader();
        List<(string, string, long)> rows = [];
        while (reader.Read()) rows.Add((reader.GetString(0), reader.GetString(1), reader.GetInt64(2)));
        return rows;
    }

    private sealed class FirstCritical : ILogger<DamageWatch>
    {
        private readonly TaskCompletionSource<string> _said = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Said => _said.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Critical) _ = _said.TrySetResult(formatter(state, exception));
        }
    }
}
