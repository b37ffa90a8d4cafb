using System.Globalization;
using System.Net;

namespace AdminPortal.Sandbox;

/// <summary>Everything that can be set on the sandbox, under the configuration section <c>Sandbox</c>.</summary>
internal sealed class SandboxOptions
{
    public const string DefaultUrl = "http://localhost:5081";

    // Toy values of the shapes that the platform's documents show. They guard nothing and are printed on the sandbox's own page.
    public const string DefaultOrganizationSecret = "d2d8ae823c456ae6d9663fe82b8ec042";
    public const string DefaultUserSecret = "9um2LjVeS266XuVth+xU9j5DyJv/NbOPn+3JiAKcGys=";

    private const int MostSeeded = 1_000_000;

    /// <summary>Short names of the command line.</summary>
    public static readonly IDictionary<string, string> CommandLineNames = new Dictionary<string, string>
    {
        ["--seed"] = "Sandbox:Seed",
        ["--state-file"] = "Sandbox:StateFile",
        ["--seed-instances"] = "Sandbox:SeedInstances",
    };

    /// <summary>Loopback addresses to listen on.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [DefaultUrl];

    /// <summary>Origin under which browsers reach the sandbox; null takes scheme and host of each request.</summary>
    public string? PublicUrl { get; init; }

    public string OrganizationSecret { get; init; } = DefaultOrganizationSecret;

    public string UserSecret { get; init; } = DefaultUserSecret;

    /// <summary>When set, everything random is drawn from a generator that starts here, so two runs give the same ids and codes.</summary>
    public long? Seed { get; init; }

    /// <summary>JSON file that keeps the tenant over a restart; null keeps it in memory alone.</summary>
    public string? StateFile { get; init; }

    /// <summary>
    /// How many made-up instances to stand up, the same ones for the same number and seed (their times count back from the start); 0 for
    /// none. They are there for this run alone, and so is every change to them: no state file is read or written unless one is named. A
    /// named one that exists has its own tenant and is taken as it is; one that does not is written, whole, with the first change.
    /// </summary>
    public int SeedInstances { get; init; }

    /// <summary>False makes POST on oauth/url answer 405, as platforms do that know the GET form alone.</summary>
    public bool OAuthUrlPost { get; init; } = true;

    /// <summary>Host names of the Infusionsoft accounts that the sign-in page offers.</summary>
    public IReadOnlyList<string> Tenants { get; init; } = ["dt123.infusionsoft.com", "zt119.infusionsoft.com"];

    /// <exception cref="SandboxSettingException">A value cannot be used; the message names its key.</exception>
    public static SandboxOptions ForStandAlone(IConfiguration configuration) =>
        From(configuration, configuration["urls"] ?? configuration["ASPNETCORE_URLS"] ?? configuration["Sandbox:Url"], null);

    /// <exception cref="SandboxSettingException">A value cannot be used; the message names its key.</exception>
    public static SandboxOptions ForHost(IConfiguration configuration)
    {
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);

        // A service account without a home has no such folder; it then keeps the tenant in memory.
        var stateFile = data.Length == 0 ? null : Path.Combine(data, "AdminPortal.Sandbox", "tenant.json");
        return From(configuration, configuration["Sandbox:Url"], stateFile);
    }

    private static SandboxOptions From(IConfiguration configuration, string? urls, string? defaultStateFile)
    {
        var section = configuration.GetSection("Sandbox");
        var seedInstances = Number(section, "SeedInstances") ?? 0;
        if (seedInstances is < 0 or > MostSeeded)
            throw new SandboxSettingException($"Sandbox:SeedInstances (Sandbox__SeedInstances) must be a whole number from 0 to {MostSeeded}.");

        var stateFile = Text(section, "StateFile") ?? (seedInstances > 0 ? null : defaultStateFile);
        var publicUrl = Text(section, "PublicUrl");
        if (publicUrl is not null && !Uri.TryCreate(publicUrl, UriKind.Absolute, out _))
            throw new SandboxSettingException("Sandbox:PublicUrl (Sandbox__PublicUrl) must be an absolute address such as http://localhost:5081.");

        return new SandboxOptions
        {
            Urls = Addresses(urls),
            PublicUrl = publicUrl?.TrimEnd('/'),
            OrganizationSecret = Text(section, "OrganizationSecret") ?? DefaultOrganizationSecret,
            UserSecret = Text(section, "UserSecret") ?? DefaultUserSecret,
            Seed = Number(section, "Seed"),
            SeedInstances = (int)seedInstances,
            StateFile = string.Equals(stateFile, "none", StringComparison.OrdinalIgnoreCase) ? null : stateFile,
            OAuthUrlPost = Flag(section, "OAuthUrlPost", true),
            Tenants = AccountHosts(section.GetSection("Tenants")),
        };
    }

    private static List<string> Addresses(string? urls)
    {
        var addresses = (string.IsNullOrWhiteSpace(urls) ? DefaultUrl : urls)
            .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. addresses.Select(Address)];
    }

    private static string Address(string url)
    {
        // The journal and the faults have no sign-in of their own, so nobody but this machine may reach them.
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttp || !IsLoopback(address.IdnHost))
        {
            throw new SandboxSettingException(
                $"The sandbox cannot listen on '{url}'. Sandbox__Url (or --urls) must be a loopback http address such as {DefaultUrl}.");
        }

        // Kestrel finds a free port for one address only, and "localhost" is two.
        return address is { Port: 0, IdnHost: "localhost" } ? "http://127.0.0.1:0" : url.TrimEnd('/');
    }

    public static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    private static IReadOnlyList<string> AccountHosts(IConfigurationSection section)
    {
        var listed = section.GetChildren().Select(child => child.Value)
            .Concat(section.Value?.Split(',') ?? [])
            .Select(value => value?.Trim())
            .OfType<string>()
            .Where(value => value.Length > 0)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .ToArray();
        var wrong = listed.FirstOrDefault(host => Uri.CheckHostName(host) != UriHostNameType.Dns);
        if (wrong is not null)
            throw new SandboxSettingException($"Sandbox:Tenants (Sandbox__Tenants) contains '{wrong}', which is not a host name such as dt123.infusionsoft.com.");
        return listed.Length > 0 ? listed : new SandboxOptions().Tenants;
    }

    private static string? Text(IConfigurationSection section, string key) =>
        string.IsNullOrWhiteSpace(section[key]) ? null : section[key]!.Trim();

    private static long? Number(IConfigurationSection section, string key)
    {
        var text = Text(section, key);
        if (text is null)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new SandboxSettingException($"Sandbox:{key} (Sandbox__{key}) must be a whole number.");
    }

    private static bool Flag(IConfigurationSection section, string key, bool standard)
    {
        var text = Text(section, key);
        if (text is null)
            return standard;
        return bool.TryParse(text, out var flag)
            ? flag
            : throw new SandboxSettingException($"Sandbox:{key} (Sandbox__{key}) must be true or false.");
    }
}
