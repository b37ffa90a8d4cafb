namespace AdminPortal.Domain.Elements;

/// <summary>
/// The elements that the portal can connect. A further element is one more entry here and its texts in
/// <c>ElementText.resx</c>; no code knows an element by name.
/// </summary>
/// <remarks>Source: platform contract, section 2 (the five elements) and section 3 (events).</remarks>
public sealed class ElementCatalog(IReadOnlyList<ElementDefinition> elements)
{
    /// <summary>The configuration key of the account server.</summary>
    public const string ServerKey = "infusionsoft.server";

    /// <summary>The configuration key of Keap's legacy API key.</summary>
    public const string EncryptedKeyKey = "infusionsoft.private.key";

    private const string LegacyKeyNotice = "LegacyKey";

    private static readonly IReadOnlyList<ConfigurationField> LegacyFields =
    [
        new(ServerKey, FieldFormat.AccountServer, Required: true, Secret: false),
        new(EncryptedKeyKey, FieldFormat.PrintableKey, Required: true, Secret: true),
    ];

    // The documentation shows the poller entry of "appointments" alone; the others follow its pattern, and the person
    // can correct the JSON before it is sent.
    private static readonly EventSupport RestEvents = new(
    [
        .. new[] { "appointments", "contacts", "files", "opportunities", "orders", "tasks", "transactions" }
            .Select(name => new PolledResource(name, $"/hubs/crm/{name}", "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "GMT")),
    ]);

    private static readonly EventSupport EcommerceEvents = new(
        [new PolledResource("orders", "/hubs/ecommerce/orders?where=since='${date:yyyy-MM-dd'T'HH:mm:ssXXX}'", "yyyy-MM-dd'T'HH:mm:ssXXX", null)]);

    /// <summary>The catalog of the five Infusionsoft elements.</summary>
    public static ElementCatalog Infusionsoft { get; } = new(
    [
        new(ElementKey.Rest, "Infusionsoft REST", "crm") { Events = RestEvents, Recommended = true },
        new(ElementKey.Crm, "Infusionsoft CRM", "crm") { Fields = LegacyFields, Notices = [LegacyKeyNotice] },
        new(ElementKey.Marketing, "Infusionsoft Marketing Automation", "marketing") { Fields = LegacyFields, Notices = [LegacyKeyNotice] },
        new(ElementKey.Ecommerce, "Infusionsoft Online Sales", "ecommerce")
        {
            FixedConfiguration = new Dictionary<string, bool> { ["document.tagging"] = false },
            Events = EcommerceEvents,
        },
        new(ElementKey.Erp, "Infusionsoft ERP", "erp") { Fields = LegacyFields, Notices = [LegacyKeyNotice] },
    ]);

    /// <summary>All elements, in the order in which they are offered.</summary>
    public IReadOnlyList<ElementDefinition> All { get; } = elements;

    /// <summary>The element with this key, or null.</summary>
    public ElementDefinition? Find(string? key) => All.FirstOrDefault(element => element.Key == key);

    /// <summary>The element's name, or the key itself where the catalog does not know it.</summary>
    public string NameOf(string key) => Find(key)?.Name ?? key;
}
