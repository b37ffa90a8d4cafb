using AdminPortal.Domain;

namespace AdminPortal.Provisioning.Attempts.Consent;

/// <summary>Whether a person can be sent to the provider.</summary>
/// <param name="Url">Where to; null when the attempt does not wait for a consent (any more).</param>
/// <param name="AttemptExists">Whether there is such an attempt.</param>
public sealed record Departure(Uri? Url, bool AttemptExists)
{
    /// <summary>Why this person may not leave; null where the role allows it.</summary>
    public Problem? Refusal { get; init; }

    /// <summary>Whether the URL's host is not one of the account's sign-in hosts any more: the attempt has to be authorized again.</summary>
    public bool IsHostRemoved { get; init; }

    /// <summary>Never prints the address, which carries the state.</summary>
    public override string ToString() => nameof(Departure);
}
