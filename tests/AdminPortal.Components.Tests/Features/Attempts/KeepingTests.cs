using AdminPortal.Features.Attempts;


namespace AdminPortal.Components.Tests.Features.Attempts;

public sealed class KeepingTests
{
    [Fact]
    public async Task KeepAsync_WhileOneIsUnderWay_WaitsForItsEnd()
    {
        var saves = new List<TaskCompletionSource>();
        var keeping = new Keeping(() =>
        {
            saves.Add(new TaskCompletionSource());
            return saves[^1].Task;
        });

        var first = keeping.KeepAsync();
        var second = keeping.KeepAsync();
        saves.Count.ShouldBe(1);

        saves[0].SetResult();
        await first;
        saves.Count.ShouldBe(2);
        second.IsCompleted.ShouldBeFalse();
        saves[1].SetResult();
        await second;
    }

    [Fact]
    public async Task SettleAsync_WhileOneIsUnderWay_WaitsForItsEnd()
    {
        var save = new TaskCompletionSource();
        var keeping = new Keeping(() => save.Task);
        _ = keeping.KeepAsync();

        var settled = keeping.SettleAsync();
        settled.IsCompleted.ShouldBeFalse();

        save.SetResult();
        await settled;
    }

    [Fact]
    public async Task SettleAsync_OneHasFailed_DoesNotFailForIt()
    {
        var saves = 0;
        var keeping = new Keeping(() => ++saves == 1 ? Task.FromException(new InvalidOperationException("The first one fails.")) : Task.CompletedTask);
        await Should.ThrowAsync<InvalidOperationException>(keeping.KeepAsync);

        await keeping.SettleAsync();
        await keeping.KeepAsync();

        saves.ShouldBe(2);
    }
}
