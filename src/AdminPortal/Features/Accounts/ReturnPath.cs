using System.Text.RegularExpressions;

namespace AdminPortal.Features.Accounts;

/// <summary>Where a person may be led back to after saving: the few pages that send people here, and nowhere else.</summary>
internal static partial class ReturnPath
{
    /// <summary>The path, or null where it is none of those pages.</summary>
    public static string? Read(string? path) => path is not null && Known().IsMatch(path) ? path : null;

    // The overview, the wizard, and one attempt in it.
    [GeneratedRegex(@"\A/(connect(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(/[a-z]{1,20})?)?)?\z")]
    private static partial Regex Known();
}
