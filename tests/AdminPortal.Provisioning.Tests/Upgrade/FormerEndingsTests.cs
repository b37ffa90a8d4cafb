using AdminPortal.Domain.Attempts;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Upgrade;

/// <summary>Attempts of the first release that ended without an instance shortly before the upgrade.</summary>
public sealed class FormerEndingsTests
{
    [Theory]
    [InlineData("NothingCreated", 1, true)]
    [InlineData("NothingCreated", 48, false)]
    [InlineData("Refused", 1, false)]
    public async Task Upgrade_AnEndedAttempt_IsSearchedAgainWithinADay(string reason, int hoursAgo, bool isSearched)
    {
        using var release = new FirstRelease();
        var file = RawDatabase.FileOf(release.DataDirectory);
        // The migration goes by the machine's clock.
        var endedAt = TimeProvider.System.GetUtcNow().AddHours(-hoursAgo).UtcTicks;
        var id = (string)RawDatabase.Run(file, "SELECT \"Id\" FROM \"Attempts\" WHERE \"TargetInstanceId\" IS NULL LIMIT 1")!;
        _ = RawDatabase.Run(
            file,
            "UPDATE \"Attempts\" SET \"State\" = 'Failed', \"NextAt\" = NULL, \"CompletedAt\" = " + endedAt
            + ", \"Ending\" = '{\"Reason\":\"" + reason + "\"}' WHERE \"Id\" = '" + id + "'");
        await using var portal = release.Open();

        await FirstRelease.UpgradeAsync(portal);

        await using var db = portal.OpenDatabase();
        var attempt = await db.Attempts.AsNoTracking().SingleAsync(row => row.Id == Guid.Parse(id), Token);
        (attempt.State, attempt.NextAt is not null).ShouldBe((AttemptState.Failed, isSearched));
    }
}
