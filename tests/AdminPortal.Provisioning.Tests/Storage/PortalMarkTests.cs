using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Tests.Storage;

public sealed class PortalMarkTests
{
    [Fact]
    public void Share_OtherPortals_HoldItTogether()
    {
        using var folder = new TemporaryFolder();
        using var first = PortalMark.Share(folder.Path).ShouldNotBeNull();
        using var second = PortalMark.Share(folder.Path).ShouldNotBeNull();

        PortalMark.Alone(folder.Path).ShouldBeNull();
    }

    [Fact]
    public void Alone_NobodyElse_KeepsOthersAwayUntilItEnds()
    {
        using var folder = new TemporaryFolder();
        PortalMark.Share(folder.Path).ShouldNotBeNull().Dispose();

        using (PortalMark.Alone(folder.Path).ShouldNotBeNull())
            PortalMark.Share(folder.Path).ShouldBeNull();

        PortalMark.Share(folder.Path).ShouldNotBeNull().Dispose();
    }
}
