using System.Globalization;
using static AdminPortal.Sandbox.Tenancy.ConfigurationKeys;

namespace AdminPortal.Sandbox.Tenancy;

/// <summary>
/// Makes up a tenant of any size: the five Infusionsoft elements mixed, one instance in twenty of another provider, names with accents
/// and in any case, tags, some disabled, some not valid, and tokens refreshed at any time in the last sixty days.
/// </summary>
internal static class SeededTenant
{
    private const long FirstInstanceId = 500_000;
    private const long FirstConfigurationId = 10_000_000;
    private const int Servers = 400;

    private const string OrdersPoller =
        """{"orders":{"url":"/hubs/ecommerce/orders?where=since='${date:yyyy-MM-dd'T'HH:mm:ssXXX}'","idField":"id","datesConfiguration":{"updatedDateField":"modification_date","updatedDateFormat":"yyyy-MM-dd'T'HH:mm:ssXXX","createdDateField":"creation_date","createdDateFormat":"yyyy-MM-dd'T'HH:mm:ssXXX"}}}""";

    private const string ContactsPoller =
        """{"contacts":{"url":"/hubs/crm/contacts","idField":"id","datesConfiguration":{"updatedDateField":"modification_date","updatedDateFormat":"yyyy-MM-dd'T'HH:mm:ss.SSS'Z'","updatedDateTimezone":"GMT","createdDateField":"creation_date","createdDateFormat":"yyyy-MM-dd'T'HH:mm:ss.SSS'Z'","createdDateTimezone":"GMT"}}}""";

    private static readonly string[] Names =
    [
        "Café Müller", "Ångström Labs", "Łódź Logistics", "são paulo Retail", "ACME", "Zoë's Bakery", "Naïve Design", "Fjord & Sons", "smith dental",
        "Citroën Garage", "El Niño Surf", "Señor Taco", "ÖSTERREICH Tours", "Białystok Print", "Čapek Books", "Ístanbul Spices", "Brontë House",
        "dönerhaus", "Kraków Studio", "O'Brien Legal", "Straße 7", "Élan Fitness", "Piñata Party", "Göteborg Shipping", "Dvořák Music", "nguyễn Foods",
        "Blue Harbour", "North Wind", "RED FOX MEDIA", "Silver Birch", "Copper Kettle", "green valley", "Oak & Iron", "Stone Bridge", "Bright Path",
        "Summit Coaching", "Harvest Moon", "LIGHTHOUSE Dental", "riverbend", "Maple Realty",
    ];

    private static readonly string[] Uses =
    [
        "CRM", "crm sync", "Marketing", "Newsletter", "Web Shop", "Orders", "ERP", "Billing", "EU", "US", "Süd", "Nord", "test", "Live", "BACKUP", "Büro",
        "Événements", "Reporting", "Partner", "Leads",
    ];

    private static readonly string[] Tags =
    [
        "production", "staging", "test", "eu", "us", "apac", "legacy", "gold", "silver", "bronze", "team-alpha", "team-béta", "Müller", "newsletter",
        "orders", "billing", "partner", "trial", "VIP", "to-review",
    ];

    /// <param name="count">How many instances.</param>
    /// <param name="seed">Another seed makes another tenant.</param>
    /// <param name="now">What the times count back from.</param>
    public static TenantSnapshot Of(int count, long seed, DateTimeOffset now)
    {
        var random = new SeededNumbers(seed);
        var servers = Enumerable.Range(0, Servers).Select(_ => Server(ref random)).ToArray();
        var addresses = servers.Select(server => $"https://{server}/api/xmlrpc").ToArray();
        var elements = ElementCatalog.All.ToDictionary(element => element.Key, StringComparer.Ordinal);
        var instances = new Instance[count];
        var (id, configurationId) = (FirstInstanceId, FirstConfigurationId);
        for (var index = 0; index < count; index++)
        {
            id += 1 + random.Below(16);
            var element = elements[ElementKey(random.Below(100))];
            var created = now - TimeSpan.FromMinutes(60 + random.Below(3 * 365 * 24 * 60));
            var refreshed = now - TimeSpan.FromSeconds(60 + random.Below(60 * 86_400));
            if (refreshed < created)
                refreshed = created;
            var server = random.Below(Servers);
            var withEvents = element.HasEvents && random.Below(100) < 30;
            var entries = new ConfigurationEntry[element.Fields.Count];
            for (var i = 0; i < entries.Length; i++)
            {
                var field = element.Fields[i];
                var value = field.Key switch
                {
                    ApiKey => "sandbox-client",
                    ApiSecret or PrivateKey => Masked,
                    CallbackUrl => "https://portal.example.com/oauth/callback",
                    ConfigurationKeys.Server => servers[server],
                    BaseUrl when field.DefaultValue is null => addresses[server],
                    UserToken or RefreshToken => random.Alphanumeric(24),
                    RefreshTime => refreshed.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
                    EventsEnabled when withEvents => "true",
                    EventsCallbackUrl when withEvents => "https://portal.example.com/events",
                    PollerConfiguration when withEvents => element.Resource == "orders" ? OrdersPoller : ContactsPoller,
                    _ => field.DefaultValue,
                };
                entries[i] = new ConfigurationEntry(++configurationId, field.Key, value);
            }

            var name = string.Concat(Names[random.Below(Names.Length)], " ", Uses[random.Below(Uses.Length)]);
            if (random.Below(3) > 0)
                name = string.Create(CultureInfo.InvariantCulture, $"{name} {1 + random.Below(999)}");
            instances[index] = new Instance
            {
                Id = id,
                ElementKey = element.Key,
                Name = name,
                Token = random.Token(),
                CreatedDate = created,
                UpdatedDate = refreshed,
                Tags = TagsOf(ref random, name),
                Configuration = entries,
                Disabled = random.Below(100) < 2,
                Valid = random.Below(100) > 0,
                EventsSince = withEvents ? created : null,
            };
        }

        return new TenantSnapshot { Instances = instances, LastInstanceId = id, LastConfigurationId = configurationId };
    }

    private static string ElementKey(int percent) => percent switch
    {
        < 35 => "infusionsoftrest",
        < 55 => "infusionsoftcrm",
        < 70 => "infusionsoftmarketing",
        < 85 => "infusionsoftecommerce",
        < 95 => "infusionsofterp",
        _ => "hubspotcrm",
    };

    private static string Server(ref SeededNumbers random) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(char)('a' + random.Below(26))}{(char)('a' + random.Below(26))}{100 + random.Below(900)}.infusionsoft.com");

    // One in five was made without tags, and the platform then gave it its name for one.
    private static string[] TagsOf(ref SeededNumbers random, string name)
    {
        if (random.Below(5) == 0)
            return [name];
        var first = random.Below(Tags.Length);
        var step = 1 + random.Below(Tags.Length - 1);
        return random.Below(2) == 0 ? [Tags[first]] : [Tags[first], Tags[(first + step) % Tags.Length]];
    }
}
