namespace AdminPortal.Provisioning.Accounts;

/// <summary>What a person enters for a platform account.</summary>
public sealed class AccountInput
{
    /// <summary>The account that is edited; null for a new one.</summary>
    public Guid? Id { get; set; }

    public string Name { get; set; } = "";

    /// <summary>Scheme and host; what follows it up to <c>/elements/api-v2</c> is cut off.</summary>
    public string BaseUrl { get; set; } = "";

    /// <summary>Empty keeps the stored one.</summary>
    public string OrganizationSecret { get; set; } = "";

    /// <summary>Empty keeps the stored one.</summary>
    public string UserSecret { get; set; } = "";

    /// <summary>Host names, separated by blanks, commas or line breaks.</summary>
    public string SignInHosts { get; set; } = string.Join('\n', DefaultSignInHosts);

    /// <summary>How often each instance is checked in the background, in minutes; null: never.</summary>
    public int? CheckEveryMinutes { get; set; }

    /// <summary>Keap's sign-in hosts: the current one and the one that older element definitions still name.</summary>
    public static IReadOnlyList<string> DefaultSignInHosts { get; } = ["accounts.infusionsoft.com", "signin.infusionsoft.com"];

    /// <summary>The hosts, one by one.</summary>
    public IReadOnlyList<string> SignInHostList() =>
        SignInHosts.Split([' ', ',', ';', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries)
            .Select(host => host.Trim().ToLowerInvariant()).Distinct().ToList();

    /// <summary>Scheme, host and, where it is not the scheme's own, port: what is stored.</summary>
    internal string RootUrl() => new Uri(BareBaseUrl()).GetLeftPart(UriPartial.Authority);

    /// <summary>The base URL without a pasted API path and trailing slash.</summary>
    public string BareBaseUrl()
    {
        var text = BaseUrl.Trim().TrimEnd('/');
        const string apiPath = "/elements/api-v2";
        var api = text.IndexOf(apiPath, StringComparison.OrdinalIgnoreCase);
        return api > 0 && (text.Length == api + apiPath.Length || text[api + apiPath.Length] == '/') ? text[..api] : text;
    }
}
