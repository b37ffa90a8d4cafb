using AdminPortal.Domain.Attempts;
using AdminPortal.Provisioning.Attempts;

namespace AdminPortal.Features.Attempts;

/// <summary>Which part of the draft a refusal points to, as far as the platform's own words tell.</summary>
/// <param name="Kind">Its sentence is the resource <c>Hint.{Kind}</c>.</param>
/// <param name="Subject">What the sentence names, for example a configuration key.</param>
internal sealed record RefusalHint(RefusalHintKind Kind, string? Subject = null)
{
    /// <summary>The hint; null where the words tell nothing.</summary>
    public static RefusalHint? Find(AttemptView attempt)
    {
        if (attempt.Ending is not { Reason: EndingReason.Refused } ending) return null;
        if (ending.Status is 401) return new RefusalHint(RefusalHintKind.PlatformSecrets);

        var words = $"{ending.Message} {ending.ProviderMessage}";
        var named = (attempt.Element?.Fields ?? []).Select(field => field.Key).Where(Names).ToList();
        if (named.Count > 0) return new RefusalHint(RefusalHintKind.Field, string.Join(", ", named));
        if (Names("oauth.api.") || Names("client")) return new RefusalHint(RefusalHintKind.ProviderApp);
        return Names("code") || Names("invalid_grant") ? new RefusalHint(RefusalHintKind.Code) : null;

        bool Names(string word) => words.Contains(word, StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>The parts that a refusal can point to.</summary>
internal enum RefusalHintKind
{
    PlatformSecrets,
    Field,
    ProviderApp,
    Code,
}
