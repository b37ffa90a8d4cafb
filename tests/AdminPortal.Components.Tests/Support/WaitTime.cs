using System.Runtime.CompilerServices;

namespace AdminPortal.Components.Tests.Support;

/// <summary>How long a test waits for what has to come: long enough for a busy machine.</summary>
internal static class WaitTime
{
    [ModuleInitializer]
    internal static void Set() => BunitContext.DefaultWaitTimeout = TimeSpan.FromSeconds(20);
}
