namespace AdminPortal.Features.Instances;

/// <summary>Where the platform's own console is, for an account's base URL.</summary>
/// <remarks>
/// Source: platform contract, section 6. The two Cloud Elements consoles are documented; elsewhere the console's host is
/// the API's with <c>my.</c> in the place of <c>api.</c>, as seen in clients. Paths beyond the host are not documented.
/// </remarks>
internal static class PlatformConsole
{
    /// <summary>The console's address; null where it is not known.</summary>
    public static string? Of(string baseUrl)
    {
        if (!Uri.TryCreate(baseUrl, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps || !address.IsDefaultPort) return null;
        return address.Host switch
        {
            "api.cloud-elements.com" => "https://my.cloudelements.io",
            "staging.cloud-elements.com" => "https://my-staging.cloudelements.io",
            var host when host.StartsWith("api.", StringComparison.Ordinal) => $"https://my.{host["api.".Length..]}",
            _ => null,
        };
    }
}
