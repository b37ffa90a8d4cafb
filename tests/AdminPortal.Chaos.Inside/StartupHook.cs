using System.Runtime.Loader;
using AdminPortal.Chaos.Inside;

/// <summary>What .NET calls before the portal's own entry point, where DOTNET_STARTUP_HOOKS names this assembly.</summary>
#pragma warning disable CA1050 // The runtime looks for it outside of every namespace.
internal static class StartupHook
#pragma warning restore CA1050
{
    public static void Initialize()
    {
        var here = typeof(StartupHook).Assembly;
        AssemblyLoadContext.Default.Resolving += (_, wanted) => wanted.Name == here.GetName().Name ? here : null;
        Listener.Begin();
    }
}
