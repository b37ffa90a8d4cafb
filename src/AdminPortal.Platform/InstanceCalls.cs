using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Secrets;

namespace AdminPortal.Platform;

/// <summary>What <c>PUT /instances/{id}</c> is sent to authorize an instance anew (platform contract, section 5.4).</summary>
/// <param name="ElementKey">The instance's element.</param>
/// <param name="Name">Its name, as it stays.</param>
/// <param name="CallbackUrl">The callback URL, byte for byte as it was sent for the OAuth URL.</param>
/// <param name="ProviderApp">The OAuth client.</param>
/// <param name="Code">The one-time code.</param>
/// <param name="Configuration">Plain configuration values to send along; what is masked on the platform is not among them.</param>
/// <param name="SecretConfiguration">Secret values that a person entered anew.</param>
public sealed record Reauthentication(
    string ElementKey,
    string Name,
    string CallbackUrl,
    ProviderAppCredentials ProviderApp,
    Secret Code,
    IReadOnlyDictionary<string, string> Configuration,
    IReadOnlyDictionary<string, Secret> SecretConfiguration)
{
    /// <summary>
    /// All tags as the platform has them now, the portal's own among them: a <c>PUT</c> that replaces the whole instance
    /// would otherwise take them away (platform contract, traps 4 and 17). Null where the platform did not tell them.
    /// </summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>When the body may be sent at the latest; null for a request that no process has claimed.</summary>
    public SendDeadline? Deadline { get; init; }

    /// <summary>Never prints the configuration.</summary>
    public override string ToString() => $"Reauthentication {ElementKey}";
}

/// <summary>The answer to a ping; <paramref name="IsValid"/> is told by newer platforms alone (platform contract, trap 24).</summary>
public sealed record PlatformPong(bool? IsValid);

/// <summary>One configuration entry of an instance (platform contract, section 5.6).</summary>
/// <param name="Id">The entry's id, by which it is changed.</param>
/// <param name="Key">Its key.</param>
/// <param name="Name">Its name on the platform's console.</param>
/// <param name="Value">Its value as text; eight asterisks stand for a secret.</param>
/// <param name="Type">One of <c>TEXTFIELD_32|64|128|1000, TEXTAREA, BOOLEAN, BOOLEAN_YESNO, PASSWORD, COMBO, CODE_EDITOR</c>, or something newer.</param>
/// <param name="Required">Whether it must not be empty.</param>
/// <param name="Hidden">Whether the platform's console hides it.</param>
/// <param name="Description">What it is for.</param>
public sealed record InstanceConfigurationEntry(
    long Id, string Key, string? Name, string? Value, string? Type, bool Required, bool Hidden, string? Description)
{
    /// <summary>How the platform shows a secret.</summary>
    public const string Mask = "********";

    /// <summary>Whether the value is a secret that the platform does not show.</summary>
    public bool IsMasked => Value == Mask;

    /// <summary>Never prints the value.</summary>
    public override string ToString() => $"InstanceConfigurationEntry {Key}";
}

/// <summary>A person's request to an instance.</summary>
/// <param name="Method"><c>GET, HEAD, POST, PUT, PATCH or DELETE</c>.</param>
/// <param name="PathAndQuery">What follows <c>/elements/api-v2</c>, with a leading slash, already escaped.</param>
/// <param name="Body">JSON, or null.</param>
public sealed record InstanceRequest(string Method, string PathAndQuery, string? Body)
{
    /// <summary>Headers beside the client's own; an <c>Accept</c> takes the place of the client's.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Never prints what is sent.</summary>
    public override string ToString() => $"InstanceRequest {Method}";
}

/// <summary>What came back.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Headers">The headers, one by one; cookies are left out.</param>
/// <param name="Body">The body as text, at most <see cref="MaxBodyLength"/> characters.</param>
/// <param name="Truncated">Whether there was more of it.</param>
/// <param name="Duration">From sending to the last byte.</param>
/// <param name="RequestId">The platform's request id.</param>
public sealed record InstanceResponse(
    int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, string Body, bool Truncated, TimeSpan Duration, string? RequestId)
{
    /// <summary>The longest body that is kept, in characters.</summary>
    public const int MaxBodyLength = 200_000;
}
