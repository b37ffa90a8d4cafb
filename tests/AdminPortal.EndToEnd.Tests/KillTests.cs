using AdminPortal.Chaos.Kill;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>The published portal is killed in the middle of attempts; the short form of <c>AdminPortal.Chaos kill</c>.</summary>
[Trait(Suite.Name, Suite.All)]
public sealed class KillTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Kill_AtFiftyPointsOfAnAttempt_EveryConsentEndsInOneInstanceOrAReason()
    {
        var seed = Environment.TickCount;
        await using var log = new StringWriter();
        var result = await new KillRun(50, seed, TextWriter.Synchronized(log)).RunAsync();
        output.WriteLine($"Seed {seed}\n{log}{result}");

        result.Violations.ShouldBeEmpty($"Run it again: dotnet run -c Release --project tests/AdminPortal.Chaos -- kill 50 --seed {seed}\n{result}");
        result.Kills.ShouldBeGreaterThanOrEqualTo(50);
    }

    [Fact]
    public async Task Pause_BetweenClaimAndRequest_NothingIsCarriedOutThatNobodyLists()
    {
        var seed = Environment.TickCount;
        await using var log = new StringWriter();
        var result = await new PauseRun(6, seed, TextWriter.Synchronized(log)).RunAsync();
        output.WriteLine($"Seed {seed}\n{log}{result}");

        result.Violations.ShouldBeEmpty($"Run it again: dotnet run -c Release --project tests/AdminPortal.Chaos -- pause 6 --seed {seed}\n{result}");
        result.Pauses.ShouldBe(6);
    }
}
