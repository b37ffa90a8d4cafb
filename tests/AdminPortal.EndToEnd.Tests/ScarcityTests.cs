using AdminPortal.Chaos.Trouble;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>The published portal runs out of file handles, and its restore is killed; short forms of <c>AdminPortal.Chaos handles</c> and <c>restore</c>.</summary>
[Trait(Suite.Name, Suite.All)]
public sealed class ScarcityTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Callback_NoFileHandlesLeft_IsKeptOrSaysWhyAndEndsInOneInstance()
    {
        var result = await new ScarceRun(new NoFileHandles(), 4, TextWriter.Null).RunAsync();
        output.WriteLine(result.ToString());

        result.Violations.ShouldBeEmpty();
    }

    [Fact]
    public async Task Restore_KilledAtAnyMoment_LeavesOneWholeDatabase()
    {
        var seed = Environment.TickCount;
        var result = await new RestoreRun(6, seed, TextWriter.Null).RunAsync();
        output.WriteLine($"Seed {seed}: {result}");

        result.Violations.ShouldBeEmpty($"Seed {seed}");
    }
}
