using AdminPortal.Domain.ApiTokens;

namespace AdminPortal.Provisioning.ApiTokens;

/// <summary>A call that may be sent twice.</summary>
/// <param name="TokenId">The token that it came with.</param>
/// <param name="Key">The sender's key.</param>
/// <param name="BodyHash">A hash of the body, keyed with the token's value: 32 bytes from which no secret in the body can be guessed.</param>
public sealed record ApiCall(Guid TokenId, string Key, byte[] BodyHash)
{
    /// <summary>Whether a text may be a key: 1 to <see cref="ApiReceipt.MaxKeyLength"/> letters, digits and <c>- _ . :</c>.</summary>
    public static bool IsKey(string? text) =>
        text is { Length: > 0 and <= ApiReceipt.MaxKeyLength } && text.All(one => char.IsAsciiLetterOrDigit(one) || one is '-' or '_' or '.' or ':');
}

/// <summary>What such a call is answered with.</summary>
/// <param name="Kind">How it came to be.</param>
/// <param name="AttemptId">The attempt.</param>
/// <param name="Status">The HTTP status; 0 where there is no answer.</param>
/// <param name="Body">The body; empty where there is no answer.</param>
public sealed record ApiAnswer(ApiAnswerKind Kind, Guid AttemptId, int Status, string Body);

/// <summary>How an <see cref="ApiAnswer"/> came to be.</summary>
public enum ApiAnswerKind
{
    /// <summary>It was done just now.</summary>
    New,

    /// <summary>It was done before, and this is the answer of that time.</summary>
    Repeated,

    /// <summary>The key was used before, with another body: nothing was done.</summary>
    OtherBody,
}
