using AdminPortal.Hosting;

namespace AdminPortal.Components.Tests.Hosting;

public sealed class QuietMemoryTests
{
    [Fact]
    public void Look_BusyThenAtRest_CollectsOnceForAllThatWasLeft()
    {
        var (allocated, collections) = (0L, 0);
        using var memory = new QuietMemory(TimeProvider.System) { Allocated = () => allocated, Collect = () => collections++ };

        // Nothing has happened yet.
        After(0).ShouldBe(0);
        // Busy: nobody is held up.
        After(QuietMemory.Much).ShouldBe(0);
        After(QuietMemory.Little).ShouldBe(0);
        // At rest, with what the workers allocate.
        After(QuietMemory.Little - 1).ShouldBe(1);
        After(QuietMemory.Little - 1).ShouldBe(1);
        // A little work is not worth it.
        After(QuietMemory.Little * 2).ShouldBe(1);
        After(0).ShouldBe(1);
        After(QuietMemory.Much).ShouldBe(1);
        After(0).ShouldBe(2);

        int After(long more)
        {
            allocated += more;
            memory.Look();
            return collections;
        }
    }
}
