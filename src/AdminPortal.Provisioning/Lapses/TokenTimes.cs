using AdminPortal.Domain.Settings;

namespace AdminPortal.Provisioning.Lapses;

/// <summary>What is known of an instance's provider token, and what is estimated from it; the two are kept apart.</summary>
/// <param name="RefreshedAt">Known: when the platform refreshed it last (<c>oauth.user.refresh_time</c>); null where the platform does not tell.</param>
/// <param name="AccessTokenLifetime">Known: how long an access token holds (<c>oauth.user.refresh_interval</c>); null where the platform does not tell.</param>
/// <param name="LapsesAround">Estimated: when it lapses if nothing refreshes it; null without <paramref name="RefreshedAt"/>.</param>
/// <param name="IsOverdue">Whether <paramref name="LapsesAround"/> has passed.</param>
/// <param name="Lifetime">What was reckoned with: <see cref="PortalOptions.RefreshTokenLifetime"/>.</param>
public sealed record TokenTimes(DateTimeOffset? RefreshedAt, TimeSpan? AccessTokenLifetime, DateTimeOffset? LapsesAround, bool IsOverdue, TimeSpan Lifetime)
{
    /// <summary>Whether the platform told anything at all.</summary>
    public bool IsKnown => RefreshedAt is not null || AccessTokenLifetime is not null;
}
