using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>
/// Everything that somebody who helps needs to know of one attempt, as a file that can be passed on. It is put together
/// field by field from what is known to be no secret. What others wrote is searched for all secrets of the attempt that
/// can be opened, as these may have been repeated to the portal, and for words that look like one.
/// </summary>
public sealed partial class SupportBundle(
    IDbContextFactory<PortalDb> databases,
    AttemptService attempts,
    InstanceChecker checks,
    ISecretBox secrets,
    PortalAddresses addresses,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    Gate gate)
{
    /// <summary>What stands in the place of a secret.</summary>
    internal const string Mask = "***";

    // Shorter ones would be found in every other word.
    private const int MinSecretLength = 5;

    // Nobody tries more often, and a chain that leads back to itself ends.
    private const int MaxPrevious = 50;

    // Shown and passed on as text, never executed as markup.
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary>Puts the file together, and writes down who has it.</summary>
    /// <returns>The file's name and its JSON; a problem where there is no such attempt.</returns>
    public async Task<Result<SupportFile>> WriteAsync(Guid attemptId, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Download, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        var view = await attempts.FindAsync(attemptId, cancellationToken).ConfigureAwait(false);
        if (view is null) return new Problem(ProblemKind.NotFound, texts["Draft.Gone"]);

        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attemptId, cancellationToken).ConfigureAwait(false);
        if (attempt is null) return new Problem(ProblemKind.NotFound, texts["Draft.Gone"]);
        var previous = await PreviousAsync(db, attempt, cancellationToken).ConfigureAwait(false);
        var instanceId = attempt.InstanceId ?? attempt.TargetInstanceId;
        var instance = await db.Instances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == instanceId, cancellationToken).ConfigureAwait(false);
        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        var app = await db.ProviderApps.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.ProviderAppId, cancellationToken).ConfigureAwait(false);

        var now = clock.GetUtcNow();
        var bundle = new JsonObject
        {
            ["about"] = texts["Bundle.About"].Value,
            ["madeAt"] = Time(now),
            ["portal"] = Portal(db.Database.ProviderName),
            ["attempt"] = Attempt(view, attempt),
            ["ending"] = Ending(attempt.Ending),
            ["timeline"] = Timeline(view),
            ["instance"] = instance is null ? null : Instance(instance),
            ["checks"] = instance is null ? new JsonArray() : Checks(await checks.ListAsync(instance.Id, cancellationToken).ConfigureAwait(false)),
            ["orphans"] = Orphans(view),
            ["previousAttempts"] = new JsonArray([.. previous.Select(Previous)]),
        };

        var words = new SecretWords(Opened([attempt, .. previous], account, app, instance).Distinct().Select(secret => (secret, Mask)));
        var clean = Scrub(bundle, words)!;

        db.Note(
            actor, now, ActivityAction.SupportBundleDownloaded, view.Title, instanceId: instance?.Id, accountId: account?.Id,
            detail: texts["Bundle.Detail", attempt.Id]);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        return new SupportFile($"adminportal-attempt-{attempt.Id}.json", Encoding.UTF8.GetBytes(clean.ToJsonString(Readable)));
    }

    private JsonObject Portal(string? database) => new()
    {
        ["version"] = typeof(SupportBundle).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
        ["runtime"] = RuntimeInformation.FrameworkDescription,
        ["operatingSystem"] = RuntimeInformation.OSDescription,
        ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
        ["publicBaseUrl"] = addresses.PublicBaseUrl,
        ["database"] = database,
    };

    private static JsonObject Attempt(AttemptView view, ProvisioningAttempt attempt) => new()
    {
        ["id"] = view.Id,
        ["kind"] = view.IsReauthentication ? "reauthenticate" : "create",
        ["state"] = view.State.ToString(),
        ["unreadable"] = view.IsUnreadable ? true : null,
        ["element"] = attempt.ElementKey,
        ["elementName"] = view.ElementName,
        ["name"] = view.Name,
        ["tags"] = Strings(view.Tags),
        ["portalTag"] = view.PortalTag,
        ["platformAccount"] = new JsonObject { ["id"] = view.PlatformAccountId, ["name"] = view.AccountName, ["baseUrl"] = view.AccountBaseUrl },
        ["providerApp"] = new JsonObject { ["id"] = view.ProviderAppId, ["name"] = view.ProviderAppName, ["clientId"] = view.ClientId },
        ["configuration"] = Configuration(view),
        ["storedSecrets"] = Strings(view.StoredSecrets.Order(StringComparer.Ordinal)),
        ["events"] = Events(view.Events),
        ["callbackUrl"] = attempt.CallbackUrl,
        ["expectedServer"] = view.ExpectedServer,
        ["consentedServer"] = view.ConsentedServer,
        ["targetInstance"] = view.TargetInstanceId,
        ["replacesInstance"] = view.ReplacesInstanceId,
        ["platformInstanceId"] = view.PlatformInstanceId,
        ["tries"] = view.Tries,
        ["searches"] = view.Searches,
        ["searchedPages"] = view.SearchedPages,
        ["searchedInstances"] = view.SearchedInstances,
        ["createdAt"] = Time(view.CreatedAt),
        ["updatedAt"] = Time(view.UpdatedAt),
        ["consentStartedAt"] = Time(view.ConsentStartedAt),
        ["consentExpiresAt"] = Time(view.ConsentExpiresAt),
        ["codeReceivedAt"] = Time(attempt.CodeReceivedAt),
        ["codeGoodUntil"] = Time(view.CodeGoodUntil),
        ["sentAt"] = Time(view.SentAt),
        ["nextAt"] = Time(view.NextAt),
        ["searchUntil"] = Time(view.SearchUntil),
        ["completedAt"] = Time(view.CompletedAt),
        ["verifiedAt"] = Time(view.VerifiedAt),
    };

    // A value is readable only where the catalog says that it is no secret.
    private static JsonObject Configuration(AttemptView view)
    {
        var configuration = new JsonObject();
        foreach (var (key, value) in view.Configuration.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            configuration[key] = view.Element?.Field(key) is { Secret: false } ? value : Mask;
        return configuration;
    }

    private static JsonObject? Events(EventSettings? events) => events is null
        ? null
        : new JsonObject
        {
            ["enabled"] = events.Enabled,
            ["callbackUrl"] = Address(events.CallbackUrl),
            ["minutes"] = events.Minutes,
            ["resources"] = Strings(events.Resources),
            ["ownPollerConfiguration"] = events.PollerConfiguration.Length > 0,
        };

    private static JsonObject? Ending(AttemptEnding? ending) => ending is null
        ? null
        : new JsonObject
        {
            ["reason"] = ending.Reason.ToString(),
            ["status"] = ending.Status,
            ["message"] = Said(ending.Message),
            ["providerMessage"] = Said(ending.ProviderMessage),
            ["requestId"] = ending.RequestId,
        };

    private static JsonObject Timeline(AttemptView view)
    {
        var timeline = AttemptTimeline.Of(view);
        return new JsonObject
        {
            ["totalMilliseconds"] = (long)timeline.Total.TotalMilliseconds,
            ["sinceAuthorizeMilliseconds"] = (long?)timeline.SinceAuthorize?.TotalMilliseconds,
            ["steps"] = new JsonArray([.. timeline.Steps.Select(step => new JsonObject
            {
                ["step"] = step.Kind.ToString(),
                ["event"] = step.Event.ToString(),
                ["state"] = step.State.ToString(),
                ["startedAt"] = Time(step.StartedAt),
                ["milliseconds"] = (long?)step.Duration?.TotalMilliseconds,
                ["open"] = step.IsOpen ? true : null,
                ["detail"] = step.Detail,
                ["requestId"] = step.RequestId,
                ["sent"] = Sent(step.Sent, view.Element),
                ["received"] = Received(step.Received),
            })]),
        };
    }

    /// <summary>A request's body, once more by a list of what may be in it: what is stored was made for the eyes of those who may sign in.</summary>
    private static JsonNode? Sent(string? payload, ElementDefinition? element)
    {
        if (payload is null) return null;
        if (Parse(payload) is not { } body) return JsonValue.Create(Mask);
        var told = Pick(body, "name", "tags");
        told["element"] = body["element"] is JsonObject named ? Pick(named, "key") : null;
        told["providerData"] = body["providerData"] is null ? null : JsonValue.Create(Mask);
        var configuration = new JsonObject();
        foreach (var (key, value) in body["configuration"] as JsonObject ?? []) configuration[key] = Sent(key, value, element);
        told["configuration"] = configuration;
        return told;
    }

    private static JsonNode? Sent(string key, JsonNode? value, ElementDefinition? element) => key switch
    {
        "oauth.callback.url" or "oauth.api.key" or EventConfiguration.Enabled or EventConfiguration.Minutes or "event.vendor.type" => value?.DeepClone(),
        EventConfiguration.CallbackUrl => Address(value is JsonValue text && text.TryGetValue<string>(out var address) ? address : null),
        _ when element?.Field(key) is { Secret: false } || element?.FixedConfiguration.ContainsKey(key) == true => value?.DeepClone(),
        _ => value is null ? null : JsonValue.Create(Mask),
    };

    private static JsonNode? Received(string? payload)
    {
        if (payload is null) return null;
        if (Parse(payload) is not { } answer) return JsonValue.Create(Mask);
        var told = Pick(answer, "id", "name", "element", "tags", "valid", "disabled", "createdDate", "status", "retryAfterSeconds", "noClearAnswer", "notSent");
        foreach (var field in new[] { "message", "providerMessage" })
        {
            if (answer[field] is JsonValue said && said.TryGetValue<string>(out var message)) told[field] = Said(message);
        }

        if (answer["token"] is not null) told["token"] = Mask;
        return told;
    }

    private static JsonObject Instance(ElementInstance instance) => new()
    {
        ["id"] = instance.Id,
        ["platformId"] = instance.PlatformId,
        ["name"] = instance.Name,
        ["element"] = instance.ElementKey,
        ["accountServer"] = instance.AccountServer,
        ["state"] = instance.State.ToString(),
        ["attention"] = instance.Attention?.ToString(),
        ["attentionMessage"] = Said(instance.AttentionMessage),
        ["hasLegacyKey"] = instance.HasLegacyKey,
        ["createdAt"] = Time(instance.CreatedAt),
        ["lastCheckedAt"] = Time(instance.LastCheckedAt),
        ["refreshedAt"] = Time(instance.RefreshedAt),
    };

    private static JsonArray Checks(IReadOnlyList<InstanceCheck> checks) => new([.. checks.Select(check => new JsonObject
    {
        ["at"] = Time(check.At),
        ["outcome"] = check.Outcome.ToString(),
        ["milliseconds"] = check.Milliseconds,
        ["message"] = Said(check.Message),
        ["requestId"] = check.RequestId,
        ["scheduled"] = check.Scheduled,
    })]);

    private static JsonArray Orphans(AttemptView view) => new([.. view.Orphans.Select(orphan => new JsonObject
    {
        ["platformId"] = orphan.PlatformId,
        ["name"] = orphan.Name,
        ["foundAt"] = Time(orphan.FoundAt),
        ["removedAt"] = Time(orphan.RemovedAt),
    })]);

    private static JsonObject Previous(ProvisioningAttempt attempt) => new()
    {
        ["id"] = attempt.Id,
        ["state"] = attempt.State.ToString(),
        ["createdAt"] = Time(attempt.CreatedAt),
        ["completedAt"] = Time(attempt.CompletedAt),
        ["ending"] = Ending(attempt.Ending),
    };

    private static async Task<List<ProvisioningAttempt>> PreviousAsync(PortalDb db, ProvisioningAttempt attempt, CancellationToken cancellationToken)
    {
        var previous = new List<ProvisioningAttempt>();
        var next = attempt.PreviousAttemptId;
        while (next is { } id && previous.Count < MaxPrevious)
        {
            var row = await db.Attempts.AsNoTracking().SingleOrDefaultAsync(other => other.Id == id, cancellationToken).ConfigureAwait(false);
            if (row is null) break;
            previous.Add(row);
            next = row.PreviousAttemptId;
        }

        return previous;
    }

    /// <summary>Every secret that has to do with the attempt and can be opened.</summary>
    private IEnumerable<string> Opened(IEnumerable<ProvisioningAttempt> all, PlatformAccount? account, ProviderApp? app, ElementInstance? instance)
    {
        var found = new List<Secret?> { account?.UserSecretOf, account?.OrganizationSecretOf, app?.ClientSecretOf, instance?.TokenOf };
        foreach (var attempt in all)
        {
            found.Add(attempt.CodeOf);
            found.Add(attempt.OAuthUrlOf);
            found.AddRange(attempt.SealedConfiguration.Keys.Select(attempt.SealedConfigurationOf));
        }

        var origin = SecretOrigin.Find(account?.BaseUrl);
        foreach (var secret in found.OfType<Secret>())
        {
            // The client secret has a copy for nowhere, which is the one to look for.
            var destination = secret.Kind.IsSent() && secret.Kind != SecretKind.ClientSecret ? origin : SecretOrigin.Nowhere;
            if (destination is null || Open(secret, destination) is not { Length: >= MinSecretLength } value) continue;
            yield return value;
            // The address as a whole is not what anybody repeats; its one-time value is.
            if (secret.Kind == SecretKind.OAuthUrl && StateOf().Match(value) is { Success: true } state) yield return state.Groups[1].Value;
        }
    }

    private string? Open(Secret secret, SecretOrigin destination)
    {
        try
        {
            return secrets.Open(secret, destination);
        }
        catch (SecretUnreadableException)
        {
            // What the portal cannot read it cannot look for; the words that look like a secret are taken out all the same.
            return null;
        }
    }

    /// <summary>What somebody else wrote, without the words in it that may be a secret which the portal does not hold any more.</summary>
    private static string? Said(string? text) => text is null ? null : LongWord().Replace(text, word => word.Value.Any(char.IsAsciiDigit) && word.Value.Any(char.IsAsciiLetter) ? Mask : word.Value);

    // An address may carry a credential of its own: in its query, and as a part of its path.
    private static string? Address(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) : null;

    private static JsonObject? Parse(string payload)
    {
        try
        {
            return JsonNode.Parse(payload) as JsonObject;
        }
        catch (JsonException)
        {
            // Cut off at its longest.
            return null;
        }
    }

    private static JsonObject Pick(JsonObject from, params ReadOnlySpan<string> fields)
    {
        var picked = new JsonObject();
        foreach (var field in fields)
        {
            if (from[field] is { } value) picked[field] = value.DeepClone();
        }

        return picked;
    }

    /// <summary>The same without empty fields, and without the secrets in any text.</summary>
    private static JsonNode? Scrub(JsonNode? node, SecretWords words) => node switch
    {
        JsonObject fields => new JsonObject(fields.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Key, Scrub(field.Value, words)))),
        JsonArray items => new JsonArray([.. items.Select(item => Scrub(item, words))]),
        JsonValue value when value.TryGetValue<string>(out var text) => JsonValue.Create(words.Clean(text)),
        _ => node?.DeepClone(),
    };

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);

    private static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    // As codes, tokens, keys and secrets look: long, without blanks, letters and digits mixed.
    [GeneratedRegex(@"[A-Za-z0-9+/=_~-]{16,}")]
    private static partial Regex LongWord();

    [GeneratedRegex(@"[?&]state=([^&#]+)")]
    private static partial Regex StateOf();
}

/// <summary>A support bundle, ready to be handed out.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Content">UTF-8 JSON.</param>
public sealed record SupportFile(string Name, ReadOnlyMemory<byte> Content);
