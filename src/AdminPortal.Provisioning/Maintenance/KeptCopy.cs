using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>A copy of the database that is kept beside it before something is changed for good. It has its name when it is complete.</summary>
internal static class KeptCopy
{
    /// <summary>Makes it.</summary>
    /// <param name="dataDirectory">Where the database is.</param>
    /// <param name="target">The copy.</param>
    /// <param name="overwrite">Whether a file that is there may be replaced.</param>
    public static void Make(string dataDirectory, string target, bool overwrite)
    {
        _ = Leftovers.CleanUp(dataDirectory);
        using var temporary = TemporaryFiles.Open(dataDirectory);
        var copy = temporary.PathOf("kept.db");
        DatabaseFile.Copy(Path.Combine(dataDirectory, PortalDatabase.FileName), copy);
        TemporaryFiles.Publish(copy, target, overwrite);
    }
}
