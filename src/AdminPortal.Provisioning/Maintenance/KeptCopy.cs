using System.Globalization;
using AdminPortal.Domain;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>A copy of the database that is kept beside it before something is changed for good. It has its name when it is complete.</summary>
internal static class KeptCopy
{
    /// <summary>Makes it beside the database, under a name with the time.</summary>
    /// <param name="dataDirectory">Where the database is.</param>
    /// <param name="before">What it is made before, as a part of its name.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The path of the copy.</returns>
    public static async Task<Result<string>> MakeAsync(string dataDirectory, string before, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var time = now.UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var kept = $"{Path.Combine(dataDirectory, PortalDatabase.FileName)}.before-{before}-{time}";
        if (File.Exists(kept)) return new Problem(ProblemKind.NotNow, $"{kept} is there already. Wait a second and try again. Nothing was changed.");
        await Task.Run(() => Make(dataDirectory, kept, overwrite: false), cancellationToken).ConfigureAwait(false);
        return kept;
    }

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
