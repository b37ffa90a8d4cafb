using System.Reflection;

namespace AdminPortal.Storage;

/// <summary>
/// The schema level of this program. Each release that changes what is stored raises <see cref="Current"/> by one. A
/// release whose database the previous release can still read and write leaves <see cref="OldestProgram"/> at the previous
/// level, so that the two can run side by side; any other release sets it to its own level.
/// </summary>
internal static class SchemaLevel
{
    /// <summary>The level that this program writes. Release 0.1 is level 1 and declares nothing.</summary>
    public const int Current = 2;

    /// <summary>The lowest level of a program that may open a database that this program has upgraded.</summary>
    public const int OldestProgram = 2;

    /// <summary>The version of that program, for messages.</summary>
    public const string OldestProgramVersion = "0.2.0";

    /// <summary>The version of this program, without the build's hash.</summary>
    public static string ProgramVersion { get; } =
        (typeof(SchemaLevel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "").Split('+')[0];
}
