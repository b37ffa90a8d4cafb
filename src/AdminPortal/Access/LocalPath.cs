using AdminPortal.Hosting;

namespace AdminPortal.Access;

/// <summary>Where a person is led after signing in: a path of this portal and nothing else.</summary>
internal static class LocalPath
{
    /// <summary>
    /// The path, or the overview where it is none of ours (neither <c>//host</c> nor <c>/\host</c> is) or holds a secret, which is
    /// never repeated in another address.
    /// </summary>
    public static string OrHome(string? path) =>
        path is ['/'] or ['/', not ('/' or '\\'), ..] && !path.Any(char.IsControl) && !SecretAddresses.Holds(path) ? path : "/";

    /// <summary>A page of the sign-in that leads there in the end.</summary>
    public static string Of(string page, string? returnUrl) => OrHome(returnUrl) is var path && path == "/" ? page : $"{page}?returnUrl={Uri.EscapeDataString(path)}";
}
