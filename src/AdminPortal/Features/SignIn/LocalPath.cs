namespace AdminPortal.Features.SignIn;

/// <summary>Where a person may be led to after signing in.</summary>
internal static class LocalPath
{
    /// <summary>A path of this portal and nothing else, neither //host nor /\host; the overview instead of anything else.</summary>
    public static string Of(string? returnUrl) => returnUrl is ['/'] or ['/', not ('/' or '\\'), ..] && !returnUrl.Any(char.IsControl) ? returnUrl : "/";
}
