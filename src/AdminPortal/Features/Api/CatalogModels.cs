using System.ComponentModel;

namespace AdminPortal.Features.Api;

[Description("A platform account, without its secrets.")]
internal sealed record ApiAccount(
    Guid Id,
    string Name,
    [property: Description("The platform's address.")] string BaseUrl,
    DateTime CreatedAt);

[Description("All platform accounts, by name.")]
internal sealed record ApiAccountList(IReadOnlyList<ApiAccount> Items);

[Description("A value that an element asks for.")]
internal sealed record ApiElementField(
    [property: Description("The platform's key of it.")] string Key,
    [property: Description("The member of a new attempt that takes it; null where the API does not.")] string? Member,
    string Label,
    [property: Description("Where to find it.")] string Help,
    bool Required,
    [property: Description("Whether it is sealed and never told again.")] bool Secret);

[Description("A kind of connector that the portal can connect.")]
internal sealed record ApiElement(
    string Key,
    string Name,
    [property: Description("The platform's hub.")] string Hub,
    [property: Description("Whether new connections should prefer it.")] bool Recommended,
    [property: Description("What it asks for beyond the provider app and the name.")] IReadOnlyList<ApiElementField> Fields,
    [property: Description("The resources that can be polled for events; null where it has no events.")] IReadOnlyList<string>? EventResources);

[Description("All elements.")]
internal sealed record ApiElementList(IReadOnlyList<ApiElement> Items);

[Description("A provider app (an OAuth client registered at Keap), without its secret.")]
internal sealed record ApiProviderApp(
    Guid Id,
    string Name,
    string ClientId,
    DateTime CreatedAt,
    [property: Description("The origins (scheme, host, port) of the platforms that its secret may be sent to. With an account elsewhere, an attempt is refused before it begins.")] IReadOnlyList<string> Origins);

[Description("All provider apps, by name.")]
internal sealed record ApiProviderAppList(IReadOnlyList<ApiProviderApp> Items);
