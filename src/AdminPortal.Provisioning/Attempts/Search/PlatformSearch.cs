using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Attempts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Background;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Attempts.Search;

/// <summary>Searches the platform for the instances with an attempt's tag.</summary>
internal sealed class PlatformSearch(IDbContextFactory<PortalDb> databases, IElementsPlatform platform, ChangeFeed feed)
{
    /// <summary>Reads the platform's instances to the last page and picks those with the attempt's tag, the oldest first.</summary>
    /// <param name="account">Where to look.</param>
    /// <param name="attempt">Whose tag to look for; how far the look has come is written to its row for the pages that show it.</param>
    /// <param name="everything">Whether all instances are read; otherwise the platform is asked for the tag.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    public async Task<PlatformSearchResult> FindAsync(PlatformAccount account, ProvisioningAttempt attempt, bool everything, CancellationToken cancellationToken)
    {
        string? page = null;
        string? requestId;
        var (pages, instances) = (0, 0);
        var cursors = new HashSet<string>(StringComparer.Ordinal);
        var found = new SortedDictionary<long, PlatformInstance>();
        do
        {
            var outcome = await platform.ListAsync(account, everything ? null : attempt.PortalTag, page, cancellationToken).ConfigureAwait(false);
            if (outcome is not PlatformOutcome<PlatformInstancePage>.Success success) return new PlatformSearchResult([.. found.Values], Complete: false, outcome.RequestIdOrNull);
            requestId = success.RequestId;
            foreach (var instance in success.Value.Instances.Where(instance => instance.Tags?.Contains(attempt.PortalTag) == true)) found[instance.Id] = instance;
            await NoteProgressAsync(attempt.Id, ++pages, instances += success.Value.Instances.Count, cancellationToken).ConfigureAwait(false);
            page = success.Value.NextPage;
            // A cursor that repeats itself would never end and never prove anything.
            if (page is not null && !cursors.Add(page)) return new PlatformSearchResult([.. found.Values], Complete: false, requestId);
        }
        while (page is not null);
        return new PlatformSearchResult([.. found.Values], Complete: true, requestId);
    }

    // Beside the version: it is what the page shows meanwhile, and nothing is decided by it.
    private async Task NoteProgressAsync(Guid attemptId, int pages, int instances, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await db.Attempts.Where(row => row.Id == attemptId && row.State == AttemptState.Ambiguous)
            .ExecuteUpdateAsync(row => row.SetProperty(attempt => attempt.SearchedPages, pages).SetProperty(attempt => attempt.SearchedInstances, instances), cancellationToken)
            .ConfigureAwait(false);
        feed.Publish(ChangeTopic.Attempts, attemptId);
    }
}
