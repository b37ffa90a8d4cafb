using AdminPortal.Provisioning.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Storage;

public sealed class SqliteTuningTests
{
    [Fact]
    public async Task Open_AgainAndAgain_EveryConnectionHasTheSettings()
    {
        await using var portal = await TestPortal.StartAsync();
        for (var round = 0; round < 3; round++)
        {
            // Two at once, so that the pool has more than one.
            await using var one = portal.OpenDatabase();
            await using var two = portal.OpenDatabase();
            foreach (var db in new[] { one, two })
            {
                await db.Database.OpenConnectionAsync(Token);
                var connection = (SqliteConnection)db.Database.GetDbConnection();
                (connection.Run("PRAGMA cache_size"), connection.Run("PRAGMA temp_store"), connection.Run("PRAGMA busy_timeout")).ShouldBe((-16384L, 2L, 5000L));
            }

            if (round == 1) RawDatabase.Release(portal.DataDirectory);
        }
    }
}
