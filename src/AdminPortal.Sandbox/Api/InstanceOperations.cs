using System.Globalization;
using System.Net;
using System.Text.Json;
using AdminPortal.Sandbox.Tenancy;
using static AdminPortal.Sandbox.Tenancy.ConfigurationKeys;

namespace AdminPortal.Sandbox.Api;

/// <summary>The rules by which instances come into being and change.</summary>
internal sealed class InstanceOperations(Tenant tenant, Identifiers identifiers, SandboxClock clock)
{
    private const int RefreshSeconds = 28_800;

    private const int FailuresUntilDisabled = 5;

    // What Keap's forum says of refresh tokens; another answer there says 180 days.
    private static readonly TimeSpan TokenLife = TimeSpan.FromDays(45);

    private static readonly ApiFailure CodeMissing =
        ApiFailure.BadRequest("You must provide an OAuth code in order to create an instance of this element");

    // The body of a refused code is documented nowhere; this is the platform's form for what a provider refused, around Keap's text.
    private static readonly ApiFailure CodeRefused = new(
        StatusCodes.Status400BadRequest,
        "Bad Request",
        """{"error":"invalid_grant","error_description":"Authorization code is invalid"}""");

    // The provider's text is Keap's; the platform's own beside it is documented nowhere.
    private static readonly ApiFailure TokenLapsed = new(
        StatusCodes.Status401Unauthorized,
        "The token of the element instance could not be refreshed",
        """{"error":"invalid_grant","error_description":"Invalid Refresh Token"}""");

    /// <param name="draft">What the body says.</param>
    /// <param name="elementInPath">Key or id from the path, which then takes the place of the body's.</param>
    /// <param name="appearsAt">From when on it is found; null for at once.</param>
    public (Instance? Instance, ApiFailure? Failure) Create(InstanceDraft draft, string? elementInPath, DateTimeOffset? appearsAt = null)
    {
        // Spent before anything else is looked at: a try that fails, for whatever reason, has used up its code.
        var code = string.IsNullOrWhiteSpace(draft.Code) ? null : tenant.SpendCode(draft.Code);

        var keyOrId = elementInPath ?? draft.Element;
        if (string.IsNullOrWhiteSpace(keyOrId))
            return (null, ApiFailure.BadRequest("element.key is required"));
        if (ElementCatalog.Find(keyOrId) is not { } element)
            return (null, ApiFailure.NoElement(keyOrId));
        if (string.IsNullOrEmpty(draft.Name))
            return (null, ApiFailure.BadRequest("name is required"));
        if (string.IsNullOrWhiteSpace(draft.Code))
            return (null, CodeMissing);

        var values = element.Fields.ToDictionary(field => field.Key, field => field.DefaultValue, StringComparer.Ordinal);
        Apply(values, draft.Configuration);
        if ((Missing(element, values) ?? Unusable(values)) is { } wrong)
            return (null, wrong);
        if (!Fits(code, values))
            return (null, CodeRefused);

        Authorize(values);
        var entries = Entries(values, []);
        var now = clock.GetUtcNow();
        var instance = tenant.Add(id => new Instance
        {
            Id = id,
            ElementKey = element.Key,
            Name = draft.Name,
            Token = identifiers.InstanceToken(),
            CreatedDate = now,
            UpdatedDate = now,

            // Without tags of its own an instance is tagged with its name.
            Tags = draft.Tags is { Count: > 0 } tags ? tags : [draft.Name],
            Configuration = entries,
            AppearsAt = appearsAt,
            AuthorizedBy = code,
            EventsSince = values.GetValueOrDefault(EventsEnabled) == "true" ? now : null,
        });
        return (instance, null);
    }

    /// <summary>Makes an instance a second time, as a platform does that carries one request out twice.</summary>
    public void Repeat(Instance instance)
    {
        var entries = Entries(Values(instance), []);
        tenant.Add(id => instance with { Id = id, Token = identifiers.InstanceToken(), Configuration = entries });
    }

