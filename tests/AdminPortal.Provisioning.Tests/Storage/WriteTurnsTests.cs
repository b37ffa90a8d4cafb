using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Tests.Storage;

public sealed class WriteTurnsTests
{
    [Fact]
    public async Task TakeTurnAsync_Several_GoOneAfterTheOtherInTheirOrder()
    {
        using var turns = new WriteTurns { Patience = Timeout.InfiniteTimeSpan };
        var first = await turns.TakeTurnAsync(Token);
        List<int> order = [];
        var others = Enumerable.Range(1, 5).Select(number => TakeAsync(number)).ToList();
        order.ShouldBeEmpty();

        first.Dispose();
        await Task.WhenAll(others);

        order.ShouldBe([1, 2, 3, 4, 5]);

        async Task TakeAsync(int number)
        {
            using var turn = await turns.TakeTurnAsync(Token);
            order.Add(number);
        }
    }

    [Fact]
    public async Task TakeTurnAsync_TheOneBeforeIsHeldUp_GoesOnWithoutATurnAndGivesNoneBack()
    {
        using var turns = new WriteTurns { Patience = TimeSpan.FromMilliseconds(1) };
        var stuck = await turns.TakeTurnAsync(Token);

        (await turns.TakeTurnAsync(Token)).Dispose();

        // The turn is still the first one's: one that was never taken is not given back.
        stuck.Dispose();
        stuck.Dispose();
        var next = await turns.TakeTurnAsync(Token);
        turns.Free.ShouldBe(0);
        next.Dispose();
        turns.Free.ShouldBe(1);
    }
}
