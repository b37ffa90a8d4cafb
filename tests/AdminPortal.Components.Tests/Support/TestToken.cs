namespace AdminPortal.Components.Tests.Support;

/// <summary>The token of the running test, under a short name.</summary>
internal static class TestToken
{
    public static CancellationToken Token => Xunit.TestContext.Current.CancellationToken;
}
