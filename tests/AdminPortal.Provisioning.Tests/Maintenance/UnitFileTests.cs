namespace AdminPortal.Provisioning.Tests.Maintenance;

/// <summary>The example of a unit file for systemd.</summary>
public sealed class UnitFileTests
{
    private static readonly Dictionary<string, string> Settings = File
        .ReadLines(Path.Combine(Repository.Root, "src/AdminPortal/Deploy/adminportal.service"))
        .Where(line => !line.StartsWith('#') && line.Contains('='))
        .GroupBy(line => line[..line.IndexOf('=', StringComparison.Ordinal)])
        .ToDictionary(group => group.Key, group => group.Last()[(group.Key.Length + 1)..]);

    [Fact]
    public void Unit_FailureThatLasts_IsRestartedWithoutALimit()
    {
        Settings["Restart"].ShouldBe("on-failure");
        // systemd.unit(5): 0 disables the limit.
        Settings["StartLimitIntervalSec"].ShouldBe("0");
        Settings["RestartSec"].ShouldBe("30s");
        // 4, 5, 9 and 10 may pass; these need an administrator.
        Settings["RestartPreventExitStatus"].ShouldBe("2 3 6 7 8");
    }
}
