using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace AdminPortal.Components.Tests.Support;

/// <summary>Hands bUnit the AngleSharp.Diffing that lies in the output folder; the version that it names is not on the feed.</summary>
internal static class DiffingAssembly
{
    [ModuleInitializer]
    internal static void Register() => AssemblyLoadContext.Default.Resolving += (context, name) =>
        name.Name == "AngleSharp.Diffing" ? context.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "AngleSharp.Diffing.dll")) : null;
}