    /// <summary>PUT and PATCH. With a code, the instance is authorized anew under the same id.</summary>
    /// <param name="id">The instance.</param>
    /// <param name="draft">What the body says; what it does not say stays.</param>
    /// <param name="codeRequired">The call asked for a new authorization in so many words.</param>
    public (Instance? Instance, ApiFailure? Failure) Update(long id, InstanceDraft draft, bool codeRequired)
    {
        var code = string.IsNullOrWhiteSpace(draft.Code) ? null : tenant.SpendCode(draft.Code);
        var authorizes = !string.IsNullOrWhiteSpace(draft.Code);
        if (tenant.Find(id) is not { } current)
            return (null, ApiFailure.NoInstance(id.ToString(CultureInfo.InvariantCulture)));

        var element = ElementCatalog.Find(current.ElementKey)!;
        if (draft.Element is not null && ElementCatalog.Find(draft.Element) != element)
            return (null, ApiFailure.BadRequest($"The instance belongs to the element {element.Key} and cannot be moved to another"));
        if (draft.Name is { Length: 0 })
            return (null, ApiFailure.BadRequest("name is required"));
        if (codeRequired && !authorizes)
            return (null, CodeMissing);

        var values = Values(current);
        Apply(values, draft.Configuration);
        if ((Missing(element, values) ?? Unusable(values)) is { } wrong)
            return (null, wrong);
        if (authorizes && !Fits(code, values))
            return (null, CodeRefused);

        var changed = tenant.Change(id, instance =>
        {
            // Once more on what is there now: another call may have come between.
            var merged = Values(instance);
            Apply(merged, draft.Configuration);
            if (authorizes)
                Authorize(merged);
            return WithValues(instance, merged) with
            {
                Name = draft.Name ?? instance.Name,
                Tags = draft.Tags ?? instance.Tags,

                // A new authorization makes a lapsed instance well. One that is disabled stays so until it is enabled.
                Valid = authorizes || instance.Valid,
                FailedRefreshes = authorizes ? 0 : instance.FailedRefreshes,

                AuthorizedBy = authorizes ? code : instance.AuthorizedBy,

                // Whether the platform keeps the token here is not documented. A new one finds the client that does not read it again.
                Token = authorizes ? identifiers.InstanceToken() : instance.Token,
            };
        });
        return changed is null ? (null, ApiFailure.NoInstance(id.ToString(CultureInfo.InvariantCulture))) : (changed, null);
    }

    /// <summary>
    /// Makes an instance without a consent, for a test. What a person would have typed is filled in where it is not given, and what
    /// the platform asks of a creation is not asked.
    /// </summary>
    public Instance CreateUnasked(ElementDefinition element, InstanceDraft draft)
    {
        var values = element.Fields.ToDictionary(field => field.Key, field => field.DefaultValue ?? StandIn(field), StringComparer.Ordinal);
        Apply(values, draft.Configuration);
        Authorize(values);
        var entries = Entries(values, []);
        var now = clock.GetUtcNow();
        return tenant.Add(id => new Instance
        {
            Id = id,
            ElementKey = element.Key,
            Name = draft.Name ?? element.Name,
            Token = identifiers.InstanceToken(),
            CreatedDate = now,
            UpdatedDate = now,
            Tags = draft.Tags is { Count: > 0 } tags ? tags : [draft.Name ?? element.Name],
            Configuration = entries,
            EventsSince = values.GetValueOrDefault(EventsEnabled) == "true" ? now : null,
        });
    }

    /// <summary>Sets configuration values, whatever they are.</summary>
    /// <returns>The instance after the change, and the very same one when every value is what it was.</returns>
    public Instance WithConfiguration(Instance instance, IReadOnlyDictionary<string, string?> given)
    {
        var before = Values(instance);
        var values = Values(instance);
        Apply(values, given);
        return values.Count == before.Count && values.All(value => before[value.Key] == value.Value) ? instance : WithValues(instance, values);
    }

    /// <summary>Sets configuration values by the keys of entries that the instance has.</summary>
    public (Instance? Instance, ApiFailure? Failure) SetValues(long id, IReadOnlyDictionary<string, string?> given)
    {
        if (Unusable(given) is { } unusable)
            return (null, unusable);
        var changed = tenant.Change(id, instance => WithConfiguration(instance, given));
        return changed is null ? (null, ApiFailure.NoInstance(id.ToString(CultureInfo.InvariantCulture))) : (changed, null);
    }

    /// <summary>Enables or disables. Enabled again, an instance has its five refreshes again.</summary>
    public Instance? SetDisabled(long id, bool disabled) =>
        tenant.Change(id, instance => instance with { Disabled = disabled, FailedRefreshes = disabled ? instance.FailedRefreshes : 0 });

