using System.Globalization;

namespace AdminPortal.Hosting;

/// <summary>The program's exit codes: of a start, and of every command. They are public: service managers and scripts act on them.</summary>
internal static class ExitCode
{
    /// <summary>The portal was stopped; the command is done; doctor found no problem.</summary>
    public const int Success = 0;

    /// <summary>The command did not succeed, or doctor found a problem.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int WrongUsage = 2;

    /// <summary>A setting is wrong.</summary>
    public const int WrongSettings = 3;

    /// <summary>The data directory, its disk or another file of the portal cannot be used.</summary>
    public const int Storage = 4;

    /// <summary>Another program holds the database.</summary>
    public const int DatabaseLocked = 5;

    /// <summary>The database is damaged, or the file is not a database.</summary>
    public const int DatabaseDamaged = 6;

    /// <summary>The database is of a version that this program must not open.</summary>
    public const int DatabaseVersion = 7;

    /// <summary>The key ring does not open.</summary>
    public const int KeyRing = 8;

    /// <summary>The portal cannot listen on its address.</summary>
    public const int Address = 9;

    /// <summary>An error that the program does not know.</summary>
    public const int Unexpected = 10;

    /// <summary>All of them with their meaning, as the help and the README list them.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> All { get; } =
    [
        (Success, "done; the portal was stopped; doctor found no problem (it may have warned)"),
        (Failed, "the command did not succeed, or doctor found a problem"),
        (WrongUsage, "wrong usage"),
        (WrongSettings, "a setting is wrong"),
        (Storage, "the data directory, its disk or a file of the portal cannot be read or written"),
        (DatabaseLocked, "another program held the database for longer than --wait"),
        (DatabaseDamaged, "the database is damaged, or the file is not a database"),
        (DatabaseVersion, "the database is of a version that this one must not open, or has to be upgraded first"),
        (KeyRing, "the key ring does not open with the configured certificate"),
        (Address, "the portal cannot listen on its address: the port is in use, or not allowed"),
        (Unexpected, "an unexpected error; the log has the details"),
    ];

    /// <summary>The table for the help.</summary>
    public static string Table => string.Join('\n', All.Select(row => string.Create(CultureInfo.InvariantCulture, $"  {row.Code,2}  {row.Meaning}")));
}
