namespace AdminPortal.Ui;

/// <summary>Finds the member of an enumeration that a query parameter names.</summary>
internal static class NamedValue
{
    /// <summary>
    /// The member with this name, in any case; null for none. Numbers are not accepted: inserting a member changes their meaning.
    /// </summary>
    public static T? Find<T>(string? name)
        where T : struct, Enum =>
        Enum.GetValues<T>().Where(value => string.Equals(value.ToString(), name, StringComparison.OrdinalIgnoreCase))
            .Select(value => (T?)value).FirstOrDefault();
}
