using System.ComponentModel;
using System.Text.Json.Serialization;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Instances;

namespace AdminPortal.Features.Api;

[Description("An instance as the list shows it.")]
internal sealed record ApiInstanceLine(
    [property: Description("The portal's id.")] Guid Id,
    [property: Description("The name, as on the platform.")] string Name,
    [property: Description("The tags, without the portal's own.")] IReadOnlyList<string> Tags,
    [property: Description("The element's key; GET /elements names them.")] string Element,
    [property: Description("The platform account; GET /accounts names them.")] Guid AccountId,
    [property: Description("The Infusionsoft tenant; null where it is not known.")] string? Server,
    [property: Description("How it stands. NeedsAttention and MissingOnPlatform need a person.")] InstanceState State,
    [property: Description("Whether it carries Keap's retired legacy key.")] bool HasLegacyKey,
    [property: Description("When the platform last told something about it.")] DateTime LastCheckedAt,
    DateTime CreatedAt)
{
    public static ApiInstanceLine Of(InstanceRow row) => new(
        row.Id, row.Name, row.Tags, row.ElementKey, row.PlatformAccountId, row.AccountServer, row.State, row.HasLegacyKey, row.LastCheckedAt.UtcDateTime, row.CreatedAt.UtcDateTime);
}

[Description("One page of instances.")]
internal sealed record ApiInstanceList(
    IReadOnlyList<ApiInstanceLine> Items,
    [property: Description("The cursor of the next page; null on the last one.")] string? Next);

[Description("An instance.")]
internal sealed record ApiInstance(
    [property: Description("The portal's id.")] Guid Id,
    [property: Description("The platform's id.")] long PlatformId,
    [property: Description("The name, as on the platform.")] string Name,
    [property: Description("The tags, without the portal's own.")] IReadOnlyList<string> Tags,
    [property: Description("The element's key; GET /elements names them.")] string Element,
    [property: Description("The platform account; GET /accounts names them.")] Guid AccountId,
    [property: Description("The provider app that it was last authorized with; null where the portal does not know it.")] Guid? ProviderAppId,
    [property: Description("The Infusionsoft tenant; null where it is not known.")] string? Server,
    [property: Description("How it stands. NeedsAttention and MissingOnPlatform need a person.")] InstanceState State,
    [property: Description("Why it needs a person; null in the states that need none.")] AttentionReason? Attention,
    [property: Description("The platform's words to that.")] string? AttentionMessage,
    [property: Description("Whether it carries Keap's retired legacy key.")] bool HasLegacyKey,
    [property: Description("When the platform last refreshed Infusionsoft's token; null where it does not tell.")] DateTime? TokenRefreshedAt,
    [property: Description("The attempt that created it; null where there is none.")] Guid? AttemptId,
    [property: Description("When the platform last told something about it.")] DateTime LastCheckedAt,
    DateTime CreatedAt)
{
    public static ApiInstance Of(InstanceView view) => new(
        view.Id, view.PlatformId, view.Name, view.Tags, view.ElementKey, view.PlatformAccountId, view.ProviderAppId, view.AccountServer, view.State,
        view.Attention, view.AttentionMessage, view.HasLegacyKey, view.RefreshedAt?.UtcDateTime, view.AttemptId, view.LastCheckedAt.UtcDateTime, view.CreatedAt.UtcDateTime);
}

[Description("What is to be changed of an instance. What is left out stays.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ApiInstanceChange
{
    [Description("The new name, 1 to 255 characters.")]
    public string? Name { get; init; }

    [Description("All tags that it is to have: at most 20, each of 1 to 64 characters.")]
    public IReadOnlyList<string>? Tags { get; init; }
}

[Description("What a look at an instance found.")]
internal sealed record ApiCheck(
    DateTime At,
    [property: Description("Alive, or why not. Unreachable and Unclear say nothing of the instance: its state stays.")] CheckOutcome Outcome,
    [property: Description("How long the platform took, in milliseconds.")] int Milliseconds,
    [property: Description("What the platform said; null where all was well.")] string? Message,
    [property: Description("The platform's request id; null where it gave none.")] string? RequestId,
    [property: Description("How the instance stands now.")] InstanceState State);
