using AdminPortal.Chaos.Deliver;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>One callback, many times at once, to two portals on one database; the short form of <c>AdminPortal.Chaos processes</c>.</summary>
public sealed class ConcurrencyTests
{
    [Fact]
    public async Task Callback_FiftyTimesAtOnceAtTwoProcesses_IsExchangedOnce()
    {
        var seed = Environment.TickCount;
        (await new DeliveryRun(4, seed, TextWriter.Null).RunAsync()).ShouldBeEmpty($"Seed {seed}");
    }
}
