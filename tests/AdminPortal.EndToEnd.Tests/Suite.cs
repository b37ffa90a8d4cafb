namespace AdminPortal.EndToEnd.Tests;

/// <summary>
/// The trait of tests that take long and guard what one browser case per outcome does not: every fault at every call, kills,
/// generated input, a machine that runs out of something, the published forms, every page in both themes.
/// <c>tests/run.sh</c> leaves them out and <c>tests/run.sh --all</c>, which runs before a release, does not.
/// </summary>
internal static class Suite
{
    public const string Name = "Suite";

    public const string All = "All";
}
