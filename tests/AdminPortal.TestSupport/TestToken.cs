namespace AdminPortal.TestSupport;

/// <summary>The token of the running test, under a short name.</summary>
public static class TestToken
{
    public static CancellationToken Token => Xunit.TestContext.Current.CancellationToken;
}
