using System.ComponentModel;
using System.Text.Json.Serialization;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Features.Attempts;
using AdminPortal.Provisioning.Attempts;

namespace AdminPortal.Features.Api;

[Description("An attempt at connecting an account as the list shows it.")]
internal sealed record ApiAttemptLine(
    Guid Id,
    [property: Description("The instance's name; empty while nobody has given one.")] string Name,
    [property: Description("The element's name.")] string ElementName,
    [property: Description("Where it is.")] AttemptState State,
    [property: Description("Whether it authorizes an instance anew instead of creating one.")] bool IsReauthentication,
    [property: Description("The instance that came of it; null where there is none.")] Guid? InstanceId,
    DateTime CreatedAt,
    [property: Description("When it changed last; the list is in this order, newest first.")] DateTime ChangedAt)
{
    public static ApiAttemptLine Of(AttemptLine line) => new(
        line.Id, line.Name, line.ElementName, line.State, line.IsReauthentication, line.InstanceId, line.CreatedAt.UtcDateTime, line.ChangedAt.UtcDateTime);
}

[Description("One page of attempts.")]
internal sealed record ApiAttemptList(
    IReadOnlyList<ApiAttemptLine> Items,
    [property: Description("The cursor of the next page; null on the last one.")] string? Next);

[Description("One line of an attempt's history.")]
internal sealed record ApiHistoryLine(
    DateTime At,
    AttemptEvent Event,
    [property: Description("The state that the event led to.")] AttemptState State,
    [property: Description("What else is to be said.")] string? Detail,
    [property: Description("The platform's request id, where the event is its answer.")] string? RequestId,
    [property: Description("How long it took, in milliseconds; null for a moment.")] int? Milliseconds);

[Description("How and why an attempt ended without an instance, or why it waits.")]
internal sealed record ApiAttemptEnding(
    EndingReason Reason,
    [property: Description("The platform's HTTP status, where it answered.")] int? Status,
    [property: Description("The platform's or Infusionsoft's own words; where nobody said anything, the name of what happened, for example NameNotFound or TimedOut.")] string? Message,
    [property: Description("The platform's request id.")] string? RequestId);

[Description("An attempt at connecting an account, with its history. Secrets that were given are never told again.")]
internal sealed record ApiAttempt(
    Guid Id,
    [property: Description("Where it is: Draft until a person authorizes it.")] AttemptState State,
    [property: Description("Where a signed-in person reviews and authorizes it in a browser; null where that is over.")] string? AuthorizeUrl,
    [property: Description("The instance's name; empty while nobody has given one.")] string Name,
    IReadOnlyList<string> Tags,
    [property: Description("The element's key; null for one that the portal does not know any more.")] string? Element,
    Guid AccountId,
    Guid? ProviderAppId,
    [property: Description("The Infusionsoft server; null where none was given.")] string? Server,
    [property: Description("Whether an encrypted key is stored.")] bool HasEncryptedKey,
    [property: Description("Whether it authorizes an instance anew instead of creating one.")] bool IsReauthentication,
    [property: Description("The instance that came of it; null where there is none.")] Guid? InstanceId,
    [property: Description("The platform's id of what was created.")] long? PlatformInstanceId,
    ApiAttemptEnding? Ending,
    DateTime CreatedAt,
    DateTime ChangedAt,
    DateTime? CompletedAt,
    [property: Description("Until when the platform is searched again although nothing was found; the attempt can become Active until then, and at a sync. Null otherwise.")] DateTime? SearchedUntil,
    [property: Description("What happened, oldest first.")] IReadOnlyList<ApiHistoryLine> History)
{
    public static ApiAttempt Of(AttemptView view, string publicBaseUrl) => new(
        view.Id,
        view.State,
        view.IsEditable ? publicBaseUrl + WizardAddress.Of(view.Id, WizardStep.Review) : null,
        view.Name,
        view.Tags,
        view.Element?.Key,
        view.PlatformAccountId,
        view.ProviderAppId,
        view.Configuration.GetValueOrDefault(ElementCatalog.ServerKey),
        view.StoredSecrets.Contains(ElementCatalog.EncryptedKeyKey),
        view.IsReauthentication,
        view.InstanceId,
        view.PlatformInstanceId,
        view.Ending is { } ending ? new ApiAttemptEnding(ending.Reason, ending.Status, ending.Message, ending.RequestId) : null,
        view.CreatedAt.UtcDateTime,
        view.UpdatedAt.UtcDateTime,
        view.CompletedAt?.UtcDateTime,
        view.LateSearchUntil?.UtcDateTime,
        [.. view.History.Select(entry => new ApiHistoryLine(entry.At.UtcDateTime, entry.Event, entry.State, entry.Detail, entry.RequestId, entry.DurationMilliseconds))]);
}

[Description("A complete draft: everything that the wizard asks.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ApiNewAttempt
{
    [Description("The platform account; GET /accounts names them.")]
    public Guid? AccountId { get; init; }

    [Description("The element's key; GET /elements names them, and what each asks for.")]
    public string? Element { get; init; }

    [Description("The provider app; GET /provider-apps names them.")]
    public Guid? ProviderAppId { get; init; }

    [Description("The instance's name, 1 to 255 characters.")]
    public string? Name { get; init; }

    [Description("At most 20 tags, each of 1 to 64 characters.")]
    public IReadOnlyList<string>? Tags { get; init; }

    [Description("The Infusionsoft server, for example dt123.infusionsoft.com; only where the element asks for infusionsoft.server.")]
    public string? Server { get; init; }

    [Description("Keap's legacy encrypted key; only where the element asks for infusionsoft.private.key. It is sealed, and never told again.")]
    public string? EncryptedKey { get; init; }

    [Description("Polling events; only where the element has them. Left out: none.")]
    public ApiNewEvents? Events { get; init; }
}

[Description("Polling events of a new instance.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ApiNewEvents
{
    [Description("Where the platform sends what it found: an https address.")]
    public string? CallbackUrl { get; init; }

    [Description("Minutes between two polls, 1 to 1440. Left out: 15.")]
    public int? Minutes { get; init; }

    [Description("The resources to poll; GET /elements names them.")]
    public IReadOnlyList<string>? Resources { get; init; }

    [Description("The poller configuration as JSON text, instead of the resources' defaults.")]
    public string? PollerConfiguration { get; init; }

    [Description("The key with which the platform signs what it sends. It is sealed, and never told again.")]
    public string? SignatureKey { get; init; }
}
