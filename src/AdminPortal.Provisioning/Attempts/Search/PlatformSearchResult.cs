using AdminPortal.Platform;

namespace AdminPortal.Provisioning.Attempts.Search;

/// <summary>What a search of the platform has found.</summary>
/// <param name="Found">The instances with the attempt's tag, by the platform's id.</param>
/// <param name="Complete">Whether everything was read; if not, what was not found may exist all the same.</param>
/// <param name="RequestId">The platform's id of the last request.</param>
internal sealed record PlatformSearchResult(IReadOnlyList<PlatformInstance> Found, bool Complete, string? RequestId)
{
    public static PlatformSearchResult Nothing { get; } = new([], Complete: true, null);

    /// <summary>The oldest one that can be adopted: without its token it cannot.</summary>
    public PlatformInstance? Adoptable => Found.FirstOrDefault(row => !string.IsNullOrEmpty(row.Token));
}
