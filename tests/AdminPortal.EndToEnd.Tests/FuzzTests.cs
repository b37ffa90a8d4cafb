using AdminPortal.Chaos.Fuzz;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>What strangers can reach is sent made-up requests; the short form of <c>AdminPortal.Chaos fuzz</c>.</summary>
[Trait(Suite.Name, Suite.All)]
public sealed class FuzzTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Fuzz_WhatStrangersReach_NoErrorNoReflectionNoChange()
    {
        var seed = Environment.TickCount;
        var result = await new FuzzRun(1500, seed, TextWriter.Null).RunAsync();
        output.WriteLine($"Seed {seed}\n{result}");

        result.Violations.ShouldBeEmpty($"Run one again: dotnet run -c Release --project tests/AdminPortal.Chaos -- fuzz 1500 --seed {seed} --only N\n{result}");
        result.Inputs.ShouldBeGreaterThanOrEqualTo(1500);
    }
}