    /// <summary>What a call to the provider comes to, before it is made.</summary>
    /// <returns>Null when the call can be made.</returns>
    public ApiFailure? RefuseCall(Instance instance)
    {
        if (instance.Disabled)
            return new ApiFailure(StatusCodes.Status403Forbidden, "The element instance is disabled");
        if (!Lapsed(instance))
            return null;

        // Said of the platform is that it disables an instance after five failed refreshes. That each call is one try, and that the
        // instance is not valid from then on, is our reading.
        tenant.Change(instance.Id, current => current.FailedRefreshes + 1 < FailuresUntilDisabled
            ? current with { FailedRefreshes = current.FailedRefreshes + 1 }
            : current with { FailedRefreshes = FailuresUntilDisabled, Disabled = true, Valid = false });
        return TokenLapsed;
    }

    private bool Lapsed(Instance instance) =>
        long.TryParse(instance.Value(RefreshTime), NumberStyles.None, CultureInfo.InvariantCulture, out var refreshed)
        && clock.GetUtcNow().ToUnixTimeMilliseconds() - refreshed > TokenLife.TotalMilliseconds;

    private static string? StandIn(ConfigurationField field) => field switch
    {
        { Required: false } => null,
        { Key: ApiKey } => "sandbox-client",
        { Key: CallbackUrl } => "https://portal.example.com/oauth/callback",
        { Key: Server } => "dt123.infusionsoft.com",
        _ => Masked,
    };

    // That it is refused is our guess; the documents give only the form that is right.
    private static ApiFailure? Unusable(IReadOnlyDictionary<string, string?> values) =>
        values.GetValueOrDefault(PollerConfiguration) is { } poller && !string.IsNullOrWhiteSpace(poller) && !IsJsonObject(poller)
            ? ApiFailure.BadRequest($"{PollerConfiguration} is not a valid JSON object")
            : null;

    private static bool IsJsonObject(string text)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text);
            return parsed.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private Instance WithValues(Instance instance, Dictionary<string, string?> values)
    {
        var events = values.GetValueOrDefault(EventsEnabled) == "true";
        return instance with
        {
            Configuration = Entries(values, instance.Configuration),
            EventsSince = events ? instance.EventsSince ?? clock.GetUtcNow() : null,
        };
    }

    private static Dictionary<string, string?> Values(Instance instance) =>
        instance.Configuration.ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);

    private static void Apply(Dictionary<string, string?> values, IReadOnlyDictionary<string, string?> given)
    {
        // Eight asterisks are what the API shows for a secret: sent back, they change nothing.
        foreach (var (key, value) in given.Where(entry => entry.Value != Masked))
            values[key] = IsForgotten(key) && !string.IsNullOrWhiteSpace(value) ? Masked : value;

        if (values.GetValueOrDefault(Server) is { Length: > 0 } server)
        {
            // The address follows from the server, which may be given in either documented form: with https:// and without.
            var host = server.Replace("https://", string.Empty, StringComparison.OrdinalIgnoreCase).TrimEnd('/');
            values[BaseUrl] = $"https://{WebUtility.UrlEncode(host)}/api/xmlrpc";
        }
    }

    private static ApiFailure? Missing(ElementDefinition element, Dictionary<string, string?> values)
    {
        var missing = element.Required
            .Where(field => string.IsNullOrWhiteSpace(values.GetValueOrDefault(field.Key)))
            .Select(field => field.Key)
            .ToArray();

        // The platform's own wording is not documented; that every missing entry is named is.
        return missing.Length == 0
            ? null
            : ApiFailure.BadRequest($"The following required configuration properties are missing: {string.Join(", ", missing)}");
    }

    private static bool Fits(IssuedCode? code, Dictionary<string, string?> values) =>
        code is not null && code.ClientId == values[ApiKey] && code.RedirectUri == values[CallbackUrl];

    private void Authorize(Dictionary<string, string?> values)
    {
        values[UserToken] = identifiers.ProviderToken();
        values[RefreshToken] = identifiers.ProviderToken();
        values[RefreshInterval] = RefreshSeconds.ToString(CultureInfo.InvariantCulture);
        values[RefreshTime] = clock.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
    }

    private List<ConfigurationEntry> Entries(Dictionary<string, string?> values, IReadOnlyList<ConfigurationEntry> before)
    {
        var ids = before.ToDictionary(entry => entry.Key, entry => entry.Id, StringComparer.Ordinal);
        return [.. values.Select(value => new ConfigurationEntry(
            ids.TryGetValue(value.Key, out var id) ? id : tenant.NextConfigurationId(), value.Key, value.Value))];
    }
}
