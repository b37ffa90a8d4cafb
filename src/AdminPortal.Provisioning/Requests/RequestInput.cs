using AdminPortal.Domain;

namespace AdminPortal.Provisioning.Requests;

/// <summary>What a person wants to send to an instance.</summary>
/// <param name="Operation">The operation that was chosen; null reads <paramref name="Address"/>.</param>
/// <param name="Values">What was entered, by <see cref="ApiParameter.Key"/>; an empty text counts as left out.</param>
/// <param name="Address">A path of the person's own, with its query, for <c>GET</c>.</param>
/// <param name="AllowWrites">Whether the person has allowed requests that change data.</param>
public sealed record RequestInput(ApiOperation? Operation, IReadOnlyDictionary<string, string> Values, string? Address, bool AllowWrites)
{
    /// <summary>What <see cref="Problem.Field"/> says of <see cref="Address"/>.</summary>
    public const string AddressField = nameof(Address);

    /// <summary>The longest body, in characters: it has to fit into one message of a circuit, whatever letters it is made of.</summary>
    public const int MaxBodyLength = 12_000;

    /// <summary>The longest value of any other parameter.</summary>
    public const int MaxValueLength = 2000;

    /// <summary>Never prints what was entered.</summary>
    public override string ToString() => $"RequestInput {Operation?.Key}";
}

/// <summary>What came back, as a person may see it: the portal's own secrets are replaced by words.</summary>
/// <param name="Method">The method that was sent.</param>
/// <param name="Path">The path that was sent, without its query.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Headers">The headers, one by one.</param>
/// <param name="Body">The body; JSON is indented.</param>
/// <param name="Truncated">Whether there was more of it.</param>
/// <param name="SecretsReplaced">Whether one of the portal's secrets stood in the answer.</param>
/// <param name="Duration">From sending to the last byte.</param>
/// <param name="RequestId">The platform's request id.</param>
/// <param name="Curl">The command that sends the same.</param>
public sealed record RequestAnswer(
    string Method, string Path, int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, string Body, bool Truncated, bool SecretsReplaced,
    TimeSpan Duration, string? RequestId, string Curl);
