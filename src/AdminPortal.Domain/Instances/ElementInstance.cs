using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Text;

namespace AdminPortal.Domain.Instances;

/// <summary>An element instance: the platform's id and token, and what the portal knows of it.</summary>
public sealed class ElementInstance : IVersioned
{
    /// <summary>The longest <see cref="AttentionMessage"/>.</summary>
    public const int MaxMessageLength = 1000;

    private string _name = "";
    private List<string> _tags = [];
    private string? _accountServer;
    private readonly long _platformId;

    /// <summary>
    /// The portal's own running number: the last word in every order of the list, and what SQLite's text index knows a
    /// row by. It never leaves the portal; <see cref="Id"/> is the instance's name in addresses.
    /// </summary>
    public long Number { get; init; }

    public required Guid Id { get; init; }

    public required Guid PlatformAccountId { get; init; }

    /// <summary>The platform's id of the instance.</summary>
    public required long PlatformId
    {
        get => _platformId;
        init
        {
            _platformId = value;
            Describe();
        }
    }

    public required string ElementKey { get; init; }

    public required string Name
    {
        get => _name;
        set
        {
            _name = value;
            Describe();
        }
    }

    /// <summary><see cref="Name"/> folded for sorting; see <see cref="SearchText"/>.</summary>
    public string NameKey { get; private set; } = "";

    /// <summary>The person's tags; the portal's own tag is kept apart, in <see cref="PortalTag"/>.</summary>
    public required List<string> Tags
    {
        get => _tags;
        set
        {
            _tags = value;
            Describe();
        }
    }

    /// <summary>The tag by which the attempt that made this instance is known on the platform.</summary>
    public string? PortalTag { get; set; }

    /// <summary>The Infusionsoft tenant host: as given, or as the consent named it.</summary>
    public string? AccountServer
    {
        get => _accountServer;
        set
        {
            _accountServer = value;
            Describe();
        }
    }

    /// <summary><see cref="AccountServer"/> for sorting; empty where it is not known.</summary>
    public string ServerKey { get; private set; } = "";

    /// <summary>Everything that the list's search looks at, folded, one line each; see <see cref="InstanceSearchText"/>.</summary>
    public string SearchKey { get; private set; } = "";

    /// <summary>The element token: the credential for calls to this instance.</summary>
    public required Sealed Token { get; set; }

    public required InstanceState State { get; set; }

    /// <summary>Why it needs a person; null in the states that need none.</summary>
    public AttentionReason? Attention { get; set; }

    /// <summary>The platform's words to <see cref="Attention"/>, bounded; null where it had none.</summary>
    public string? AttentionMessage { get; set; }

    /// <summary>Whether its element or its configuration carries <c>infusionsoft.private.key</c>, which Keap has retired.</summary>
    public bool HasLegacyKey { get; set; }

    /// <summary>When the platform last refreshed the provider's token (<c>oauth.user.refresh_time</c>); null where it does not tell.</summary>
    public DateTimeOffset? RefreshedAt { get; set; }

    /// <summary>How long an access token holds, in seconds (<c>oauth.user.refresh_interval</c>); null where the platform does not tell.</summary>
    public long? RefreshIntervalSeconds { get; set; }

    /// <summary>The provider app that it was last authorized with; null where the portal does not know it.</summary>
    public Guid? ProviderAppId { get; set; }

    /// <summary>The attempt that created it.</summary>
    public Guid? AttemptId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the platform last told something about this instance.</summary>
    public required DateTimeOffset LastCheckedAt { get; set; }

    /// <summary>When the background's next check is due; null: as soon as its account is checked at all.</summary>
    public DateTimeOffset? CheckDueAt { get; set; }

    /// <summary>Until when the platform keeps a trace of its calls, as far as the portal switched that on.</summary>
    public DateTimeOffset? TraceUntil { get; set; }

    public int Version { get; set; }

    internal Secret TokenOf => new(SecretKind.InstanceToken, Id, Token);

    /// <summary>The keys of a row with these values: for statements that write many rows themselves.</summary>
    internal static (string NameKey, string ServerKey, string SearchKey) KeysOf(string name, IReadOnlyList<string> tags, string? accountServer, long platformId) =>
        (SearchText.Fold(name), accountServer?.ToLowerInvariant() ?? "", InstanceSearchText.Write(name, tags, accountServer, platformId));

    private void Describe() => (NameKey, ServerKey, SearchKey) = KeysOf(_name, _tags, _accountServer, _platformId);
}
