using System.Collections.Frozen;
using System.Globalization;
using static AdminPortal.Sandbox.Tenancy.ConfigurationKeys;

namespace AdminPortal.Sandbox.Tenancy;

/// <summary>
/// The five Infusionsoft elements, as the vendor's developer portal and help center describe them, and one of another provider, because
/// a real organization has more than one kind.
/// </summary>
internal static class ElementCatalog
{
    private static readonly ConfigurationField[] Provider =
    [
        new(ApiKey, "API Key", "TEXTFIELD_128", "The client id (Key) of the application registered at Infusionsoft.", Required: true),
        new(ApiSecret, "API Secret", "PASSWORD", "The client secret of the application registered at Infusionsoft.", Required: true),
        new(CallbackUrl, "Callback URL", "TEXTFIELD_1000", "The callback URL registered for the application.", Required: true),
    ];

    private static readonly ConfigurationField[] Account =
    [
        new(Server, "Infusionsoft Server", "TEXTFIELD_128", "The account's host, for example dt123.infusionsoft.com.", Required: true),
        new(PrivateKey, "Infusionsoft Encrypted Key", "PASSWORD", "The encrypted key generated in the account's API settings.", Required: true),
    ];

    private static readonly ConfigurationField[] Platform =
    [
        new("pagination.max", "Maximum page size", "TEXTFIELD_32", "The most records in one page.", "100", Hidden: true),
        new(Scope, "OAuth scope", "TEXTFIELD_1000", "The scope asked of the provider.", "full", Hidden: true),
        new(AuthorizationUrl, "OAuth authorization URL", "TEXTFIELD_1000", "Where the user signs in.",
            "https://signin.infusionsoft.com/app/oauth/authorize", Hidden: true),
        new(TokenUrl, "OAuth token URL", "TEXTFIELD_1000", "Where codes are exchanged.", "https://api.infusionsoft.com/token", Hidden: true),
        new(UserToken, "OAuth user token", "PASSWORD", "Set by the platform.", Hidden: true),
        new(RefreshToken, "OAuth refresh token", "PASSWORD", "Set by the platform.", Hidden: true),
        new(RefreshInterval, "OAuth refresh interval", "TEXTFIELD_32", "Seconds between two refreshes.", "28800", Hidden: true),
        new(RefreshTime, "OAuth refresh time", "TEXTFIELD_32", "When the token was refreshed last, in milliseconds since 1970.", Hidden: true),
        new("filter.response.nulls", "Filter null values", "BOOLEAN", "Leaves null values out of responses.", "true", DisplayOrder: 51),
        new(EventVendorType, "Vendor event type", "COMBO", "How the platform learns of events.", "webhook", Hidden: true),
        new(EventsEnabled, "Enable/Disable Event Notifications", "BOOLEAN", "Whether events are sent on.", "false", DisplayOrder: 102),
        new(EventsCallbackUrl, "Event Notification Callback URL", "TEXTFIELD_1000", "Where events are sent.", DisplayOrder: 103),
    ];

    private static readonly ConfigurationField[] Polling =
    [
        new("event.notification.type", "Notification type", "TEXTFIELD_32", "How events are sent on.", "webhook", Hidden: true),
        new(PollerMinutes, "Event poller refresh interval (mins)", "TEXTFIELD_32", "Minutes between two polls.", "15", DisplayOrder: 101),
        new(PollerConfiguration, "Configure polling", "CODE_EDITOR", "The resources to poll, as JSON.", DisplayOrder: 104),
        new(SignatureKey, "Event Notification Signature Key", "TEXTFIELD_1000", "Signs the notifications.", DisplayOrder: 104),
    ];

    public static IReadOnlyList<ElementDefinition> All { get; } =
    [
        new(191, "infusionsoftcrm", "Infusionsoft CRM", "crm",
            "Add an Infusionsoft instance to connect your existing account to the CRM hub.", false,
            [.. Provider, .. Account, XmlRpcAddress(), .. Platform]),
        new(192, "infusionsoftmarketing", "Infusionsoft Marketing Automation", "marketing",
            "Add an Infusionsoft instance to connect your existing account to the Marketing hub.", false,
            [.. Provider, .. Account, XmlRpcAddress(), .. Platform]),
        new(6158, "infusionsoftrest", "Infusionsoft REST", "crm",
            "Add an Infusionsoft REST instance to connect your existing account to the CRM hub.", true,
            [.. Provider, RestAddress(), .. Polled(), .. Polling]),
        new(321, "infusionsoftecommerce", "Infusionsoft Online Sales", "ecommerce",
            "Add an Infusionsoft Online Sales instance to connect your existing account to the eCommerce hub.", false,
            [
                .. Provider, RestAddress(),
                new("document.tagging", "Document tagging", "BOOLEAN", "Tags stored documents.", "false"),
                .. Polled(), .. Polling,
            ]),

        // No document gives the ERP element's id; this one is invented, and clients are right only if they address elements by key.
        new(9001, "infusionsofterp", "Infusionsoft ERP", "erp",
            "Add an Infusionsoft ERP instance to connect your existing account to the ERP hub.", false,
            [.. Provider, .. Account, XmlRpcAddress(), .. Platform]),

        // What a portal for Infusionsoft has to leave alone. Its id is invented too.
        new(9002, "hubspotcrm", "HubSpot CRM", "crm",
            "Add a HubSpot CRM instance to connect your existing account to the CRM hub.", false,
            [.. Provider, new(BaseUrl, "Base URL", "TEXTFIELD_1000", "The provider's REST address.", "https://api.hubapi.com", Hidden: true), .. Polled()])
        {
            Vendor = "HubSpot",
        },
    ];

    private static readonly FrozenDictionary<string, ElementDefinition> ByKey =
        All.ToFrozenDictionary(element => element.Key, StringComparer.Ordinal);

    /// <summary>Finds by key or by numeric id.</summary>
    public static ElementDefinition? Find(string? keyOrId)
    {
        if (int.TryParse(keyOrId, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return All.FirstOrDefault(element => element.Id == id);
        return keyOrId is null ? null : ByKey.GetValueOrDefault(keyOrId);
    }

    private static ConfigurationField XmlRpcAddress() =>
        new(BaseUrl, "Base URL", "TEXTFIELD_1000", "The account's XML-RPC address; follows from the server.", Hidden: true);

    private static ConfigurationField RestAddress() =>
        new(BaseUrl, "Base URL", "TEXTFIELD_1000", "The provider's REST address.", "https://api.infusionsoft.com/crm/rest", Hidden: true);

    private static IEnumerable<ConfigurationField> Polled() =>
        Platform.Select(field => field.Key == EventVendorType ? field with { DefaultValue = "polling" } : field);
}
