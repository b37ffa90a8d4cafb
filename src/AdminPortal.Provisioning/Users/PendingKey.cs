namespace AdminPortal.Provisioning.Users;

/// <summary>
/// The key of an authenticator app until a code confirms it, in the form in which it is sealed: with the session that began the
/// setup. Only that session has proved the identity for it.
/// </summary>
internal static class PendingKey
{
    private const char Separator = ' ';

    /// <summary>The text to seal.</summary>
    public static string Write(string key, Guid? session) => key + Separator + session?.ToString("N");

    /// <summary>The key; null for another session.</summary>
    public static string? Read(string text, Guid? session)
    {
        var key = text.Split(Separator)[0];
        return Write(key, session) == text ? key : null;
    }
}
