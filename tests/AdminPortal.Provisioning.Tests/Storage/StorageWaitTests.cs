using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Storage;

/// <summary>How a start waits for another program: bounded, told once, and only waiting counts.</summary>
public sealed class StorageWaitTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _data = new();
    private readonly TestClock _clock = new() { FiresAtOnce = true };
    private readonly List<string> _told = [];

    private string UpgradeLock => Path.Combine(_data.Path, "upgrade.lock");

    public void Dispose()
    {
        RawDatabase.Release(_data.Path);
        _data.Dispose();
    }

    [Fact]
    public async Task Prepare_AnotherProcessUpgrades_WaitsAsLongAsItWasToldAndSaysLocked()
    {
        using var held = OwnerOnlyFile.Open(UpgradeLock, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        var wait = Wait();

        var exception = await Should.ThrowAsync<DatabaseLockedException>(() => wait.RunAsync(
            _data.Path,
            async () =>
            {
                await PortalDatabase.PrepareAsync(new Factory(_data.Path), _data.Path, Token, wait);
                return true;
            },
            Token));

        StorageProblems.Find(exception).ShouldBe(StorageProblem.Locked);
        _told.ShouldHaveSingleItem().ShouldContain(UpgradeLock);
        TimeSpan.FromTicks(_clock.Waits.Sum(pause => pause.Ticks)).ShouldBe(Patience);
    }

    [Fact]
    public async Task Hold_Released_GoesOn()
    {
        var held = OwnerOnlyFile.Open(UpgradeLock, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        var wait = new StorageWait(Patience, _clock, (_, _) => held.Dispose());

        await using var mine = await DatabaseUpgrade.LockAsync(_data.Path, wait, Token);

        mine.CanWrite.ShouldBeTrue();
    }

    [Fact]
    public async Task Hold_NoPatience_TriesOnceAndSaysNothing()
    {
        using var held = OwnerOnlyFile.Open(UpgradeLock, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        var wait = new StorageWait(TimeSpan.Zero, _clock, (what, _) => _told.Add(what));

        _ = await Should.ThrowAsync<DatabaseLockedException>(() => DatabaseUpgrade.LockAsync(_data.Path, wait, Token));

        _told.ShouldBeEmpty();
        _clock.Waits.ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_TheWorkTakesLongerThanThePatience_OnlyWaitingCounts()
    {
        var tries = 0;

        var done = await Wait().RunAsync(
            _data.Path,
            () =>
            {
                // An upgrade, and then a program that holds the database for a moment.
                _clock.Advance(TimeSpan.FromMinutes(10));
                return ++tries == 1 ? throw new SqliteException("locked", 5) : Task.FromResult(tries);
            },
            Token);

        done.ShouldBe(2);
    }

    [Fact]
    public async Task Run_LockedForGood_GivesUpWhenThePatienceIsOver()
    {
        var wait = Wait();

        _ = await Should.ThrowAsync<SqliteException>(() => wait.RunAsync<int>(_data.Path, () => throw new SqliteException("locked", 5), Token));

        TimeSpan.FromTicks(_clock.Waits.Sum(pause => pause.Ticks)).ShouldBe(Patience);
        _ = _told.ShouldHaveSingleItem();
    }

    private StorageWait Wait() => new(Patience, _clock, (what, seconds) =>
    {
        seconds.ShouldBe((int)Patience.TotalSeconds);
        _told.Add(what);
    });

    private sealed class Factory(string folder) : IDbContextFactory<PortalDb>
    {
        public PortalDb CreateDbContext() =>
            PortalDatabase.Open(PortalDatabase.ConnectionString(folder));
    }
}
